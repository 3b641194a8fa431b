"""What was classified lately as a list to look through, and who was right."""

import json
from dataclasses import dataclass
from typing import Any

from storage.database import fetch_all, fetch_value, immediate, run_sql
from storage.projects import Project

_COLUMNS = """
    classified_id, c.sha256, c.name, at, run_id, who, labels, is_doubtful, thumb,
    images.image_id IS NOT NULL
    FROM classified AS c
    LEFT JOIN images ON images.sha256 = c.sha256 AND deleted_at IS NULL
"""
_THUMBS = {
    "all": "1",
    "right": "thumb = 1",
    "wrong": "thumb = 0",
    "open": "thumb IS NULL",
}


@dataclass(frozen=True, slots=True)
class Past:
    """What a run said of a picture then; `is_right` is None while nobody judged it.

    `is_here` says that the picture is one of the project's, so that it can be shown.
    """

    classified_id: int
    sha256: str
    name: str
    at: str
    run_id: str
    who: str
    labels: tuple[str, ...]
    is_doubtful: bool
    is_right: bool | None
    is_here: bool


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How often people found a run right and wrong."""

    run_id: str
    right: int
    wrong: int


def list_past(
    project: Project,
    *,
    run_id: str = "",
    thumb: str = "all",
    text: str = "",
    offset: int = 0,
    limit: int = 20,
) -> list[Past]:
    """A page of what was classified, newest first.

    `thumb` is all, right, wrong or open; `text` is looked for in names and labels.
    """
    where, values = _where(run_id, thumb, text)
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} WHERE {where} ORDER BY classified_id DESC LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return [_as_past(row) for row in rows]


def count_past(
    project: Project, *, run_id: str = "", thumb: str = "all", text: str = ""
) -> int:
    """How many `list_past` has in all."""
    where, values = _where(run_id, thumb, text)
    sql = f"SELECT count(*) FROM classified AS c WHERE {where}"
    return int(fetch_value(project.db, sql, values))


def judge(project: Project, classified_id: int, is_right: bool | None) -> None:
    """Say whether what was read was right; None takes that back."""
    with immediate(project.db) as db:
        run_sql(
            db,
            "UPDATE classified SET thumb = ? WHERE classified_id = ?",
            [is_right, classified_id],
        )


def judge_picture(
    project: Project, sha256: str, run_id: str, is_right: bool | None
) -> None:
    """`judge` for what a run said of a picture, if that is remembered."""
    with immediate(project.db) as db:
        run_sql(
            db,
            "UPDATE classified SET thumb = ? WHERE sha256 = ? AND run_id = ?",
            [is_right, sha256, run_id],
        )


def count_verdicts(project: Project) -> list[Verdicts]:
    """What people found of each run, those with most verdicts first."""
    rows = fetch_all(
        project.db,
        "SELECT run_id, sum(thumb), count(thumb) - sum(thumb) FROM classified"
        " WHERE thumb IS NOT NULL GROUP BY run_id ORDER BY count(thumb) DESC, run_id",
    )
    return [Verdicts(*row) for row in rows]


def list_past_runs(project: Project) -> list[str]:
    """The runs of which anything is remembered, the one used last first."""
    rows = fetch_all(
        project.db,
        "SELECT run_id FROM classified GROUP BY run_id"
        " ORDER BY max(classified_id) DESC",
    )
    return [run_id for (run_id,) in rows]


def _where(run_id: str, thumb: str, text: str) -> tuple[str, list[str]]:
    clauses, values = [_THUMBS[thumb]], []
    if run_id:
        clauses.append("run_id = ?")
        values.append(run_id)
    if text.strip():
        clauses.append("(instr(lower(c.name), ?) OR instr(lower(labels), ?))")
        values += [text.strip().lower()] * 2
    return " AND ".join(clauses), values


def _as_past(row: Any) -> Past:
    *start, labels, is_doubtful, thumb, is_here = row
    classified_id, sha256, name, at, run_id, who = start
    return Past(
        classified_id,
        sha256,
        name,
        at,
        run_id,
        who,
        tuple(json.loads(labels)),
        bool(is_doubtful),
        None if thumb is None else bool(thumb),
        bool(is_here),
    )
