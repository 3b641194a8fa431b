"""The optimizers a run may choose; their rate is set anew before every step."""

from typing import Any

import keras

from mlcore.config import TrainConfig


def make_optimizer(config: TrainConfig) -> keras.Optimizer:
    """The optimizer of `config`, with its rate as a variable."""
    optimizer = _MAKERS[config.optimizer](config)
    if config.weight_decay and config.optimizer in ("adamw", "sgd"):
        # Offsets and scales are not what makes a network overfit.
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _adam(config: TrainConfig) -> Any:
    return keras.optimizers.Adam(config.learning_rate)


def _adamw(config: TrainConfig) -> Any:
    return keras.optimizers.AdamW(
        config.learning_rate, weight_decay=config.weight_decay
    )


def _rmsprop(config: TrainConfig) -> Any:
    return keras.optimizers.RMSprop(config.learning_rate, momentum=config.momentum)


def _sgd(config: TrainConfig) -> Any:
    return keras.optimizers.SGD(
        config.learning_rate,
        momentum=config.momentum,
        weight_decay=config.weight_decay or None,
    )


_MAKERS = {"adam": _adam, "adamw": _adamw, "rmsprop": _rmsprop, "sgd": _sgd}
