"""Rows of the table opinions: reading, writing, and taking a batch of them back."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from storage.batches import record_rows, recorded_rows
from storage.database import fetch_all, now_text, run_many

Values = dict[int, bool]
# Image, label, value before and after; None is "said nothing".
Change = tuple[int, int, bool | None, bool | None]


def read_opinions(
    db: Database, image_ids: Collection[int], who: str
) -> dict[int, Values]:
    """One person's opinions; an image without any is left out."""
    rows = fetch_all(
        db,
        "SELECT image_id, label_id, value FROM opinions WHERE who = ?"
        " AND image_id IN (SELECT value FROM json_each(?))",
        [who, json.dumps(list(image_ids))],
    )
    found: dict[int, Values] = {}
    for image_id, label_id, value in rows:
        found.setdefault(image_id, {})[label_id] = bool(value)
    return found


def write_opinions(
    db: Database, who: str, wanted: Mapping[int, Values]
) -> dict[str, Any] | None:
    """Make these a person's opinions; returns the history's detail, None if no news."""
    known = read_opinions(db, list(wanted), who)
    changes = [
        (image_id, label_id, before, after)
        for image_id, values in wanted.items()
        for label_id, before, after in _differences(known.get(image_id, {}), values)
    ]
    if not changes:
        return None
    _apply(db, who, changes)
    return {"table": "opinions", "who": who, "changes": changes}


def restore_opinions(
    db: Database, target_no: int, batch_no: int, *, undo: bool
) -> None:
    """Set the opinions of a batch back (undo) or again (redo).

    What the person has said otherwise since stays.
    """
    for _, detail in recorded_rows(db, target_no, ["opinions"]):
        wanted = [_turned(change, undo) for change in detail["changes"]]
        known = read_opinions(db, {change[0] for change in wanted}, detail["who"])
        changes = [c for c in wanted if known.get(c[0], {}).get(c[1]) is c[2]]
        _apply(db, detail["who"], changes)
        record_rows(db, batch_no, [(None, {**detail, "changes": changes})])


def _turned(change: list[Any], undo: bool) -> Change:
    image_id, label_id, before, after = change
    have, want = (after, before) if undo else (before, after)
    return image_id, label_id, have, want


def _differences(
    before: Values, after: Values
) -> Iterable[tuple[int, bool | None, bool | None]]:
    for label_id in sorted(before.keys() | after.keys()):
        old, new = before.get(label_id), after.get(label_id)
        if old is not new:
            yield label_id, old, new


def _apply(db: Database, who: str, changes: Collection[Change]) -> None:
    run_many(
        db,
        "DELETE FROM opinions WHERE image_id = ? AND label_id = ? AND who = ?",
        [(image_id, label_id, who) for image_id, label_id, _, _ in changes],
    )
    at = now_text()
    run_many(
        db,
        "INSERT INTO opinions (image_id, label_id, who, value, at)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (image_id, label_id, who, int(after), at)
            for image_id, label_id, _, after in changes
            if after is not None
        ],
    )
