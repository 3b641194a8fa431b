"""TrainConfig: every number of a training run, frozen and self-validating."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from mlcore.config_fields import (
    FIELDS,
    FIELDS_BY_NAME,
    Field,
    Value,
    find_field,
    rename_old,
)
from mlcore.errors import ConfigError

__all__ = ["FIELDS", "FIELDS_BY_NAME", "Field", "TrainConfig", "parse_setting"]

# Below this many steps in total the tutorial's momentum of 0.99 leaves the moving
# averages near their start, and validation is noise.
SHORT_RUN_STEPS = 2000


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """What one run does; the defaults are the recipe `smallervggnet`.

    Invalid values raise ConfigError when the object is made, so a TrainConfig
    that exists can be trained.
    """

    recipe: str = "smallervggnet"
    network: str = "convnet"
    backbone: str = "efficientnet-lite0"
    feature_depths: str = "all"
    feature_head: str = "linear"
    regularisation: float = 0.0
    branches: str = "one"
    conv_blocks: str = "32 64,64 128,128"
    first_pool_px: int = 3
    padding: str = "same"
    batchnorm_momentum: str = "auto"
    conv_dropout: float = 0.25
    pooling: str = "flatten"
    flatten_dropout: float = 0.0
    head_units: int = 1024
    head_dropout: float = 0.5
    pretrained: bool = False
    frozen_blocks: int = 0
    cached_augmentations: int = 0
    weights_file: str | None = None
    epochs: int = 75
    batch_size: int = 32
    image_size_px: int = 96
    colour: str = "rgb"
    learning_rate: float = 1e-3
    schedule: str = "inverse-time"
    plateau_factor: float = 0.1
    plateau_patience: int = 10
    optimizer: str = "adam"
    weight_decay: float = 0.0
    momentum: float = 0.0
    loss: str = "auto"
    output: str = "auto"
    class_weights: str = "none"
    thresholds: str = "fixed"
    threshold: float = 0.5
    threshold_target: float = 0.9
    top_k: int = 2
    rotation_deg: float = 25.0
    shift: float = 0.1
    shear_deg: float = 0.2
    zoom: float = 0.2
    flip_horizontal: bool = True
    flip_vertical: bool = False
    rotate_90: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    validation_fraction: float = 0.2
    test_fraction: float = 0.0
    keep_best: bool = True
    monitor: str = "val_loss"
    beta: float = 2.0
    patience: int = 0
    seed: int = 42
    mixed_precision: str = "auto"
    tensorboard: bool = False

    def __post_init__(self) -> None:
        for field in FIELDS:
            value = _checked(field, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        _check_text("recipe", self.recipe)
        _check_split(self)
        _check_size(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainConfig":
        """The config that `as_json` wrote, now or in an earlier version.

        ConfigError for unknown names.
        """
        values = rename_old(values)
        for name in values:
            if name != "recipe":
                find_field(name)
        return cls(**values)

    def as_json(self) -> dict[str, Value]:
        """All settings as plain JSON values."""
        return dataclasses.asdict(self)

    def with_changes(self, **changes: Value) -> "TrainConfig":
        """A copy with these settings changed, validated again."""
        return TrainConfig.from_json({**self.as_json(), **changes})

    @property
    def has_branches(self) -> bool:
        """Whether colour and shape answer apart; without colour they cannot."""
        is_able = self.network == "convnet" and self.colour == "rgb"
        return is_able and self.branches == "two"

    def block_filters(self) -> tuple[tuple[int, ...], ...]:
        """`conv_blocks` as numbers: one tuple of filters per block."""
        return _parse_blocks(self.conv_blocks)

    def momentum_for(self, steps_total: int) -> float | None:
        """Batch-norm momentum for a run of that many steps; None for no batch norm."""
        if self.batchnorm_momentum == "none":
            return None
        if self.batchnorm_momentum != "auto":
            return float(self.batchnorm_momentum)
        return 0.99 if steps_total >= SHORT_RUN_STEPS else 0.9


def parse_setting(text: str) -> tuple[str, Value]:
    """`"epochs=20"` as `("epochs", 20)`, checked against the field's limits."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"“{text}” is not a setting; write name=value.")
    [(new_name, new_value)] = rename_old({name.strip(): value.strip()}).items()
    field = find_field(new_name)
    return field.name, _checked(field, _read_value(field, new_value))


_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "off": False, "0": False}


def _read_value(field: Field, text: str) -> Value:
    try:
        match field.kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return _BOOLEANS[text.casefold()]
            case "file":
                return text or None
            case _:
                return text
    except (ValueError, KeyError):
        raise _refusal(field, text) from None


def _checked(field: Field, value: Any) -> Value:
    """`value` in the field's own type, or ConfigError."""
    if field.kind in ("int", "float"):
        return _checked_number(field, value)
    fits = {
        "bool": isinstance(value, bool),
        "choice": value in field.choices,
        "text": isinstance(value, str) and 0 < len(value) <= 200,
        "file": value is None or isinstance(value, str),
    }
    if not fits[field.kind]:
        raise _refusal(field, value)
    checked: Value = (value or None) if field.kind == "file" else value
    return checked


def _checked_number(field: Field, value: Any) -> Value:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise _refusal(field, value)
    assert field.minimum is not None and field.maximum is not None
    if not field.minimum <= value <= field.maximum:
        raise _refusal(field, value)
    if field.kind == "float":
        return float(value)
    if value != int(value):
        raise _refusal(field, value)
    return int(value)


def _refusal(field: Field, value: Any) -> ConfigError:
    match field.kind:
        case "int":
            wanted = f"a whole number from {field.minimum:g} to {field.maximum:g}"
        case "float":
            wanted = f"a number from {field.minimum:g} to {field.maximum:g}"
        case "bool":
            wanted = "true or false"
        case "choice":
            wanted = f"one of {', '.join(field.choices)}"
        case "file":
            wanted = "the path of a file, or empty"
        case _:
            wanted = "a text of 1 to 200 characters"
    got = str(value)[:60]
    return ConfigError(f"{field.title} ({field.name}) must be {wanted}; got “{got}”.")


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 60:
        raise ConfigError(f"{name} must be a name of 1 to 60 characters.")


def _check_split(config: TrainConfig) -> None:
    held_out = config.validation_fraction + config.test_fraction
    if held_out > 0.8:
        raise ConfigError(
            f"Validation and test take {held_out:.0%} of the pictures; "
            "leave at least 20% to train on."
        )


def _check_size(config: TrainConfig) -> None:
    smallest = 32 if config.network != "convnet" else _smallest_size(config)
    if config.image_size_px < smallest:
        raise ConfigError(
            f"Images of {config.image_size_px} px are too small for this network; "
            f"it needs at least {smallest} px."
        )


def _smallest_size(config: TrainConfig) -> int:
    """The least picture that leaves one pixel after the last pooling."""
    size = 1
    for number, sizes in reversed(list(enumerate(config.block_filters()))):
        size *= 2 if number else config.first_pool_px
        # A convolution without a border loses a pixel on each side.
        size += 2 * len(sizes) if config.padding == "valid" else 0
    return size


def _parse_blocks(text: str) -> tuple[tuple[int, ...], ...]:
    try:
        blocks = tuple(
            tuple(int(filters) for filters in block.split(","))
            for block in text.split()
        )
    except ValueError:
        blocks = ()
    sizes = [filters for block in blocks for filters in block]
    if not sizes or len(sizes) > 30 or not all(1 <= size <= 1024 for size in sizes):
        raise ConfigError(
            f"Convolution blocks “{text[:60]}” cannot be read; write filters "
            "(1 to 1024) with commas inside a block and spaces between blocks, "
            "such as 32 64,64 128,128."
        )
    return blocks
