"""The optimizers a run may choose; their rate is set anew before every step."""

from typing import Any

import keras
import tensorflow as tf

from mlcore.config import TrainConfig


class _OnePass:
    """Adam by TensorFlow's fused operation: one pass over memory instead of twelve."""

    def update_step(
        self: Any, gradient: Any, variable: Any, learning_rate: Any
    ) -> None:
        """What Keras's `update_step` does, by the same formula."""
        at = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[at].value.handle,
            v=self._velocities[at].value.handle,
            beta1_power=tf.pow(tf.cast(self.beta_1, variable.dtype), step),
            beta2_power=tf.pow(tf.cast(self.beta_2, variable.dtype), step),
            lr=tf.cast(learning_rate, variable.dtype),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, variable.dtype),
        )


# Keras ships without types: its classes are Any to mypy.
class OnePassAdam(_OnePass, keras.optimizers.Adam):  # type: ignore[misc]
    pass


# Keras ships without types: its classes are Any to mypy.
class OnePassAdamW(_OnePass, keras.optimizers.AdamW):  # type: ignore[misc]
    pass


def make_optimizer(config: TrainConfig) -> keras.Optimizer:
    """The optimizer of `config`, with its rate as a variable."""
    optimizer = _MAKERS[config.optimizer](config)
    if config.weight_decay and config.optimizer in ("adamw", "sgd"):
        # Offsets and scales are not what makes a network overfit.
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _adam(config: TrainConfig) -> Any:
    return OnePassAdam(config.learning_rate)


def _adamw(config: TrainConfig) -> Any:
    return OnePassAdamW(config.learning_rate, weight_decay=config.weight_decay)


def _rmsprop(config: TrainConfig) -> Any:
    return keras.optimizers.RMSprop(config.learning_rate, momentum=config.momentum)


def _sgd(config: TrainConfig) -> Any:
    return keras.optimizers.SGD(
        config.learning_rate,
        momentum=config.momentum,
        weight_decay=config.weight_decay or None,
    )


_MAKERS = {"adam": _adam, "adamw": _adamw, "rmsprop": _rmsprop, "sgd": _sgd}
