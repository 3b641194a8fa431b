"""Saved views: filters kept under a name, as the query of the Label page's address."""

import unicodedata
from dataclasses import dataclass

from sqlite_utils import Database

from storage.database import (
    fetch_all,
    fetch_one,
    fetch_value,
    immediate,
    insert_row,
    now_text,
    run_sql,
)
from storage.errors import ViewError
from storage.projects import Project

MAX_NAME_CHARACTERS = 60
_GO = "UPDATE saved_views SET gone = ? WHERE view_id = ?"


@dataclass(frozen=True, slots=True)
class View:
    """A named filter; `query` is what the Label page's address holds of it."""

    view_id: int
    name: str
    query: str
    made_at: str
    who: str


def list_views(project: Project) -> list[View]:
    """The views of the project, by name."""
    rows = fetch_all(
        project.db,
        "SELECT view_id, name, query, made_at, who FROM saved_views WHERE gone = 0"
        " ORDER BY name_key",
    )
    return [View(*row) for row in rows]


def save_view(project: Project, name: str, query: str, *, who: str) -> View:
    """Keep a query under a name; the view that had the name so far is put away."""
    cleaned = _clean(name)
    with immediate(project.db) as db:
        old = _find(db, cleaned)
        if old is not None:
            run_sql(db, _GO, [1, old])
        values = [cleaned, _fold(cleaned), query, now_text(), who]
        view_id = insert_row(
            db,
            "INSERT INTO saved_views (name, name_key, query, made_at, who)"
            " VALUES (?, ?, ?, ?, ?)",
            values,
        )
    return View(view_id, cleaned, query, values[3], who)


def rename_view(project: Project, view_id: int, name: str) -> None:
    """Give a view another name; ViewError when another view has it."""
    cleaned = _clean(name)
    with immediate(project.db) as db:
        _refuse_missing(db, view_id)
        _refuse_taken(db, cleaned, view_id)
        run_sql(
            db,
            "UPDATE saved_views SET name = ?, name_key = ? WHERE view_id = ?",
            [cleaned, _fold(cleaned), view_id],
        )


def delete_view(project: Project, view_id: int) -> None:
    """Put a view away; `restore_view` brings it back."""
    with immediate(project.db) as db:
        _refuse_missing(db, view_id)
        run_sql(db, _GO, [1, view_id])


def restore_view(project: Project, view_id: int) -> None:
    """Bring a deleted view back; ViewError when its name was given away since."""
    with immediate(project.db) as db:
        name = fetch_value(
            db, "SELECT name FROM saved_views WHERE view_id = ?", [view_id]
        )
        if name is None:
            raise _missing(view_id)
        _refuse_taken(db, name, view_id)
        run_sql(db, _GO, [0, view_id])


def _clean(name: str) -> str:
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    # What is no text cannot be stored, what is invisible cannot be chosen.
    if not cleaned.isprintable():
        raise ViewError("The name holds an invisible character. Type it again by hand.")
    if not 0 < len(cleaned) <= MAX_NAME_CHARACTERS:
        raise ViewError(
            f"A view needs a name of 1 to {MAX_NAME_CHARACTERS} characters; this one "
            f"has {len(cleaned)}."
        )
    return cleaned


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _find(db: Database, name: str) -> int | None:
    found: int | None = fetch_value(
        db,
        "SELECT view_id FROM saved_views WHERE name_key = ? AND gone = 0",
        [_fold(name)],
    )
    return found


def _refuse_missing(db: Database, view_id: int) -> None:
    sql = "SELECT 1 FROM saved_views WHERE view_id = ? AND gone = 0"
    if fetch_one(db, sql, [view_id]) is None:
        raise _missing(view_id)


def _refuse_taken(db: Database, name: str, view_id: int) -> None:
    if _find(db, name) not in (None, view_id):
        raise ViewError(f"Another view is named {name!r}. Choose another name.")


def _missing(view_id: int) -> ViewError:
    return ViewError(f"There is no saved view {view_id} in this project (any more).")
