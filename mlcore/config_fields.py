"""The table of training settings: title, help and limits of every number.

The Train page draws its widgets from this table, the command line checks
`--set name=value` with it, and TrainConfig validates itself with it.
"""

from typing import Any

from mlcore.config_kinds import Field, Value
from mlcore.config_network import AUGMENTATION, NETWORK
from mlcore.config_training import ANSWERS, BASICS, MORE, SPLIT
from mlcore.errors import ConfigError

__all__ = ["FIELDS", "FIELDS_BY_NAME", "Field", "Value", "find_field", "rename_old"]

FIELDS: tuple[Field, ...] = (
    *NETWORK,
    *BASICS,
    *ANSWERS,
    *AUGMENTATION,
    *SPLIT,
    *MORE,
)

FIELDS_BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}

# What runs of earlier versions wrote: (old name, new name).
OLD_NAMES = {"decay": "schedule"}
OLD_VALUES = {
    ("network", "smallervggnet"): "convnet",
    ("schedule", "none"): "constant",
    ("monitor", "val_f2"): "val_f_beta",
}


def find_field(name: str) -> Field:
    """The field called `name`; ConfigError lists the names that exist."""
    if name not in FIELDS_BY_NAME:
        known = ", ".join(sorted(FIELDS_BY_NAME))
        raise ConfigError(f"There is no setting “{name}”. Settings are: {known}.")
    return FIELDS_BY_NAME[name]


def rename_old(values: dict[str, Any]) -> dict[str, Any]:
    """Settings as an earlier version wrote them, in today's names and words."""
    renamed = {OLD_NAMES.get(name, name): value for name, value in values.items()}
    return {
        name: OLD_VALUES.get((name, value), value) if isinstance(value, str) else value
        for name, value in renamed.items()
    }
