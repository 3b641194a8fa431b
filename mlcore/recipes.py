"""Recipes: named rows of settings, each reproducing a published system."""

from dataclasses import dataclass

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError

DEFAULT_RECIPE = "smallervggnet"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named starting point; every number of its config can be changed.

    `plain` says what it is in words that need no knowledge of networks.
    """

    name: str
    title: str
    plain: str
    description: str
    config: TrainConfig


SMALLERVGGNET = Recipe(
    name="smallervggnet",
    title="SmallerVGGNet",
    plain="Small network, from scratch",
    description=(
        "Good with a few hundred pictures per label. Quick: the recipe of the "
        "clothes tutorial of 2018."
    ),
    config=TrainConfig(),
)

VGG16 = Recipe(
    name="vgg16",
    title="VGG16, fine-tuned",
    plain="Pretrained network",
    description=(
        "Better with few pictures: it has seen a million others before. Slower per "
        "epoch; needs a file of weights."
    ),
    config=TrainConfig(
        recipe="vgg16",
        network="vgg16",
        image_size_px=128,
        epochs=15,
        batch_size=128,
        learning_rate=1e-3,
        decay="none",
        rotation_deg=0.0,
        shift=0.0,
        shear_deg=0.0,
        zoom=0.0,
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

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (SMALLERVGGNET, VGG16)}


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`; ConfigError lists the names that exist."""
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise ConfigError(f"There is no recipe “{name}”. Recipes are: {known}.")
    return RECIPES[name]
