"""Images: looking them up, listing, counting and deleting them."""

import json
from collections.abc import Iterable
from typing import Any

from storage.batches import live_image_ids, open_batch, remove_images
from storage.database import fetch_all, fetch_one, fetch_value, immediate
from storage.errors import ImageError
from storage.image_files import add_images, image_path, known_hashes, sweep_orphans
from storage.image_filters import order_sql, where_sql
from storage.projects import Project
from storage.records import AddReport, Filter, Image, NewImage, Progress

__all__ = [
    "AddReport",
    "Filter",
    "NewImage",
    "add_images",
    "count_images",
    "delete_images",
    "find_by_hash",
    "get_image",
    "get_images",
    "image_path",
    "known_hashes",
    "list_folders",
    "list_image_ids",
    "list_images",
    "progress",
    "sweep_orphans",
]

_COLUMNS = (
    "image_id, sha256, name, ext, width_px, height_px, size_bytes, added_at,"
    " source, split, set_key, answered, reviewed"
)


def _as_image(row: tuple[Any, ...]) -> Image:
    *known, reviewed = row
    return Image(*[*known, bool(reviewed)])


def get_image(project: Project, image_id: int) -> Image:
    """One image; ImageError when it is unknown or deleted."""
    row = fetch_one(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE image_id = ? AND deleted_at IS NULL",
        [image_id],
    )
    if row is None:
        raise ImageError(
            f"Image {image_id} is not in the project {project.name!r} (any more)."
        )
    return _as_image(row)


def get_images(project: Project, image_ids: Iterable[int]) -> list[Image]:
    """The images with these ids, in this order, without unknown and deleted ones."""
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM json_each(?) AS wanted"
        " JOIN images ON image_id = wanted.value"
        " WHERE deleted_at IS NULL ORDER BY wanted.key",
        [json.dumps(list(image_ids))],
    )
    return [_as_image(row) for row in rows]


def find_by_hash(project: Project, sha256: str) -> Image | None:
    """The image with this content, or None."""
    row = fetch_one(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE sha256 = ? AND deleted_at IS NULL",
        [sha256],
    )
    return None if row is None else _as_image(row)


def list_images(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
    *,
    offset: int = 0,
    limit: int = 60,
    order: str = "added",
) -> list[Image]:
    """A page of the images that pass the filter, ordered added, newest or name."""
    where, parameters = where_sql(project.db, filter)
    rows = fetch_all(
        project.db,
        f"SELECT {_COLUMNS} FROM images WHERE {where} ORDER BY {order_sql(order)}"
        " LIMIT ? OFFSET ?",
        [*parameters, limit, offset],
    )
    return [_as_image(row) for row in rows]


def list_image_ids(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
    order: str = "added",
) -> list[int]:
    """The ids of all images that pass the filter, in order."""
    where, parameters = where_sql(project.db, filter)
    rows = fetch_all(
        project.db,
        f"SELECT image_id FROM images WHERE {where} ORDER BY {order_sql(order)}",
        parameters,
    )
    return [image_id for (image_id,) in rows]


def list_folders(project: Project, limit: int = 200) -> list[str]:
    """The top folders images came from, with a slash at the end, largest first."""
    rows = fetch_all(
        project.db,
        "SELECT substr(source, 1, instr(source, '/')) AS folder FROM images"
        " WHERE deleted_at IS NULL GROUP BY folder HAVING folder <> ''"
        " ORDER BY count(*) DESC, folder LIMIT ?",
        [limit],
    )
    return [folder for (folder,) in rows]


def count_images(
    project: Project,
    filter: Filter = Filter(),  # noqa: B008 - frozen
) -> int:
    """How many images pass the filter."""
    where, parameters = where_sql(project.db, filter)
    return int(
        fetch_value(
            project.db, f"SELECT count(*) FROM images WHERE {where}", parameters
        )
    )


def delete_images(
    project: Project, image_ids: Iterable[int], *, who: str, batch_id: str
) -> int:
    """Hide images and their answers until undone; returns how many went."""
    with immediate(project.db) as db:
        batch_no = open_batch(db, batch_id=batch_id, who=who, action="delete images")
        if batch_no is None:
            return 0
        live = live_image_ids(db, image_ids)
        remove_images(db, batch_no, live)
    return len(live)


def progress(project: Project) -> Progress:
    """Images in all, with an answer, and with every label answered."""
    rows = fetch_all(
        project.db,
        "SELECT answered, count(*) FROM images WHERE deleted_at IS NULL"
        " GROUP BY answered",
    )
    labels = fetch_value(project.db, "SELECT count(*) FROM labels WHERE gone = 0")
    return Progress(
        total=sum(count for _, count in rows),
        labelled=sum(count for answered, count in rows if answered),
        complete=sum(count for answered, count in rows if answered >= max(labels, 1)),
    )
