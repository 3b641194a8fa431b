"""The choices of settings in words; the command line keeps the short ones."""

from __future__ import annotations

from collections.abc import Callable

from mlcore.backbones import BACKBONES

WORDS: dict[str, dict[str, str]] = {
    "network": {
        "convnet": "small, from nothing",
        "vgg16": "VGG16, fine-tuned",
        "features": "frozen, answers only",
    },
    "backbone": {name: backbone.title for name, backbone in BACKBONES.items()},
    "feature_depths": {"all": "early and late", "last": "the last only"},
    "feature_head": {
        "linear": "linear",
        "hidden": "one hidden layer",
        "joint": "combinations weighed",
    },
    "branches": {"one": "one for all", "two": "colour and shape apart"},
    "padding": {"same": "keep (same)", "valid": "cut (valid)"},
    "batchnorm_momentum": {"auto": "automatic", "none": "no batch norm"},
    "pooling": {"flatten": "everything (flatten)"},
    "colour": {"rgb": "colour", "gray": "gray"},
    "schedule": {
        "constant": "stays the same",
        "inverse-time": "inverse time",
        "one-cycle": "one cycle",
        "reduce-on-plateau": "reduce on plateau",
    },
    "optimizer": {
        "adam": "Adam",
        "adamw": "AdamW",
        "rmsprop": "RMSprop",
        "sgd": "SGD",
    },
    "loss": {"auto": "cross-entropy"},
    "output": {"auto": "automatic", "groups": "one of each group"},
    "class_weights": {"none": "as the others", "balanced": "balanced"},
    "thresholds": {
        "fixed": "one for all labels",
        "best-f1": "best F1, each label",
        "best-f2": "best F2, each label",
        "target-recall": "recall wanted",
        "target-precision": "precision wanted",
        "top-k": "strongest few labels",
    },
    "monitor": {
        "val_loss": "loss",
        "val_binary_accuracy": "binary accuracy",
        "val_exact_match": "exact match",
        "val_f_beta": "F-beta, per picture",
        "val_f_beta_micro": "F-beta, micro",
        "val_f_beta_macro": "F-beta, macro",
    },
    "mixed_precision": {"auto": "automatic"},
}


def choice_words(field_name: str) -> Callable[[str], str]:
    """Return what puts a choice of this setting into words."""
    known = WORDS.get(field_name, {})
    return lambda choice: known.get(choice, choice)
