"""Images that were doubtful when classified, and what runs read of them since.

A row is a wish that a person look; the image itself is one of the project's like any
other. Rows of deleted images stay, so that an undo brings them back, and count for
nothing meanwhile.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from storage.database import (
    fetch_all,
    fetch_value,
    immediate,
    now_text,
    run_many,
    run_sql,
)
from storage.label_sets import make_key, parse_key
from storage.projects import Project

_COLUMNS = "image_id, run_id, reason, doubt, batch_id, at, who"
_OPEN = """
    FROM doubted_images JOIN images USING (image_id)
    WHERE deleted_at IS NULL AND answered = 0
"""
_LABELLED = """
    FROM doubted_images AS d JOIN images USING (image_id)
    WHERE deleted_at IS NULL AND answered > 0
"""
# Learned by a run that froze its data after the last answer.
_WAITING = f"""
    SELECT count(*) {_LABELLED} AND (
        SELECT max(b.at) FROM history AS h JOIN batches AS b USING (batch_no)
        WHERE h.image_id = d.image_id AND h.label_id IS NOT NULL
    ) > coalesce((
        SELECT max(created_at) FROM runs
        WHERE state IN ('queued', 'running', 'finished', 'stopped')), '')
"""


@dataclass(frozen=True, slots=True)
class Doubted:
    """An image a run was in doubt of, and why; the larger `doubt`, the sooner."""

    image_id: int
    run_id: str
    reason: str
    doubt: float
    batch_id: str
    at: str = ""
    who: str = ""


def put_doubted(project: Project, rows: Sequence[Doubted], *, who: str) -> None:
    """Ask for these images to be looked at, in place of what was asked before."""
    at = now_text()
    with immediate(project.db) as db:
        run_many(
            db,
            f"INSERT OR REPLACE INTO doubted_images ({_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (r.image_id, r.run_id, r.reason, r.doubt, r.batch_id, at, who)
                for r in rows
            ],
        )


def take_back_doubted(project: Project, batch_id: str) -> list[int]:
    """Ask no more for the images of one batch; returns those that are still there.

    What somebody has labelled meanwhile stays.
    """
    chosen = (
        "SELECT image_id FROM doubted_images JOIN images USING (image_id)"
        " WHERE answered = 0 AND batch_id = ?"
    )
    with immediate(project.db) as db:
        rows = fetch_all(db, f"{chosen} AND deleted_at IS NULL", [batch_id])
        for table in ("doubted_readings", "doubted_images"):
            run_sql(db, f"DELETE FROM {table} WHERE image_id IN ({chosen})", [batch_id])
    return [image_id for (image_id,) in rows]


def list_open_doubted(project: Project) -> list[int]:
    """Images without any answer that somebody should look at, most doubtful first."""
    rows = fetch_all(
        project.db, f"SELECT image_id {_OPEN} ORDER BY doubt DESC, image_id"
    )
    return [image_id for (image_id,) in rows]


def count_open_doubted(project: Project) -> int:
    """How many images `list_open_doubted` has."""
    return int(fetch_value(project.db, f"SELECT count(*) {_OPEN}"))


def open_doubted_of(project: Project, hashes: Iterable[str]) -> set[str]:
    """Those of these contents that are asked for already."""
    rows = fetch_all(
        project.db,
        f"SELECT sha256 {_OPEN} AND sha256 IN (SELECT value FROM json_each(?))",
        [json.dumps(list(hashes))],
    )
    return {sha256 for (sha256,) in rows}


def doubt_reasons(project: Project, image_ids: Collection[int]) -> dict[int, str]:
    """Why each of these images is asked for."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, reason FROM doubted_images"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(image_ids))],
    )
    return dict(rows)


def list_labelled_doubted(project: Project, limit: int) -> list[Doubted]:
    """Those with answers by now, the last asked for first."""
    rows = fetch_all(
        project.db,
        f"SELECT d.image_id, run_id, reason, doubt, batch_id, at, who {_LABELLED}"
        " ORDER BY at DESC, d.image_id LIMIT ?",
        [limit],
    )
    return [Doubted(*row) for row in rows]


def count_labelled_doubted(project: Project) -> int:
    """How many of the images asked for have answers by now."""
    return int(fetch_value(project.db, f"SELECT count(*) {_LABELLED}"))


def count_unlearned(project: Project) -> int:
    """How many of them were answered since the newest run began."""
    return int(fetch_value(project.db, _WAITING))


def put_doubted_readings(
    project: Project, run_id: str, readings: Mapping[int, Iterable[int]]
) -> None:
    """Keep which labels a run reads in some of these images."""
    with immediate(project.db) as db:
        run_many(
            db,
            "INSERT OR REPLACE INTO doubted_readings (image_id, run_id, reading)"
            " VALUES (?, ?, ?)",
            [(i, run_id, make_key(ids)) for i, ids in readings.items()],
        )


def doubted_readings_of(
    project: Project, image_ids: Collection[int]
) -> dict[tuple[int, str], frozenset[int]]:
    """What is kept of these images, by image and run."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, run_id, reading FROM doubted_readings"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(image_ids))],
    )
    return {(image_id, run): frozenset(parse_key(key)) for image_id, run, key in rows}
