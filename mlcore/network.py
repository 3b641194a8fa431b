"""A network being trained: one step, one prediction, all variables as arrays."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mlcore import architectures
from mlcore.augmentation import augment
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels
from mlcore.epoch_scores import Answers, Floats
from mlcore.processor import has_bfloat16
from mlcore.weights import fetch_weights, load_into

Arrays = dict[str, npt.NDArray[Any]]


class Network:
    """Model, optimizer and compiled steps of one run.

    Everything random follows from the config's seed and the numbers passed in, so
    a resumed run repeats what an unbroken one would have done.
    """

    def __init__(self, config: TrainConfig, labels: int, output: str, steps: int):
        """`steps` is the number of training steps per epoch."""
        keras.utils.set_random_seed(config.seed)
        keras.config.set_dtype_policy(_policy(config))
        self.config = config
        self.output = output
        self.model = architectures.build(config, labels, steps * config.epochs)
        self.optimizer = _make_optimizer(config)
        self.optimizer.build(self.model.trainable_variables)
        size = config.image_size_px
        images = tf.TensorSpec((None, size, size, 3), tf.uint8)
        answers = tf.TensorSpec((None, labels), tf.int8)
        seed = tf.TensorSpec((2,), tf.int32)
        self._train = tf.function(self._train_step, [images, answers, seed])
        self._predict = tf.function(self._predict_step, [images])

    def load_pretrained(self) -> str | None:
        """Load ImageNet weights if the config asks; the file's name, else None."""
        if self.config.network != "vgg16" or not self.config.pretrained:
            return None
        path = fetch_weights(self.config)
        load_into(self.model, path)
        return path.name

    def start_epoch(self, epoch: int) -> None:
        """Reset the random state of dropout to that of `epoch`."""
        for at, layer in enumerate(self.model.layers):
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                generator.state.assign([self.config.seed, epoch * 1000 + at])

    def train(self, images: Pixels, y: Answers, epoch: int, step: int) -> Floats:
        """One optimizer step; the logits (n, L) of the training pass."""
        seed = np.array([self.config.seed, epoch * 1_000_000 + step], np.int32)
        return np.asarray(self._train(images, y, seed))

    def predict(self, images: Pixels) -> Floats:
        """Logits float32 (n, L) of uint8 pictures."""
        return np.asarray(self._predict(images))

    def weights(self) -> Arrays:
        """Copies of the model's weights by position."""
        return _to_arrays(self.model.weights)

    def set_weights(self, arrays: Arrays) -> None:
        """Put back what `weights` returned."""
        _assign(self.model.weights, arrays)

    def optimizer_state(self) -> Arrays:
        """Copies of the optimizer's variables by position."""
        return _to_arrays(self.optimizer.variables)

    def set_optimizer_state(self, arrays: Arrays) -> None:
        """Put back what `optimizer_state` returned."""
        _assign(self.optimizer.variables, arrays)

    def _train_step(self, images: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> Any:
        pictures = augment(tf.cast(images, tf.float32), self.config, seed)
        with tf.GradientTape() as tape:
            logits = self.model(pictures, training=True)
            loss = masked_loss(logits, y, self.output)
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return logits

    def _predict_step(self, images: tf.Tensor) -> Any:
        return self.model(tf.cast(images, tf.float32), training=False)


def masked_loss(logits: tf.Tensor, y: tf.Tensor, output: str) -> tf.Tensor:
    """Mean cross-entropy over known answers; unknown ones (-1) count nothing."""
    yes = tf.cast(y == 1, tf.float32)
    if output == "softmax":
        losses = tf.nn.softmax_cross_entropy_with_logits(yes, logits)
        return tf.reduce_mean(losses)
    known = tf.cast(y >= 0, tf.float32)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(yes, logits) * known
    return tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(known), 1.0)


def _policy(config: TrainConfig) -> str:
    if config.mixed_precision == "float32":
        return "float32"
    wants = config.mixed_precision == "bfloat16" or has_bfloat16()
    return "mixed_bfloat16" if wants else "float32"


def _make_optimizer(config: TrainConfig) -> keras.Optimizer:
    rate: Any = config.learning_rate
    if config.schedule == "inverse-time":
        # What `decay=lr / epochs` meant to the optimizers of 2018.
        rate = keras.optimizers.schedules.InverseTimeDecay(
            rate, decay_steps=1, decay_rate=config.learning_rate / config.epochs
        )
    kinds = {
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    return kinds[config.optimizer](rate)


def _to_arrays(variables: list[Any]) -> Arrays:
    return {f"v{at:04d}": np.array(value.numpy()) for at, value in enumerate(variables)}


def _assign(variables: list[Any], arrays: Arrays) -> None:
    if len(variables) != len(arrays):
        raise ValueError(f"{len(arrays)} arrays for {len(variables)} variables")
    for at, variable in enumerate(variables):
        variable.assign(arrays[f"v{at:04d}"])
