"""Series: runs that belong together, as repeats with other seeds or as a search.

What a plan means is not known here: it is JSON.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.database import fetch_all, immediate, now_text, run_sql
from storage.errors import RunError
from storage.projects import Project
from storage.records import Run
from storage.run_rows import read_runs, to_json

KINDS = ("seeds", "search")
_COLUMNS = "series_id, kind, title, plan, made_at, who"


@dataclass(frozen=True, slots=True)
class Series:
    """One series; `kind` is 'seeds' or 'search', `plan` says what is varied."""

    series_id: str
    kind: str
    title: str
    plan: dict[str, Any]
    made_at: str
    who: str


def create_series(
    project: Project, kind: str, title: str, plan: Mapping[str, Any], *, who: str
) -> Series:
    """Write down what is to be tried, before its first run is queued."""
    if kind not in KINDS:
        raise RunError(f"A series is of {' or '.join(KINDS)}, not of {kind!r}.")
    series = Series(
        f"s{uuid.uuid4().hex[:12]}", kind, title, dict(plan), now_text(), who
    )
    with immediate(project.db) as db:
        run_sql(
            db,
            f"INSERT INTO run_series ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
            [
                series.series_id,
                kind,
                title,
                to_json(series.plan),
                series.made_at,
                who,
            ],
        )
    return series


def list_series(project: Project) -> list[Series]:
    """All series, newest first; those whose runs are all deleted included."""
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM run_series ORDER BY made_at DESC, rowid DESC",
    )
    return [_as_series(row) for row in rows]


def get_series(project: Project, series_id: str) -> Series:
    """One series; RunError when it is unknown."""
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM run_series WHERE series_id = ?",
        [series_id],
    )
    if not rows:
        raise RunError(f"There is no series {series_id!r} in this project (any more).")
    return _as_series(rows[0])


def change_plan(project: Project, series_id: str, plan: Mapping[str, Any]) -> None:
    """Replace the plan of a series."""
    with immediate(project.db) as db:
        run_sql(
            db,
            "UPDATE run_series SET plan = ? WHERE series_id = ?",
            [to_json(plan), series_id],
        )


def runs_of_series(project: Project, series_id: str) -> list[Run]:
    """The runs queued for a series, in the order they were queued."""
    return read_runs(project.db, "series_id = ?", (series_id,))[::-1]


def delete_series(project: Project, series_id: str) -> None:
    """Forget that runs belong together; the runs stay."""
    with immediate(project.db) as db:
        run_sql(db, "UPDATE runs SET series_id = '' WHERE series_id = ?", [series_id])
        run_sql(db, "DELETE FROM run_series WHERE series_id = ?", [series_id])


def _as_series(row: tuple[Any, ...]) -> Series:
    series_id, kind, title, plan, made_at, who = row
    return Series(series_id, kind, title, json.loads(plan), made_at, who)
