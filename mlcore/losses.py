"""Losses in the graph: cross-entropy, focal, asymmetric; unknown answers count nothing.

`loss_figures` computes the same in numpy for what is written after an epoch.
"""

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mlcore.class_weights import LabelWeights
from mlcore.loss_figures import FOCUS, MARGIN, NEGATIVE_FOCUS


def summed_loss(
    logits: tf.Tensor,
    y: tf.Tensor,
    output: str,
    kind: str,
    weights: LabelWeights | None = None,
) -> tf.Tensor:
    """The loss of a batch before it is divided by `divisor`.

    `y` is int8 (n, L) of 1, 0 and -1. Asymmetric loss is one of yes/no questions:
    with softmax it is cross-entropy.
    """
    yes = tf.cast(y == 1, tf.float32)
    if output == "softmax":
        return tf.reduce_sum(_softmax_losses(logits, yes, kind, weights))
    losses = _SIGMOID_LOSSES[kind](logits, yes) * tf.cast(y >= 0, tf.float32)
    if weights is not None:
        losses *= tf.where(y == 1, _constant(weights.yes), _constant(weights.no))
    return tf.reduce_sum(losses)


def divisor(y: npt.NDArray[np.int8], output: str) -> np.float32:
    """By what a batch's summed loss is divided: its pictures or known answers."""
    count = len(y) if output == "softmax" else int((y >= 0).sum())
    return np.float32(max(1, count))


def _softmax_losses(
    logits: tf.Tensor, yes: tf.Tensor, kind: str, weights: LabelWeights | None
) -> tf.Tensor:
    # Several true labels share the target: softmax can only hand out 1 in all.
    target = tf.math.divide_no_nan(yes, tf.reduce_sum(yes, axis=1, keepdims=True))
    logs = tf.nn.log_softmax(logits)
    if kind == "focal":
        logs *= (1.0 - tf.exp(logs)) ** FOCUS
    if weights is not None:
        logs *= _constant(weights.yes)
    return -tf.reduce_sum(target * logs, axis=1)


def _cross_entropy(logits: tf.Tensor, yes: tf.Tensor) -> tf.Tensor:
    return tf.nn.sigmoid_cross_entropy_with_logits(yes, logits)


def _focal(logits: tf.Tensor, yes: tf.Tensor) -> tf.Tensor:
    # 1 - p of the right answer, without the rounding of 1 - sigmoid.
    wrong = tf.sigmoid(logits * (1.0 - 2.0 * yes))
    return wrong**FOCUS * _cross_entropy(logits, yes)


def _asymmetric(logits: tf.Tensor, yes: tf.Tensor) -> tf.Tensor:
    shifted = tf.maximum(tf.sigmoid(logits) - MARGIN, 0.0)
    easy = -(shifted**NEGATIVE_FOCUS) * tf.math.log1p(-shifted)
    return yes * tf.nn.softplus(-logits) + (1.0 - yes) * easy


def _constant(values: npt.NDArray[np.float32]) -> tf.Tensor:
    return tf.constant(values, tf.float32)


_SIGMOID_LOSSES = {"auto": _cross_entropy, "focal": _focal, "asymmetric": _asymmetric}
