"""What was measured of each picture: hashes, light, sharpness, a descriptor.

Facts belong to a version of the way of measuring; those of an older one count as
not measured. Deleted images keep theirs, so that an undo needs no new measuring.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from storage.database import (
    fetch_all,
    fetch_one,
    fetch_value,
    immediate,
    run_many,
    run_sql,
)
from storage.projects import Project

_COLUMNS = (
    "image_id, hash, pixel_hash, brightness, contrast, sharpness, descriptor, problem,"
    " glare"
)
_LIVE = "JOIN images USING (image_id) WHERE deleted_at IS NULL"


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of one picture's content.

    `hash` is perceptual, hexadecimal, and "" for a picture without a shape to
    recognise; `brightness` and `contrast` go from 0 to 1; `glare` is the share of
    burnt-out pixels; `problem` is why the stored file could not be read, and then the
    rest is empty.
    """

    image_id: int
    hash: str
    pixel_hash: str
    brightness: float
    contrast: float
    sharpness: float
    descriptor: bytes
    problem: str = ""
    glare: float = 0.0


def put_facts(project: Project, version: int, facts: Iterable[ImageFacts]) -> None:
    """Keep facts, in place of older ones of the same images."""
    rows = [(version, *_row_of(found)) for found in facts]
    with immediate(project.db) as db:
        run_many(
            db,
            f"INSERT OR REPLACE INTO image_facts (version, {_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


def _row_of(facts: ImageFacts) -> tuple[Any, ...]:
    return (
        facts.image_id,
        facts.hash,
        facts.pixel_hash,
        facts.brightness,
        facts.contrast,
        facts.sharpness,
        facts.descriptor,
        facts.problem,
        facts.glare,
    )


def facts_of(project: Project, image_ids: Iterable[int]) -> dict[int, ImageFacts]:
    """The facts of these images; those not measured are missing."""
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM image_facts"
        " WHERE image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(image_ids))],
    )
    return {row[0]: ImageFacts(*row) for row in rows}


def unmeasured_ids(project: Project, version: int, limit: int = -1) -> list[int]:
    """Live images without facts of this version, the oldest first."""
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM images LEFT JOIN image_facts USING (image_id)"
        " WHERE deleted_at IS NULL AND version IS NOT ?"
        " ORDER BY image_id LIMIT ?",
        [version, limit],
    )
    return [image_id for (image_id,) in rows]


def list_ids_after(project: Project, image_id: int, limit: int) -> list[int]:
    """The live images that follow this one, by id."""
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM images WHERE deleted_at IS NULL AND image_id > ?"
        " ORDER BY image_id LIMIT ?",
        [image_id, limit],
    )
    return [found for (found,) in rows]


def count_measured(project: Project, version: int) -> int:
    """How many live images have facts of this version."""
    return int(
        fetch_value(
            project.db,
            f"SELECT count(*) FROM image_facts {_LIVE} AND version = ?",
            [version],
        )
    )


def known_pixel_hashes(project: Project) -> dict[str, str]:
    """Pixel hash by sha256 of every image that could be measured."""
    return dict(
        fetch_all(
            project.db,
            "SELECT sha256, pixel_hash FROM image_facts JOIN images USING (image_id)"
            " WHERE problem = ''",
        )
    )


def read_hashes(project: Project) -> list[tuple[int, str]]:
    """(image id, perceptual hash) of the images that have one, deleted ones too."""
    return fetch_all(
        project.db,
        "SELECT image_id, hash FROM image_facts WHERE hash <> '' ORDER BY image_id",
    )


def read_descriptors(project: Project) -> list[tuple[int, bytes]]:
    """(image id, descriptor) of every measured image, deleted ones too."""
    return fetch_all(
        project.db,
        "SELECT image_id, descriptor FROM image_facts WHERE problem = ''"
        " ORDER BY image_id",
    )


def read_descriptor(project: Project, image_id: int) -> bytes | None:
    """The descriptor of one image; None when it is not measured or unreadable."""
    found: bytes | None = fetch_value(
        project.db,
        "SELECT descriptor FROM image_facts WHERE image_id = ? AND problem = ''",
        [image_id],
    )
    return found


def put_near_duplicates(project: Project, pairs: Iterable[Sequence[int]]) -> None:
    """Keep pairs (image id, other id, distance) in place of all older ones."""
    rows = [(min(a, b), max(a, b), distance) for a, b, distance in pairs]
    with immediate(project.db) as db:
        run_sql(db, "DELETE FROM near_duplicates")
        run_many(db, "INSERT OR REPLACE INTO near_duplicates VALUES (?, ?, ?)", rows)


def near_duplicate_pairs(
    project: Project, max_distance: int | None = None
) -> list[tuple[int, int, int]]:
    """(image id, other id, distance) of live look-alikes, the closest first."""
    rule, values = (
        ("", []) if max_distance is None else ("AND distance <= ?", [max_distance])
    )
    return fetch_all(
        project.db,
        "SELECT near.image_id, other_id, distance FROM near_duplicates AS near"
        " JOIN images AS a ON a.image_id = near.image_id AND a.deleted_at IS NULL"
        " JOIN images AS b ON b.image_id = other_id AND b.deleted_at IS NULL"
        f" WHERE TRUE {rule} ORDER BY distance, near.image_id, other_id",
        values,
    )


def pixel_copies(project: Project) -> list[tuple[str, int]]:
    """(pixel hash, image id) of live images whose pixels another one has too.

    The other one may have been deleted since: a pixel hash may come only once.
    """
    # The inner question is answered by the index alone.
    return fetch_all(
        project.db,
        f"""
        SELECT pixel_hash, image_id FROM image_facts {_LIVE} AND pixel_hash IN
            (SELECT pixel_hash FROM image_facts WHERE pixel_hash <> ''
             GROUP BY pixel_hash HAVING count(*) > 1)
        ORDER BY pixel_hash, image_id
        """,
    )


def facts_stamp(project: Project) -> list[int]:
    """Numbers that change when an image is measured."""
    found = fetch_one(
        project.db,
        "SELECT count(*), coalesce(max(image_id), 0), coalesce(max(version), 0)"
        " FROM image_facts",
    )
    return list(found)
