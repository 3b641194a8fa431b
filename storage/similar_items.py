"""What pictures are pictures of: titles, prices, links; and what each one shows."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.database import (
    fetch_all,
    fetch_one,
    fetch_value,
    immediate,
    run_many,
    run_sql,
)
from storage.label_sets import parse_key
from storage.projects import Project

# A person's answers; where there are none, what the scoring run reads.
_SHOWN = """
    CASE WHEN answered > 0 THEN set_key ELSE coalesce(reading, '') END
    FROM images LEFT JOIN image_scores USING (image_id) WHERE deleted_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Item:
    """What can be had of what a picture shows; an empty text is not known."""

    image_id: int
    title: str = ""
    price: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An image and the labels it shows: answered by people, else read by a run.

    `source` is the path it came from.
    """

    image_id: int
    sha256: str
    name: str
    label_ids: tuple[int, ...]
    source: str = ""


def put_items(project: Project, items: Sequence[Item]) -> None:
    """Keep these items, in place of what was kept of the same images."""
    with immediate(project.db) as db:
        run_many(
            db,
            "INSERT OR REPLACE INTO items (image_id, title, price, link)"
            " VALUES (?, ?, ?, ?)",
            [(item.image_id, item.title, item.price, item.link) for item in items],
        )


def items_of(project: Project, image_ids: Collection[int]) -> dict[int, Item]:
    """The items of those of these images that have one."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, title, price, link FROM items"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(image_ids))],
    )
    return {row[0]: Item(*row) for row in rows}


def count_items(project: Project) -> int:
    """How many images of the project have an item."""
    return int(
        fetch_value(
            project.db,
            "SELECT count(*) FROM items JOIN images USING (image_id)"
            " WHERE deleted_at IS NULL",
        )
    )


def forget_items(project: Project) -> int:
    """Forget all items; returns how many there were. The images stay."""
    with immediate(project.db) as db:
        return run_sql(db, "DELETE FROM items")


def shown_of(project: Project, hashes: Collection[str]) -> dict[str, Shown]:
    """What those of these contents show that are images of the project."""
    rows = fetch_all(
        project.db,
        f"SELECT image_id, sha256, name, source, {_SHOWN}"
        " AND sha256 IN (SELECT value FROM json_each(?))",
        [json.dumps(list(hashes))],
    )
    return {
        sha256: Shown(image_id, sha256, name, parse_key(key), source)
        for image_id, sha256, name, source, key in rows
    }


def images_mark(project: Project) -> tuple[int, int]:
    """How many images there are and the newest's id: what differs when any changed."""
    count, newest = fetch_one(
        project.db,
        "SELECT count(*), coalesce(max(image_id), 0) FROM images"
        " WHERE deleted_at IS NULL",
    )
    return count, newest


def image_hashes(project: Project) -> list[str]:
    """The content hash of every image, by id."""
    rows = fetch_all(
        project.db,
        "SELECT sha256 FROM images WHERE deleted_at IS NULL ORDER BY image_id",
    )
    return [sha256 for (sha256,) in rows]
