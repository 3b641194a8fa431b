"""Recipes people save: kept by name, read with care, used from the command line."""

import json

import pytest

from mlcore import cli
from mlcore.errors import ConfigError
from mlcore.own_recipes import find_any_recipe, own_recipes, save_as_recipe
from mlcore.recipes import RECIPES, Recipe
from storage.errors import RecipeError
from storage.projects import Project
from storage.saved_recipes import (
    delete_recipe,
    list_recipes,
    restore_recipe,
    save_recipe,
)

FAST = RECIPES["fast"]


def keep(project: Project, name: str, epochs: int = 3, description: str = "") -> Recipe:
    config = FAST.config.with_changes(epochs=epochs)
    return save_as_recipe(project, name, description, config, made_from=FAST, who="Ada")


def test_a_recipe_is_kept_by_name_and_saving_it_again_replaces_it(
    project: Project,
) -> None:
    keep(project, "  Small   and quick ", description=" for \n a first look ")
    found = find_any_recipe(project, "small AND quick")
    assert (found.name, found.plain) == ("Small and quick", "Small and quick")
    assert (found.title, found.description) == (FAST.title, "for a first look")
    assert found.config.recipe == "Small and quick" and found.config.epochs == 3
    keep(project, "SMALL and quick", epochs=4)
    (row,) = list_recipes(project)
    assert row.name == "SMALL and quick" and row.who == "Ada"
    assert find_any_recipe(project, row.name).config.epochs == 4


def test_a_deleted_recipe_comes_back_until_its_name_is_used_again(
    project: Project,
) -> None:
    keep(project, "mine")
    delete_recipe(project, "mine")
    assert own_recipes(project).recipes == {}
    with pytest.raises(RecipeError, match="no such saved recipe"):
        delete_recipe(project, "mine")
    restore_recipe(project, "mine")
    assert list(own_recipes(project).recipes) == ["mine"]
    delete_recipe(project, "mine")
    keep(project, "Mine", epochs=9)
    with pytest.raises(RecipeError, match="no such saved recipe"):
        restore_recipe(project, "mine")
    assert find_any_recipe(project, "mine").config.epochs == 9


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\u202eb", "a\ud800"])
def test_a_name_nobody_could_choose_is_refused(project: Project, name: str) -> None:
    with pytest.raises(RecipeError):
        keep(project, name)
    assert list_recipes(project) == []


def test_a_name_of_the_app_s_own_recipes_is_refused(project: Project) -> None:
    with pytest.raises(ConfigError, match="comes with Unseen"):
        keep(project, "FAST")


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ("{", "no JSON"),
        ("[" * 9000, "no JSON"),
        (" " * 30_000, "far too long"),
        ("[1]", "no JSON object"),
        (json.dumps({"warp": 9}), "no setting “warp”"),
        (json.dumps({"epochs": -1}), "epochs"),
        (json.dumps({"network": ["convnet"]}), "Network"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_sentence_and_costs_only_itself(
    project: Project, config: str, word: str
) -> None:
    keep(project, "good")
    save_recipe(project, "bad", "", "", config, who="")
    own = own_recipes(project)
    assert list(own.recipes) == ["good"]
    assert word in own.problems["bad"] and "“bad”" in own.problems["bad"]
    with pytest.raises(ConfigError, match="cannot be used"):
        find_any_recipe(project, "bad")


def test_an_unknown_recipe_is_answered_with_those_there_are(project: Project) -> None:
    keep(project, "mine")
    with pytest.raises(ConfigError, match=r"fast.*mnist.*mine"):
        find_any_recipe(project, "yours")


def test_recipes_are_listed_and_used_on_the_command_line(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(project, "mine")
    save_recipe(project, "bad", "", "", "{", who="")
    assert cli.main(["recipes", "clothes", "--json"]) == 0
    shown = capsys.readouterr()
    rows = {row["recipe"]: row for row in json.loads(shown.out)}
    assert list(rows)[-1] == "mine" and rows["mine"]["kind"] == "saved"
    assert rows["mine"]["settings"]["epochs"] == 3
    assert "“bad” cannot be used" in shown.err
    assert cli.main(["recipes"]) == 0
    assert "mine" not in capsys.readouterr().out
    # found, so that the next obstacle is named
    assert cli.main(["train", "clothes", "--recipe", "mine"]) == 1
    assert "There are no pictures yet." in capsys.readouterr().err
