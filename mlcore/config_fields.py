"""The table of training settings: title, help and limits of every number.

The Train page draws its widgets from this table, the command line checks
`--set name=value` with it, and TrainConfig validates itself with it.
"""

from dataclasses import dataclass

from mlcore.errors import ConfigError

Value = int | float | bool | str | None


@dataclass(frozen=True, slots=True)
class Field:
    """One setting; `minimum` and `maximum` are inclusive, `kind` names the widget.

    `kind` is 'int', 'float', 'bool', 'choice', 'text' or 'file' (a path or None).
    """

    name: str
    title: str
    help: str
    kind: str
    group: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()


def _int(name: str, title: str, help: str, group: str, low: int, high: int) -> Field:
    return Field(name, title, help, "int", group, low, high, 1)


def _float(
    name: str, title: str, help: str, group: str, limits: tuple[float, float, float]
) -> Field:
    return Field(name, title, help, "float", group, *limits)


def _bool(name: str, title: str, help: str, group: str) -> Field:
    return Field(name, title, help, "bool", group)


def _choice(name: str, title: str, help: str, group: str, *choices: str) -> Field:
    return Field(name, title, help, "choice", group, choices=choices)


MONITORS = ("val_loss", "val_binary_accuracy", "val_exact_match", "val_f2")

BASICS = "Basics"
AUGMENTATION = "Augmentation"
NETWORK = "Network"
SPLIT = "Split"
MORE = "More"

FIELDS: tuple[Field, ...] = (
    _int("epochs", "Epochs", "How often every picture is shown.", BASICS, 1, 1000),
    _int(
        "batch_size",
        "Batch size",
        "Pictures per step; more needs more memory.",
        BASICS,
        1,
        1024,
    ),
    _int(
        "image_size_px",
        "Image size (px)",
        "Every picture is resized to this square; smaller is faster.",
        BASICS,
        8,
        512,
    ),
    _float(
        "learning_rate",
        "Learning rate",
        "Size of one step; lower it when the loss jumps about.",
        BASICS,
        (1e-7, 1.0, 1e-4),
    ),
    _choice(
        "decay",
        "Learning-rate decay",
        "inverse-time lowers the rate a little at every step.",
        BASICS,
        "none",
        "inverse-time",
    ),
    _choice(
        "optimizer",
        "Optimizer",
        "The rule that turns gradients into steps.",
        BASICS,
        "adam",
        "rmsprop",
        "sgd",
    ),
    _choice(
        "output",
        "Output",
        "auto: softmax when one exactly-one group holds all labels, else sigmoid.",
        BASICS,
        "auto",
        "sigmoid",
        "softmax",
    ),
    _float(
        "threshold",
        "Threshold",
        "A label counts as yes from this probability on.",
        BASICS,
        (0.01, 0.99, 0.01),
    ),
    _float(
        "rotation_deg",
        "Rotation (degrees)",
        "Turn each picture by up to this angle, either way.",
        AUGMENTATION,
        (0.0, 180.0, 1.0),
    ),
    _float(
        "shift",
        "Shift",
        "Move by up to this part of width and height.",
        AUGMENTATION,
        (0.0, 0.9, 0.05),
    ),
    _float(
        "shear_deg",
        "Shear (degrees)",
        "Slant by up to this angle; 0.2 is nearly nothing, as in the tutorial.",
        AUGMENTATION,
        (0.0, 80.0, 0.1),
    ),
    _float(
        "zoom",
        "Zoom",
        "Enlarge or shrink by up to this part.",
        AUGMENTATION,
        (0.0, 0.9, 0.05),
    ),
    _bool(
        "flip_horizontal",
        "Flip left-right",
        "Mirror half of the pictures.",
        AUGMENTATION,
    ),
    _bool(
        "flip_vertical",
        "Flip top-bottom",
        "Turn half of the pictures upside down; right for views from above.",
        AUGMENTATION,
    ),
    _bool(
        "rotate_90",
        "Quarter turns",
        "Turn by 0, 90, 180 or 270 degrees; right for views from above.",
        AUGMENTATION,
    ),
    _choice(
        "network",
        "Network",
        "smallervggnet learns from nothing, vgg16 from ImageNet features.",
        NETWORK,
        "smallervggnet",
        "vgg16",
    ),
    Field(
        "conv_blocks",
        "Convolution blocks",
        "smallervggnet only: filters per layer, blocks apart: 32 64,64 128,128.",
        "text",
        NETWORK,
    ),
    _int(
        "first_pool_px",
        "First pooling (px)",
        "smallervggnet only: the first block shrinks the picture by this.",
        NETWORK,
        1,
        4,
    ),
    _float(
        "conv_dropout",
        "Dropout after blocks",
        "Part of the features dropped after each block.",
        NETWORK,
        (0.0, 0.9, 0.05),
    ),
    _choice(
        "batchnorm_momentum",
        "Batch-norm momentum",
        "auto: 0.99, but 0.9 for short runs whose averages would not settle.",
        NETWORK,
        "auto",
        "0.9",
        "0.99",
    ),
    _int(
        "head_units",
        "Dense units",
        "Width of the layer before the answers.",
        NETWORK,
        1,
        4096,
    ),
    _float(
        "head_dropout",
        "Dropout before the answers",
        "Part of the dense layer dropped while training.",
        NETWORK,
        (0.0, 0.9, 0.05),
    ),
    _bool(
        "pretrained",
        "Start from ImageNet",
        "vgg16 only: load ImageNet weights first.",
        NETWORK,
    ),
    _int(
        "frozen_blocks",
        "Frozen blocks",
        "vgg16 only: the first blocks that do not train, of 5.",
        NETWORK,
        0,
        5,
    ),
    Field(
        "weights_file",
        "Weights file",
        "vgg16 only: an .h5 file; empty looks in the weights folder.",
        "file",
        NETWORK,
    ),
    _float(
        "validation_fraction",
        "Validation part",
        "Part of the pictures held out to judge each epoch.",
        SPLIT,
        (0.05, 0.5, 0.05),
    ),
    _float(
        "test_fraction",
        "Test part",
        "Part never looked at while training; 0 for none.",
        SPLIT,
        (0.0, 0.4, 0.05),
    ),
    _bool("keep_best", "Keep the best epoch", "Off keeps the last epoch.", MORE),
    _choice(
        "monitor",
        "Best epoch by",
        "The number that decides which epoch is best.",
        MORE,
        *MONITORS,
    ),
    _int(
        "patience",
        "Stop early after",
        "Epochs without a better one before it stops; 0 never stops early.",
        MORE,
        0,
        1000,
    ),
    _int(
        "seed",
        "Seed",
        "The same seed gives the same shuffles, turns and start.",
        MORE,
        0,
        2**31 - 1,
    ),
    _choice(
        "mixed_precision",
        "Arithmetic",
        "auto: bfloat16 where the processor has it, else float32.",
        MORE,
        "auto",
        "float32",
        "bfloat16",
    ),
)

FIELDS_BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}


def find_field(name: str) -> Field:
    """The field called `name`; ConfigError lists the names that exist."""
    if name not in FIELDS_BY_NAME:
        known = ", ".join(sorted(FIELDS_BY_NAME))
        raise ConfigError(f"There is no setting “{name}”. Settings are: {known}.")
    return FIELDS_BY_NAME[name]
