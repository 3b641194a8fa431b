"""What was classified lately: names, times and readings, never the pictures.

One row a picture and run; the newest `KEPT_AT_MOST` stay. Nothing of it leaves this
machine: archives of a project go without.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from storage.database import (
    DatabaseError,
    fetch_all,
    fetch_value,
    immediate,
    now_text,
    run_sql,
)
from storage.label_sets import make_key, parse_key
from storage.projects import Project
from storage.records import LabelSet

KEPT_AT_MOST = 10_000
# What was said of the reading holds while the reading is the same.
_INSERT = """
    INSERT OR REPLACE INTO classified (sha256, name, at, run_id, who, reading, labels,
        is_seen, is_doubtful, unseen_share, probabilities, thumb)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, (
        SELECT thumb FROM classified
        WHERE sha256 = ?1 AND run_id = ?4 AND reading = ?6))
"""
_PRUNE = """
    DELETE FROM classified WHERE classified_id <= (
        SELECT classified_id FROM classified
        ORDER BY classified_id DESC LIMIT 1 OFFSET ?)
"""
# SQLite takes the other columns from the row of the maximum.
_LAST = """
    FROM (SELECT sha256, reading, is_doubtful, max(at) AS at
          FROM classified GROUP BY sha256) AS last
    LEFT JOIN images ON images.sha256 = last.sha256 AND deleted_at IS NULL
"""
_SHOWN = f"""
    SELECT CASE WHEN answered > 0 THEN set_key ELSE reading END AS shown, count(*)
    {_LAST} WHERE last.at >= ? AND (? OR is_doubtful = 0 OR answered > 0)
    GROUP BY shown ORDER BY count(*) DESC, shown
"""
_DOUBTFUL = f"""
    SELECT count(*) {_LAST} WHERE is_doubtful = 1 AND coalesce(answered, 0) = 0
"""


@dataclass(frozen=True, slots=True)
class Classified:
    """What one run said of one picture; `probabilities` are of the labels said."""

    sha256: str
    name: str
    run_id: str
    who: str
    reading: tuple[int, ...]
    labels: tuple[str, ...]
    is_seen: bool
    is_doubtful: bool
    unseen_share: float | None
    probabilities: dict[int, float]


def remember_classified(project: Project, rows: Sequence[Classified]) -> int:
    """Keep these rows, in place of older ones of the same picture and run.

    Returns how many were kept: a row that cannot be written stops no other.
    """
    with immediate(project.db) as db:
        kept = sum(_insert(db, row) for row in rows)
        run_sql(db, _PRUNE, [KEPT_AT_MOST])
    return kept


def _insert(db: Database, row: Classified) -> bool:
    try:
        values = [
            row.sha256,
            row.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            now_text(),
            row.run_id,
            row.who,
            make_key(row.reading),
            json.dumps(row.labels, ensure_ascii=False),
            int(row.is_seen),
            int(row.is_doubtful),
            row.unseen_share,
            json.dumps({str(i): round(p, 6) for i, p in row.probabilities.items()}),
        ]
        # A savepoint: the rows before it stay.
        with immediate(db):
            run_sql(db, _INSERT, values)
    except (DatabaseError, ValueError):
        return False
    return True


def count_classified(project: Project) -> int:
    """How many different pictures are remembered."""
    sql = "SELECT count(DISTINCT sha256) FROM classified"
    return int(fetch_value(project.db, sql))


def classified_mark(project: Project) -> tuple[int, int]:
    """What differs when anything was classified, forgotten or answered since."""
    newest = "SELECT coalesce(max(classified_id), 0) FROM classified"
    answered = "SELECT coalesce(max(history_id), 0) FROM history"
    return fetch_value(project.db, newest), fetch_value(project.db, answered)


def classified_sets(
    project: Project, since: str = "", *, with_doubtful: bool = False
) -> list[LabelSet]:
    """Distinct label sets of the pictures classified since then, with counts.

    A picture counts once, by the last time. What people answered of it counts where
    they did; else what the last run read: doubtful readings only where asked for, for
    they do not tell what a picture shows.
    """
    rows = fetch_all(project.db, _SHOWN, [since, int(with_doubtful)])
    return [LabelSet(key, parse_key(key), count) for key, count in rows]


def count_doubtful(project: Project) -> int:
    """How many different pictures the last run to read them doubted; no answers yet."""
    return int(fetch_value(project.db, _DOUBTFUL))


def forget_classified(project: Project) -> int:
    """Forget all of it; returns how many pictures were remembered."""
    project.db.execute("PRAGMA secure_delete = ON")
    with immediate(project.db) as db:
        count = count_classified(project)
        run_sql(db, "DELETE FROM classified")
    return count
