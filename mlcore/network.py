"""A network being trained: one step, one prediction, all variables as arrays."""

from typing import Any, NamedTuple

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mlcore.augmentation import augment
from mlcore.class_weights import LabelWeights, balance
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels
from mlcore.devices import find_strategy, train_in_parts
from mlcore.epoch_scores import Answers, Floats
from mlcore.errors import TrainingError
from mlcore.frozen_blocks import Half
from mlcore.frozen_part import FrozenPart
from mlcore.losses import divisor, summed_loss
from mlcore.optimizers import make_optimizer
from mlcore.processor import has_bfloat16
from mlcore.schedules import rate_at
from mlcore.two_branch_fusion import Fusion
from mlcore.two_branch_loss import branch_loss
from mlcore.two_branch_network import build_network
from mlcore.weights import fetch_weights, load_into

Arrays = dict[str, npt.NDArray[Any]]
Inputs = Pixels | Half


class Step(NamedTuple):
    """What a training step tells: logits (n, L), and whether its numbers are finite."""

    logits: Floats
    is_finite: bool


class Network:
    """Model, optimizer and compiled steps of one run.

    Everything random follows from the config's seed and the numbers passed in, so
    a resumed run repeats what an unbroken one would have done. With several graphics
    processors each takes a part of every batch.
    """

    def __init__(
        self,
        config: TrainConfig,
        labels: int,
        output: str,
        steps: int,
        train_answers: Answers | None = None,
        fusion: Fusion | None = None,
    ):
        """`steps` is the number of training steps per epoch.

        `train_answers` int8 (n, L) is what balanced class weights are taken from.
        With `fusion` the network has two branches beside the plain one.
        """
        keras.utils.set_random_seed(config.seed)
        keras.config.set_dtype_policy(_policy(config))
        self.config = config
        self.output = output
        self.steps = steps
        self.fusion = fusion
        self.cuts = 0
        self.label_weights: LabelWeights | None = None
        if config.class_weights == "balanced" and train_answers is not None:
            self.label_weights = balance(train_answers, output)
        self.strategy = find_strategy()
        with self.strategy.scope():
            plan = fusion.plan if fusion else None
            self.model = build_network(config, labels, steps * config.epochs, plan)
            self.optimizer = make_optimizer(config)
            self.optimizer.build(self.model.trainable_variables)
            self.frozen = FrozenPart.of(self.model, config)
        size = config.image_size_px
        images = tf.TensorSpec((None, size, size, 3), tf.uint8)
        inputs = self.frozen.spec if self.frozen else images
        answers = tf.TensorSpec((None, labels), tf.int8)
        seed = tf.TensorSpec((2,), tf.int32)
        part = tf.TensorSpec((), tf.float32)
        self._train = tf.function(self._train_all, [inputs, answers, seed, part])
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

    def rate(self, epoch: int, step: int) -> float:
        """The learning rate of that step (from 0) of that epoch (from 1)."""
        total = self.steps * self.config.epochs
        return rate_at(self.config, (epoch - 1) * self.steps + step, total, self.cuts)

    def train(self, inputs: Inputs, y: Answers, epoch: int, step: int) -> Step:
        """One optimizer step; what the training pass gave.

        `inputs` are uint8 pictures, or what their frozen blocks gave where `frozen`.
        """
        seed = np.array([self.config.seed, epoch * 1_000_000 + step], np.int32)
        self.optimizer.learning_rate.assign(self.rate(epoch, step))
        logits, is_finite = self._train(inputs, y, seed, divisor(y, self.output))
        return Step(self.fuse(np.asarray(logits)), bool(is_finite))

    def predict(self, inputs: Inputs) -> Floats:
        """Logits float32 (n, L) of uint8 pictures, or of their frozen outputs."""
        return self.fuse(self.predict_raw(inputs))

    def predict_raw(self, inputs: Inputs) -> Floats:
        """What the network gives; with two branches that is (n, 2L)."""
        if self.frozen and inputs.dtype == np.float16:
            return self.frozen.predict(inputs.astype(np.float16, copy=False))
        return np.asarray(self._predict(inputs))

    def fuse(self, raw: Floats) -> Floats:
        """Logits (n, L) of what `predict_raw` gave."""
        # Numbers that ran away are for the caller to find, not for probabilities.
        if self.fusion is None:
            return raw
        if not np.isfinite(raw).all():
            return raw[:, : raw.shape[1] // 2] * np.float32(np.nan)
        return self.fusion.logits(raw)

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

    def _train_all(
        self, images: tf.Tensor, y: tf.Tensor, seed: tf.Tensor, divided_by: tf.Tensor
    ) -> Any:
        def step(images: tf.Tensor, y: tf.Tensor, seed: tf.Tensor) -> Any:
            return self._train_step(images, y, seed, divided_by)

        if self.strategy.num_replicas_in_sync == 1:
            return step(images, y, seed)
        return train_in_parts(self.strategy, step, images, y, seed)

    def _train_step(
        self, images: tf.Tensor, y: tf.Tensor, seed: tf.Tensor, divided_by: tf.Tensor
    ) -> Any:
        network, inputs = self.model, tf.cast(images, tf.float32)
        if self.frozen:
            # Changed at random before the frozen blocks ran.
            network = self.frozen.tail
        else:
            inputs = augment(inputs, self.config, seed)
        with tf.GradientTape() as tape:
            logits = network(inputs, training=True)
            loss = self._loss(logits, y) / divided_by
        variables = self.model.trainable_variables
        gradients = tape.gradient(loss, variables)
        # Looked at before they are applied: later the guilty batch is not known.
        is_finite = tf.math.is_finite(loss + tf.linalg.global_norm(gradients))
        self.optimizer.apply(gradients, variables)
        return logits, is_finite

    def _loss(self, logits: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        """The loss of a batch before it is divided by `divisor`."""
        plain = logits[:, : y.shape[1]]
        kind, weights = self.config.loss, self.label_weights
        loss = summed_loss(plain, y, self.output, kind, weights)
        if self.fusion is not None:
            # They share nothing with the plain network: one sum trains both.
            loss += branch_loss(logits[:, y.shape[1] :], y, self.fusion.questions)
        return loss

    def _predict_step(self, images: tf.Tensor) -> Any:
        return self.model(tf.cast(images, tf.float32), training=False)


def _policy(config: TrainConfig) -> str:
    if config.mixed_precision == "float32":
        return "float32"
    wants = config.mixed_precision == "bfloat16" or has_bfloat16()
    return "mixed_bfloat16" if wants else "float32"


def _to_arrays(variables: list[Any]) -> Arrays:
    return {f"v{at:04d}": np.array(value.numpy()) for at, value in enumerate(variables)}


def _assign(variables: list[Any], arrays: Arrays) -> None:
    if len(variables) != len(arrays):
        raise TrainingError(
            f"The checkpoint holds {len(arrays)} arrays, this network has "
            f"{len(variables)}: it was written by another version. Start the run again."
        )
    for at, variable in enumerate(variables):
        variable.assign(arrays[f"v{at:04d}"])
