"""What people set on whole images: the split, and that somebody looked again.

A change of any number of images is one history row per batch: its detail holds
the column, the new value and the ids by their old value.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlite_utils import Database

from storage.batches import live_image_ids, open_batch, record_rows, recorded_rows
from storage.database import fetch_all, immediate, run_sql
from storage.errors import ImageError
from storage.projects import Project
from storage.splits import SPLITS

_Value = str | int | None
_COLUMNS = ("split", "reviewed")


def move_to_split(
    project: Project,
    image_ids: Iterable[int],
    split: str | None,
    *,
    who: str,
    batch_id: str,
    kind: str = "edit",
) -> int:
    """Put images into train, validation, test or (None) into no split.

    Returns how many of the images there are. The same batch_id again changes
    nothing, unless `kind` is import. ImageError when none of them is left.
    """
    if split is not None and split not in SPLITS:
        raise ImageError(
            f"A split is one of {', '.join(SPLITS)}, or none; not {split!r}."
        )
    return _mark(project, image_ids, "split", split, (who, batch_id, kind))


def mark_reviewed(
    project: Project,
    image_ids: Iterable[int],
    reviewed: bool,
    *,
    who: str,
    batch_id: str,
) -> int:
    """Note that a person looked at images again, or take that back.

    Returns how many of the images there are; see `move_to_split`.
    """
    by = (who, batch_id, "edit")
    return _mark(project, image_ids, "reviewed", int(reviewed), by)


def _mark(
    project: Project,
    image_ids: Iterable[int],
    column: str,
    value: _Value,
    by: tuple[str, str, str],
) -> int:
    who, batch_id, kind = by
    wanted = list(image_ids)
    with immediate(project.db) as db:
        live = live_image_ids(db, wanted)
        if wanted and not live:
            raise ImageError("These images are not in the project (any more).")
        batch_no = open_batch(
            db, batch_id=batch_id, who=who, action=f"set {column}", kind=kind
        )
        if batch_no is not None:
            _write(db, batch_no, column, value, _by_value(db, column, live))
    return len(live)


def restore_marks(db: Database, target_no: int, batch_no: int, *, undo: bool) -> None:
    """Set the marks of a batch back (undo) or again (redo).

    Images that were marked otherwise since stay as they are.
    """
    for detail in _details(db, target_no):
        column, after = detail["column"], detail["after"]
        for before, image_ids in detail["before"]:
            have, want = (after, before) if undo else (before, after)
            now = dict(_by_value(db, column, image_ids))
            _write(db, batch_no, column, want, [(have, now.get(have, []))])


def _details(db: Database, batch_no: int) -> Iterator[dict[str, Any]]:
    for _, detail in recorded_rows(db, batch_no, ["images"]):
        if detail["column"] not in _COLUMNS:  # it is about to become SQL
            raise ImageError(f"An image has no mark {detail['column']!r}.")
        yield detail


def _by_value(
    db: Database, column: str, image_ids: list[int]
) -> list[tuple[_Value, list[int]]]:
    """The ids in lists, by what the column holds now."""
    found: dict[_Value, list[int]] = {}
    rows = fetch_all(
        db,
        f"SELECT image_id, {column} FROM images"
        " WHERE image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(image_ids)],
    )
    for image_id, value in rows:
        found.setdefault(value, []).append(image_id)
    return list(found.items())


def _write(
    db: Database,
    batch_no: int,
    column: str,
    after: _Value,
    before: list[tuple[_Value, list[int]]],
) -> None:
    """Set the column on all images that differ, with one line in the history."""
    changed = [(value, ids) for value, ids in before if ids and value != after]
    if not changed:
        return
    detail = {"table": "images", "column": column, "after": after, "before": changed}
    record_rows(db, batch_no, [(None, detail)])
    ids = [image_id for _, some in changed for image_id in some]
    run_sql(
        db,
        f"UPDATE images SET {column} = ?"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [after, json.dumps(ids)],
    )
