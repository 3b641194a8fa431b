"""Recipes a person saved, beside those that come with the app."""

import json
from dataclasses import dataclass
from typing import Any

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError
from mlcore.recipes import RECIPES, Recipe
from storage import saved_recipes
from storage.projects import Project
from storage.saved_recipes import SavedRecipe

LONGEST_CONFIG = 20_000


@dataclass(frozen=True, slots=True)
class OwnRecipes:
    """What was saved by name; `problems` says of each that cannot be read why."""

    recipes: dict[str, Recipe]
    problems: dict[str, str]


def own_recipes(project: Project) -> OwnRecipes:
    """The project's saved recipes; one that cannot be read costs only itself."""
    found = OwnRecipes({}, {})
    for row in saved_recipes.list_recipes(project):
        try:
            found.recipes[row.name] = _as_recipe(row)
        except ConfigError as error:
            found.problems[row.name] = (
                f"The saved recipe “{row.name}” cannot be used: {error}"
            )
    return found


def find_any_recipe(project: Project, name: str) -> Recipe:
    """A recipe that came with the app or was saved; ConfigError lists the names."""
    if name in RECIPES:
        return RECIPES[name]
    own = own_recipes(project)
    wanted = saved_recipes.fold_name(name)
    for saved, recipe in own.recipes.items():
        if saved_recipes.fold_name(saved) == wanted:
            return recipe
    if name in own.problems:
        raise ConfigError(own.problems[name])
    known = ", ".join([*RECIPES, *own.recipes])
    raise ConfigError(f"There is no recipe “{name}”. Recipes are: {known}.")


def save_as_recipe(
    project: Project,
    name: str,
    description: str,
    config: TrainConfig,
    *,
    made_from: Recipe,
    who: str,
) -> Recipe:
    """Keep a config under a name; a saved recipe of that name is replaced.

    ConfigError for a name that a recipe of the app has, RecipeError for a bad one.
    """
    cleaned = saved_recipes.clean_name(name)
    if saved_recipes.fold_name(cleaned) in RECIPES:
        raise ConfigError(
            f"“{cleaned}” is a recipe that comes with Unseen. Choose another name."
        )
    named = config.with_changes(recipe=cleaned)
    row = saved_recipes.save_recipe(
        project,
        cleaned,
        made_from.title,
        description,
        json.dumps(named.as_json()),
        who=who,
    )
    return _as_recipe(row)


def _as_recipe(row: SavedRecipe) -> Recipe:
    return Recipe(
        name=row.name,
        title=row.title,
        plain=row.name,
        description=row.description,
        config=_read_config(row),
        kind="saved",
    )


def _read_config(row: SavedRecipe) -> TrainConfig:
    if len(row.config) > LONGEST_CONFIG:
        raise ConfigError("Its settings are far too long. Delete it and save it again.")
    try:
        values: Any = json.loads(row.config)
    # RecursionError: brackets nested by the thousand.
    except (ValueError, RecursionError):
        raise ConfigError(
            "Its settings are no JSON. Delete it and save it again."
        ) from None
    if not isinstance(values, dict):
        raise ConfigError("Its settings are no JSON object. Delete it.")
    return TrainConfig.from_json({**values, "recipe": row.name})
