"""Which processors a network trains on: all graphics processors there are, or none."""

import functools
import os
from collections.abc import Callable
from typing import Any

import tensorflow as tf


@functools.cache
def find_strategy() -> tf.distribute.Strategy:
    """One copy of the network a graphics processor; the usual way with one or none."""
    # Names such as GPU:1 or GPU:0 GPU:1: train on these and on no others.
    named = os.environ.get("UNSEEN_TRAIN_DEVICES", "").split()
    devices = named or [gpu.name for gpu in tf.config.list_logical_devices("GPU")]
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy(devices)
    if named:
        return tf.distribute.OneDeviceStrategy(named[0])
    return tf.distribute.get_strategy()


def train_in_parts(
    strategy: tf.distribute.Strategy,
    step: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Any],
    images: tf.Tensor,
    y: tf.Tensor,
    seed: tf.Tensor,
) -> Any:
    """Run `step` on a part of the batch per device; logits in order, all finite.

    A last batch may be smaller than the number of devices: parts may be empty.
    """
    count = strategy.num_replicas_in_sync

    def spread(make: Callable[[int], tf.Tensor]) -> Any:
        return strategy.experimental_distribute_values_from_function(
            lambda context: make(context.replica_id_in_sync_group)
        )

    def part_of(whole: tf.Tensor) -> Any:
        total = tf.shape(whole)[0]
        return spread(lambda at: whole[total * at // count : total * (at + 1) // count])

    # Each part of a batch is turned and shifted in its own way.
    seeds = spread(lambda at: seed + tf.constant([at * 7919, 0]))
    found = strategy.run(step, (part_of(images), part_of(y), seeds))
    logits, is_finite = map(strategy.experimental_local_results, found)
    return tf.concat(logits, axis=0), tf.reduce_all(is_finite)
