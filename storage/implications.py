"""Implied labels: a yes to one is a yes to those it implies.

Answers follow it when they are given (answer_rules). Answers given before, or
by a merge, may lack it: `implication_gaps` counts them, `fill_implied` mends.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlite_utils import Database

from storage.batches import apply_since, mark
from storage.database import fetch_all, fetch_value, run_many, run_sql
from storage.implication_rows import (
    Implications,
    implied_closure,
    read_implications,
)
from storage.label_rows import get_label
from storage.projects import Project
from storage.schema_acts import schema_act

__all__ = [
    "Gap",
    "Implications",
    "fill_implied",
    "fill_unknown",
    "implication_gaps",
    "implied_closure",
    "imply",
    "list_implications",
]

# A CTE of every pair of labels, however many steps lie between them.
_PAIRS = """
    WITH RECURSIVE live (label_id, implied_id) AS (
        SELECT i.label_id, implied_id FROM implications AS i
        JOIN labels AS a ON a.label_id = i.label_id AND a.gone = 0
        JOIN labels AS b ON b.label_id = implied_id AND b.gone = 0
        WHERE i.gone = 0
    ), pairs (label_id, implied_id) AS (
        SELECT label_id, implied_id FROM live
        UNION
        SELECT pairs.label_id, live.implied_id FROM pairs
        JOIN live ON live.label_id = pairs.implied_id
    )
"""

_FILL = f"""
    {_PAIRS}, chosen AS MATERIALIZED (SELECT value FROM json_each(:images))
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT DISTINCT :batch_no, yes.image_id, pairs.implied_id, NULL, 1
    FROM pairs JOIN answers AS yes
        ON yes.label_id = pairs.label_id AND yes.value = 1
    WHERE NOT EXISTS (SELECT 1 FROM answers AS have
        WHERE have.image_id = yes.image_id AND have.label_id = pairs.implied_id)
"""
_CHOSEN = " AND yes.image_id IN (SELECT value FROM chosen)"
_EXCLUDE = """
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT DISTINCT h.batch_no, h.image_id, rival.label_id, NULL, 0
    FROM history AS h JOIN labels AS said ON said.label_id = h.label_id
    JOIN label_groups AS g
        ON g.group_id = said.group_id AND g.gone = 0 AND g.rule <> 'any'
    JOIN labels AS rival ON rival.group_id = g.group_id AND rival.gone = 0
    WHERE h.history_id > ? AND h.image_id IS NOT NULL AND h.after = 1
        AND NOT EXISTS (SELECT 1 FROM answers AS have
            WHERE have.image_id = h.image_id AND have.label_id = rival.label_id)
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """Images on which a label is yes and one that it implies is unknown, or no."""

    label_id: int
    implied_id: int
    unknown: int
    no: int


def list_implications(project: Project) -> dict[int, tuple[int, ...]]:
    """What each label implies directly; labels that imply nothing are left out."""
    return read_implications(project.db)


def imply(
    project: Project, label_id: int, implied_ids: Collection[int], *, who: str
) -> None:
    """Say which labels a label implies, instead of what was said before.

    LabelError for a circle, and for two implied labels that exclude each other.
    """
    wanted = sorted(set(implied_ids))
    with schema_act(project, "imply", who):
        for known_id in (label_id, *wanted):
            get_label(project.db, known_id)
        run_sql(
            project.db,
            # Those of labels that are gone wait for their return.
            "UPDATE implications SET gone = 1 WHERE label_id = ? AND implied_id IN"
            " (SELECT label_id FROM labels WHERE gone = 0)",
            [label_id],
        )
        run_many(
            project.db,
            "INSERT INTO implications (implication, label_id, implied_id)"
            " VALUES (?, ?, ?) ON CONFLICT (implication) DO UPDATE SET gone = 0",
            [(f"{label_id}>{implied}", label_id, implied) for implied in wanted],
        )


def implication_gaps(project: Project) -> list[Gap]:
    """Where the answers that are there do not follow what is implied."""
    if not read_implications(project.db):
        return []
    rows = fetch_all(
        project.db,
        f"{_PAIRS} SELECT pairs.label_id, pairs.implied_id,"
        " sum(have.value IS NULL), sum(have.value IS 0) FROM pairs"
        " JOIN answers AS yes ON yes.label_id = pairs.label_id AND yes.value = 1"
        " LEFT JOIN answers AS have ON have.image_id = yes.image_id"
        " AND have.label_id = pairs.implied_id"
        " WHERE have.value IS NOT 1 GROUP BY 1, 2 ORDER BY 1, 2",
    )
    return [Gap(*row) for row in rows]


def fill_implied(project: Project, *, who: str) -> int:
    """Say yes to implied labels wherever they are unknown; returns images changed.

    A no stays: which of the two answers is wrong only a person can say.
    """
    with schema_act(project, "fill implied", who) as batch_no:
        start = mark(project.db)
        fill_unknown(project.db, batch_no)
        changed = fetch_value(
            project.db,
            "SELECT count(DISTINCT image_id) FROM history WHERE history_id > ?",
            [start],
        )
    return int(changed)


def fill_unknown(db: Database, batch_no: int, images: str | None = None) -> None:
    """Apply a yes for what is implied and unknown, of images as a JSON list of ids.

    The others of an exclusive group become no there, where they are unknown.
    """
    rule = "" if images is None else _CHOSEN
    parameters = {"batch_no": batch_no, "images": images or "[]"}
    start = mark(db)
    run_sql(db, f"{_FILL}{rule}", parameters)
    apply_since(db, start)
    rivals = mark(db)
    run_sql(db, _EXCLUDE, [start])
    apply_since(db, rivals)
