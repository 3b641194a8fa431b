"""The command `recipes`: what a run can start from. No streamlit, no tensorflow."""

import argparse
import sys
from typing import Any

from mlcore.cli_output import MakeCommand, print_json, print_table
from mlcore.own_recipes import OwnRecipes, own_recipes
from mlcore.recipes import RECIPES, Recipe
from storage import projects


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    listing = make(
        commands, "recipes", "list the recipes, with those saved in a project", show
    )
    listing.add_argument("project", nargs="?")


def show(options: argparse.Namespace) -> None:
    """Print the app's recipes and the project's own; unreadable ones on stderr."""
    own = OwnRecipes({}, {})
    if options.project:
        with projects.open_project(options.project) as project:
            own = own_recipes(project)
    for problem in own.problems.values():
        print(f"warn: {problem}", file=sys.stderr)
    found = [*RECIPES.values(), *own.recipes.values()]
    if options.json:
        print_json([_as_json(recipe) for recipe in found])
        return
    rows = [(recipe.name, recipe.kind, recipe.plain, recipe.title) for recipe in found]
    print_table(("recipe", "kind", "what it is", "network"), rows)


def _as_json(recipe: Recipe) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "kind": recipe.kind,
        "plain": recipe.plain,
        "title": recipe.title,
        "description": recipe.description,
        "settings": recipe.config.as_json(),
    }
