"""Recipes: named rows of settings, published systems and our own."""

from dataclasses import dataclass

from mlcore.config import TrainConfig
from mlcore.config_kinds import Value
from mlcore.errors import ConfigError

DEFAULT_RECIPE = "quick"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named starting point; every number of its config can be changed.

    `plain` says what it is in words that need no knowledge of networks; `kind` is
    'ours', 'classic' (the numbers of a published tutorial) or 'saved' by a person.
    """

    name: str
    title: str
    plain: str
    description: str
    config: TrainConfig
    kind: str = "classic"


_STILL: dict[str, Value] = {
    "rotation_deg": 0.0,
    "shift": 0.0,
    "shear_deg": 0.0,
    "zoom": 0.0,
    "flip_horizontal": False,
}
_BARE: dict[str, Value] = {
    "batchnorm_momentum": "none",
    "conv_dropout": 0.0,
    "head_dropout": 0.0,
}


def _config(recipe: str, *parts: dict[str, Value], **settings: Value) -> TrainConfig:
    """The default settings, changed by `parts` and then by `settings`."""
    changes: dict[str, Value] = {"recipe": recipe}
    for part in parts:
        changes |= part
    return TrainConfig.from_json(changes | settings)


QUICK = Recipe(
    name="quick",
    title="Frozen EfficientNet-Lite0",
    plain="First model in seconds",
    description=(
        "A network that has seen a million photos looks at yours once; only the "
        "answers are learned. The best start for photos."
    ),
    config=_config(
        "quick",
        network="features",
        # Larger than many small photos are: their fine structure then meets the
        # depths that were trained on it.
        image_size_px=224,
        epochs=1,
        head_units=256,
        thresholds="best-f1",
    ),
    kind="ours",
)

COMPOSITIONAL = Recipe(
    name="compositional",
    title="EfficientNet-Lite0, combinations weighed",
    plain="Unseen combinations, in a minute",
    description=(
        "Right more often on combinations that no picture shows: each one you have is "
        "left out in turn, and what answers it best is kept."
    ),
    config=QUICK.config.with_changes(recipe="compositional", feature_head="joint"),
    kind="ours",
)

FAST = Recipe(
    name="fast",
    title="Slim VGG, one-cycle",
    plain="Small network, our schedule",
    description=(
        "Learns from your pictures alone in a few minutes: a slimmer relative of the "
        "clothes tutorial's network, with milder changes and a quicker schedule."
    ),
    config=_config(
        "fast",
        image_size_px=64,
        epochs=32,
        conv_blocks="16 32 64,64 128,128",
        first_pool_px=2,
        pooling="average",
        head_units=256,
        optimizer="adamw",
        weight_decay=0.01,
        learning_rate=3e-3,
        schedule="one-cycle",
        conv_dropout=0.0,
        head_dropout=0.3,
        batchnorm_momentum="0.9",
        output="groups",
        rotation_deg=10.0,
        zoom=0.15,
        thresholds="best-f1",
    ),
    kind="ours",
)

COMPOSITIONAL_SCRATCH = Recipe(
    name="compositional-scratch",
    title="Slim VGG beside two branches",
    plain="Unseen combinations, nothing pretrained",
    description=(
        "Learns from your pictures alone, and answers combinations that none of them "
        "shows: colour and shape are told apart, by branches that cannot see the other."
    ),
    config=FAST.config.with_changes(
        recipe="compositional-scratch",
        branches="two",
        epochs=24,
        # Shape must be known in any light.
        brightness=0.3,
        contrast=0.3,
    ),
    kind="ours",
)

DIGITS = Recipe(
    name="digits",
    title="Small gray VGG, one-cycle",
    plain="Digits and other small gray signs",
    description=(
        "Learns small gray pictures from nothing in a few minutes: three blocks, "
        "slight turns, shifts and zooms, never mirrored."
    ),
    config=_config(
        "digits",
        image_size_px=28,
        colour="gray",
        epochs=8,
        batch_size=128,
        conv_blocks="16 32,32 64,64",
        first_pool_px=2,
        head_units=128,
        learning_rate=4e-3,
        schedule="one-cycle",
        conv_dropout=0.0,
        head_dropout=0.3,
        batchnorm_momentum="0.9",
        rotation_deg=10.0,
        shift=0.08,
        shear_deg=0.0,
        zoom=0.1,
        flip_horizontal=False,
    ),
    kind="ours",
)

SMALLERVGGNET = Recipe(
    name="smallervggnet",
    title="SmallerVGGNet",
    plain="Clothes tutorial",
    description=(
        "Several labels on each photo, learned from nothing: colour and garment. "
        "Good with a few hundred pictures per label."
    ),
    config=TrainConfig(),
)

VGG16 = Recipe(
    name="vgg16",
    title="VGG16, fine-tuned",
    plain="Satellite tutorial",
    description=(
        "Many labels on pictures from above, starting from ImageNet; the last block "
        "is trained again. Needs a file of weights."
    ),
    config=_config(
        "vgg16",
        _STILL,
        network="vgg16",
        image_size_px=128,
        epochs=15,
        batch_size=128,
        schedule="constant",
        flip_horizontal=True,
        flip_vertical=True,
        rotate_90=True,
        conv_dropout=0.0,
        head_units=128,
        head_dropout=0.0,
        pretrained=True,
        frozen_blocks=4,
        validation_fraction=0.3,
    ),
)

CATSDOGS = Recipe(
    name="catsdogs",
    title="Four convolutions",
    plain="Cats and dogs tutorial",
    description=(
        "One of two labels from few photos: a plain network from nothing with strong "
        "augmentation."
    ),
    config=_config(
        "catsdogs",
        _BARE,
        image_size_px=150,
        first_pool_px=2,
        conv_blocks="32 64 128 128",
        padding="valid",
        flatten_dropout=0.5,
        head_units=512,
        epochs=64,
        optimizer="rmsprop",
        learning_rate=1e-4,
        schedule="constant",
        output="sigmoid",
        rotation_deg=40.0,
        shift=0.2,
        # ImageDataGenerator's shear of 0.2 is degrees, not a share.
        shear_deg=0.2,
        zoom=0.2,
    ),
)

MNIST = Recipe(
    name="mnist",
    title="One convolution, gray",
    plain="Digits tutorial",
    description=(
        "Small gray pictures: a digit, and “at least 5” beside it, so two labels can "
        "be true together."
    ),
    config=_config(
        "mnist",
        _STILL,
        _BARE,
        image_size_px=28,
        colour="gray",
        first_pool_px=2,
        conv_blocks="32",
        head_units=256,
        epochs=10,
        batch_size=64,
        schedule="constant",
        output="sigmoid",
    ),
)

APPAREL = Recipe(
    name="apparel",
    title="Small VGG, one class each",
    plain="Apparel tutorial",
    description=(
        "One class for every picture (a colour and a garment together), with a rate "
        "that falls when nothing gets better."
    ),
    config=_config(
        "apparel",
        image_size_px=64,
        conv_blocks="32 64,64 128,128",
        epochs=100,
        batch_size=64,
        learning_rate=7e-4,
        schedule="reduce-on-plateau",
        shear_deg=0.2,
    ),
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        QUICK,
        COMPOSITIONAL,
        FAST,
        COMPOSITIONAL_SCRATCH,
        DIGITS,
        SMALLERVGGNET,
        VGG16,
        CATSDOGS,
        MNIST,
        APPAREL,
    )
}


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`; ConfigError lists the names that exist."""
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise ConfigError(f"There is no recipe “{name}”. Recipes are: {known}.")
    return RECIPES[name]
