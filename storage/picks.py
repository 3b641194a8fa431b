"""Images picked on some page, to be gone through in Label, each with a reason."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from storage.database import (
    fetch_all,
    immediate,
    insert_row,
    now_text,
    run_many,
)
from storage.projects import Project


@dataclass(frozen=True, slots=True)
class Pick:
    """A named choice of images."""

    pick_id: int
    title: str
    at: str
    who: str


def put_pick(
    project: Project, title: str, images: Sequence[tuple[int, str]], *, who: str
) -> Pick:
    """Keep (image, why it is shown) in this order; an image counts once."""
    at = now_text()
    with immediate(project.db) as db:
        pick_id = insert_row(
            db, "INSERT INTO picks (title, at, who) VALUES (?, ?, ?)", [title, at, who]
        )
        rows = [
            (pick_id, place, image_id, reason)
            for place, (image_id, reason) in enumerate(dict(images).items())
        ]
        run_many(db, "INSERT INTO picked_images VALUES (?, ?, ?, ?)", rows)
    return Pick(pick_id, title, at, who)


def pick_numbers(project: Project) -> list[int]:
    """The numbers of all picks, the newest last."""
    rows = fetch_all(project.db, "SELECT pick_id FROM picks ORDER BY pick_id")
    return [pick_id for (pick_id,) in rows]


def picked_ids(project: Project, pick_id: int) -> list[int]:
    """The live images of a pick in its order; none if there is no such pick."""
    rows = fetch_all(
        project.db,
        "SELECT image_id FROM picked_images JOIN images USING (image_id)"
        " WHERE pick_id = ? AND deleted_at IS NULL ORDER BY place",
        [pick_id],
    )
    return [image_id for (image_id,) in rows]


def pick_reasons(
    project: Project, pick_id: int, image_ids: Collection[int]
) -> dict[int, str]:
    """Why a pick holds each of these images."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, reason FROM picked_images WHERE pick_id = ?"
        " AND image_id IN (SELECT value FROM json_each(?))",
        [pick_id, json.dumps(list(image_ids))],
    )
    return dict(rows)
