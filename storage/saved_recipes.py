"""Recipes people saved: settings under a name, put away rather than lost.

What the settings mean is not known here: `config` is JSON and may be of another
version, or damaged.
"""

import unicodedata
from dataclasses import dataclass

from storage.database import fetch_all, fetch_value, immediate, now_text, run_sql
from storage.errors import RecipeError
from storage.projects import Project

MAX_NAME_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 300
_GO = "UPDATE saved_recipes SET gone = ? WHERE name = ?"


@dataclass(frozen=True, slots=True)
class SavedRecipe:
    """One row; `title` says what it was made from, `config` is JSON, not yet read."""

    name: str
    title: str
    description: str
    config: str
    made_at: str
    who: str


def list_recipes(project: Project) -> list[SavedRecipe]:
    """The saved recipes of the project, the oldest first."""
    rows = fetch_all(
        project.db,
        "SELECT name, title, description, config, made_at, who FROM saved_recipes"
        " WHERE gone = 0 ORDER BY made_at, name",
    )
    return [SavedRecipe(*row) for row in rows]


def save_recipe(
    project: Project, name: str, title: str, description: str, config: str, *, who: str
) -> SavedRecipe:
    """Keep settings under a name; the recipe that had the name so far is replaced."""
    made_at = now_text()
    with immediate(project.db) as db:
        names = [row[0] for row in fetch_all(db, "SELECT name FROM saved_recipes")]
        cleaned = clean_name(name)
        # "Clothes" saved again as "clothes" is the same recipe to a person.
        key = next((n for n in names if fold_name(n) == fold_name(cleaned)), cleaned)
        run_sql(db, "DELETE FROM saved_recipes WHERE name = ?", [key])
        saved = SavedRecipe(
            cleaned, title, clean_description(description), config, made_at, who
        )
        run_sql(
            db,
            "INSERT INTO saved_recipes (name, title, description, config, made_at, who)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [cleaned, title, saved.description, config, made_at, who],
        )
    return saved


def delete_recipe(project: Project, name: str) -> None:
    """Put a recipe away; `restore_recipe` brings it back."""
    _mark(project, name, gone=1)


def restore_recipe(project: Project, name: str) -> None:
    """Bring a deleted recipe back; RecipeError when its name was used again since."""
    _mark(project, name, gone=0)


def clean_name(name: str) -> str:
    """The name as it is kept; RecipeError when nobody could choose it."""
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    # What is no text cannot be stored, what is invisible cannot be chosen.
    if not cleaned.isprintable():
        raise RecipeError(
            "The name holds an invisible character. Type it again by hand."
        )
    if not 0 < len(cleaned) <= MAX_NAME_CHARACTERS:
        raise RecipeError(
            f"A recipe needs a name of 1 to {MAX_NAME_CHARACTERS} characters; this one "
            f"has {len(cleaned)}."
        )
    return cleaned


def clean_description(text: str) -> str:
    """The description as it is kept: one line of what can be printed, cut to fit."""
    printable = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return printable[:MAX_DESCRIPTION_CHARACTERS]


def fold_name(name: str) -> str:
    """The name as it is compared: capital letters do not tell two recipes apart."""
    return unicodedata.normalize("NFC", name.casefold())


def _mark(project: Project, name: str, *, gone: int) -> None:
    with immediate(project.db) as db:
        sql = "SELECT 1 FROM saved_recipes WHERE name = ? AND gone = ?"
        if fetch_value(db, sql, [name, 1 - gone]) is None:
            raise RecipeError(f"There is no such saved recipe “{name}” (any more).")
        run_sql(db, _GO, [gone, name])
