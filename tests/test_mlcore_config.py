"""Settings: the table of fields, their limits, and the two recipes."""

import dataclasses
import json

import pytest

from mlcore.config import FIELDS, TrainConfig, parse_setting
from mlcore.errors import ConfigError
from mlcore.recipes import RECIPES, Recipe, find_recipe


def test_every_setting_has_a_row_with_title_and_help() -> None:
    names = {field.name for field in dataclasses.fields(TrainConfig)} - {"recipe"}
    assert {field.name for field in FIELDS} == names
    assert len({field.title for field in FIELDS}) == len(FIELDS)
    for field in FIELDS:
        assert field.help.endswith("."), field.name
        assert field.kind != "choice" or len(field.choices) > 1


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_recipe_survives_json(recipe: Recipe) -> None:
    text = json.dumps(recipe.config.as_json())
    assert TrainConfig.from_json(json.loads(text)) == recipe.config
    assert recipe.config.recipe == recipe.name


def test_smallervggnet_has_the_numbers_of_the_tutorial() -> None:
    config = find_recipe("smallervggnet").config
    assert (config.image_size_px, config.epochs, config.batch_size) == (96, 75, 32)
    assert (config.optimizer, config.learning_rate) == ("adam", 1e-3)
    assert config.schedule == "inverse-time"
    assert config.block_filters() == ((32,), (64, 64), (128, 128))
    assert (config.head_units, config.conv_dropout, config.head_dropout) == (
        1024,
        0.25,
        0.5,
    )
    assert (config.rotation_deg, config.shift, config.shear_deg, config.zoom) == (
        25.0,
        0.1,
        0.2,
        0.2,
    )
    assert config.flip_horizontal and not config.flip_vertical
    # 1,734 training pictures: 55 steps an epoch, far from a short run.
    assert config.momentum_for(55 * 75) == 0.99


def test_vgg16_has_the_numbers_of_the_tutorial() -> None:
    config = find_recipe("vgg16").config
    assert (config.image_size_px, config.epochs, config.batch_size) == (128, 15, 128)
    assert (config.head_units, config.learning_rate, config.schedule) == (
        128,
        1e-3,
        "constant",
    )
    assert config.pretrained and config.frozen_blocks == 4 and config.keep_best
    assert config.flip_horizontal and config.flip_vertical and config.rotate_90


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 0}, "from 1 to 1000; got “0”"),
        ({"epochs": 2.5}, "whole number"),
        ({"epochs": True}, "whole number"),
        ({"learning_rate": float("nan")}, "number from"),
        ({"learning_rate": "fast"}, "number from"),
        ({"optimizer": "magic"}, "one of adam, adamw, rmsprop, sgd"),
        ({"flip_horizontal": "yes"}, "true or false"),
        ({"conv_blocks": "32 many"}, "cannot be read"),
        ({"conv_blocks": "9999"}, "cannot be read"),
        ({"image_size_px": 8}, "at least 12 px"),
        ({"network": "vgg16", "image_size_px": 31}, "at least 32 px"),
        ({"validation_fraction": 0.5, "test_fraction": 0.4}, "at least 20%"),
        ({"flavour": "red"}, "no setting “flavour”"),
    ],
)
def test_a_wrong_value_is_refused_in_words(changes, said) -> None:
    with pytest.raises(ConfigError, match=said):
        TrainConfig().with_changes(**changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epochs=20", ("epochs", 20)),
        (" learning_rate = 1e-4", ("learning_rate", 1e-4)),
        ("flip_vertical=yes", ("flip_vertical", True)),
        ("weights_file=", ("weights_file", None)),
        ("output=softmax", ("output", "softmax")),
    ],
)
def test_a_setting_is_read_from_text(text, expected) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["epochs", "epochs=many", "epochs=0", "x=1", "=3"])
def test_a_setting_that_makes_no_sense_is_refused(text) -> None:
    with pytest.raises(ConfigError):
        parse_setting(text)


def test_borders_that_convolutions_eat_count_for_the_least_size() -> None:
    catsdogs = find_recipe("catsdogs").config
    # 1 pixel, doubled after two more, four times: 1 4 10 22 46.
    assert catsdogs.with_changes(image_size_px=46).image_size_px == 46
    with pytest.raises(ConfigError, match="at least 46 px"):
        catsdogs.with_changes(image_size_px=45)


def test_the_other_tutorials_have_their_numbers() -> None:
    catsdogs, mnist = find_recipe("catsdogs").config, find_recipe("mnist").config
    apparel = find_recipe("apparel").config
    assert (catsdogs.image_size_px, catsdogs.epochs, catsdogs.batch_size) == (
        150,
        64,
        32,
    )
    assert (catsdogs.optimizer, catsdogs.learning_rate) == ("rmsprop", 1e-4)
    assert (catsdogs.rotation_deg, catsdogs.shift, catsdogs.flatten_dropout) == (
        40.0,
        0.2,
        0.5,
    )
    assert (mnist.image_size_px, mnist.epochs, mnist.batch_size) == (28, 10, 64)
    assert (mnist.colour, mnist.optimizer, mnist.output) == ("gray", "adam", "sigmoid")
    assert (apparel.image_size_px, apparel.epochs, apparel.batch_size) == (64, 100, 64)
    assert (apparel.learning_rate, apparel.schedule) == (7e-4, "reduce-on-plateau")
    for config in (catsdogs, mnist):
        assert config.batchnorm_momentum == "none" and config.conv_dropout == 0


def test_short_runs_get_a_momentum_that_settles() -> None:
    config = TrainConfig()
    assert config.momentum_for(18) == 0.9
    assert config.with_changes(batchnorm_momentum="0.99").momentum_for(18) == 0.99


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigError, match="smallervggnet, vgg16, catsdogs, mnist, apparel"
    ):
        find_recipe("resnet")
