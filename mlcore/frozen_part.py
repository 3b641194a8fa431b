"""A network in two: frozen blocks that run once, and the rest that trains."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mlcore.architectures import cut_after, describe
from mlcore.augmentation import augment, is_wanted
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels
from mlcore.epoch_scores import Floats
from mlcore.frozen_blocks import Half

LARGEST = float(np.finfo(np.float16).max)
# Draws of training steps count from 1,000,000 up; these must be others.
DRAWS_BEFORE = -1


@dataclass(slots=True)
class FrozenPart:
    """Both halves of a network; they share its layers."""

    config: TrainConfig
    trunk: keras.Model
    tail: keras.Model
    _compute: Any = field(init=False)
    _predict: Any = field(init=False)

    def __post_init__(self) -> None:
        size = self.config.image_size_px
        images = tf.TensorSpec((None, size, size, 3), tf.uint8)
        seed = tf.TensorSpec((2,), tf.int32)
        is_changed = tf.TensorSpec((), tf.bool)
        self._compute = tf.function(self._compute_step, [images, seed, is_changed])
        self._predict = tf.function(self._predict_step, [self.spec])

    @classmethod
    def of(cls, model: keras.Model, config: TrainConfig) -> "FrozenPart | None":
        """Two halves where the settings ask for it, else None."""
        blocks = describe(config).frozen_blocks
        if not (blocks and config.cached_augmentations):
            return None
        return cls(config, *cut_after(model, blocks))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one picture's output."""
        return tuple(self.trunk.output.shape[1:])

    @property
    def spec(self) -> tf.TensorSpec:
        """What the second half is given."""
        return tf.TensorSpec((None, *self.shape), tf.float16)

    @property
    def variants(self) -> int:
        """Variants of a picture worth keeping: one where nothing changes it."""
        return self.config.cached_augmentations if is_wanted(self.config) else 1

    def digest(self) -> str:
        """Names the frozen weights."""
        found = hashlib.sha256()
        for weight in self.trunk.weights:
            found.update(weight.numpy().tobytes())
        return found.hexdigest()

    def compute(self, pictures: Pixels, draw: int) -> Half:
        """Outputs float16 of uint8 pictures, changed at random unless `draw` is 0."""
        seed = np.array([self.config.seed, DRAWS_BEFORE - draw], np.int32)
        return np.asarray(self._compute(pictures, seed, draw > 0))

    def predict(self, outputs: Half) -> Floats:
        """Logits float32 (n, L) of such outputs."""
        return np.asarray(self._predict(outputs))

    def _compute_step(
        self, images: tf.Tensor, seed: tf.Tensor, is_changed: tf.Tensor
    ) -> tf.Tensor:
        pictures = tf.cast(images, tf.float32)
        if is_wanted(self.config):
            changed = augment(pictures, self.config, seed)
            pictures = tf.where(is_changed, changed, pictures)
        outputs = self.trunk(pictures, training=False)
        clipped = tf.clip_by_value(tf.cast(outputs, tf.float32), -LARGEST, LARGEST)
        return tf.cast(clipped, tf.float16)

    def _predict_step(self, outputs: tf.Tensor) -> Any:
        return self.tail(tf.cast(outputs, tf.float32), training=False)
