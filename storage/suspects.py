"""Answers that are probably wrong: found by a search, settled by people.

Nothing is ever marked as settled: a suspicion counts as long as the answer still is
what was suspected and nobody called it right. So an undo brings it back by itself.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from storage.database import (
    fetch_all,
    fetch_one,
    fetch_value,
    immediate,
    now_text,
    run_many,
    run_sql,
)
from storage.projects import Project

_OPEN = """
    FROM suspected_answers AS s
    JOIN images ON images.image_id = s.image_id AND deleted_at IS NULL
    JOIN answers AS a ON a.image_id = s.image_id AND a.label_id = s.label_id
        AND a.value = s.value
    WHERE NOT EXISTS (
        SELECT 1 FROM confirmed_answers AS c
        WHERE c.image_id = s.image_id AND c.label_id = s.label_id
            AND c.value = s.value)
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An answer, and what speaks against it.

    `probability` is that of yes; `quality` is of the whole image, 0 is worst.
    """

    image_id: int
    label_id: int
    value: bool
    probability: float
    quality: float


def put_suspects(
    project: Project, suspects: Iterable[Suspect], report: Mapping[str, Any]
) -> None:
    """Keep what a search found, in place of the one before."""
    rows = [
        (x.image_id, x.label_id, int(x.value), x.probability, x.quality)
        for x in suspects
    ]
    text = json.dumps(report, ensure_ascii=False, allow_nan=False)
    with immediate(project.db) as db:
        run_sql(db, "DELETE FROM suspected_answers")
        run_many(db, "INSERT INTO suspected_answers VALUES (?, ?, ?, ?, ?)", rows)
        run_sql(
            db,
            "INSERT OR REPLACE INTO label_checks VALUES (1, ?, ?)",
            [now_text(), text],
        )


def last_label_check(project: Project) -> tuple[str, dict[str, Any]] | None:
    """When answers were last searched for errors, and the report; None if never."""
    row = fetch_one(project.db, "SELECT at, report FROM label_checks")
    return None if row is None else (row[0], json.loads(row[1]))


def list_suspected_images(project: Project) -> list[int]:
    """Images with an answer that is still suspected, the most suspicious first."""
    rows = fetch_all(
        project.db,
        f"SELECT s.image_id {_OPEN} GROUP BY s.image_id"
        " ORDER BY min(quality), s.image_id",
    )
    return [image_id for (image_id,) in rows]


def count_suspected_images(project: Project) -> int:
    """How many images `list_suspected_images` has."""
    return int(fetch_value(project.db, f"SELECT count(DISTINCT s.image_id) {_OPEN}"))


def suspects_of(
    project: Project, image_ids: Collection[int]
) -> dict[int, list[Suspect]]:
    """The answers of these images that are still suspected, by image."""
    rows = fetch_all(
        project.db,
        f"SELECT s.image_id, s.label_id, s.value, probability, quality {_OPEN}"
        " AND s.image_id IN (SELECT value FROM json_each(?))"
        " ORDER BY s.image_id, s.label_id",
        [json.dumps(list(image_ids))],
    )
    found: dict[int, list[Suspect]] = {}
    for image_id, label_id, value, *numbers in rows:
        suspect = Suspect(image_id, label_id, bool(value), *numbers)
        found.setdefault(image_id, []).append(suspect)
    return found


def confirm_answers(project: Project, image_ids: Collection[int], *, who: str) -> int:
    """Call every suspected answer of these images right, for good; how many images.

    Should one of them change later, the new answer may be suspected again.
    """
    with immediate(project.db) as db:
        chosen = [x for xs in suspects_of(project, image_ids).values() for x in xs]
        rows = [(x.image_id, x.label_id, int(x.value), now_text(), who) for x in chosen]
        run_many(
            db, "INSERT OR REPLACE INTO confirmed_answers VALUES (?, ?, ?, ?, ?)", rows
        )
    return len({x.image_id for x in chosen})


def confirm_labels(
    project: Project, image_id: int, label_ids: Collection[int], *, who: str
) -> None:
    """Call an image's answers to these labels right, for good, suspected or not."""
    with immediate(project.db) as db:
        run_sql(
            db,
            "INSERT OR REPLACE INTO confirmed_answers"
            " SELECT image_id, label_id, value, ?, ? FROM answers"
            " WHERE image_id = ? AND label_id IN (SELECT value FROM json_each(?))",
            [now_text(), who, image_id, json.dumps(list(label_ids))],
        )


def forget_confirmed(project: Project, image_ids: Collection[int]) -> None:
    """Take back that the answers of these images were called right."""
    run = "DELETE FROM confirmed_answers WHERE image_id IN"
    with immediate(project.db) as db:
        run_sql(
            db,
            f"{run} (SELECT value FROM json_each(?))",
            [json.dumps(list(image_ids))],
        )


def confirmed_cells(project: Project) -> set[tuple[int, int, bool]]:
    """(image, label, answer) of everything that was called right."""
    rows = fetch_all(
        project.db, "SELECT image_id, label_id, value FROM confirmed_answers"
    )
    return {(image_id, label_id, bool(value)) for image_id, label_id, value in rows}
