"""Batches of changes: written to the history first, then applied from it.

A change of an answer (a *cell*) is one history row with image and label. A
function notes the history's end with `mark`, appends rows, and `apply_since`
carries them out: answers, label-set keys and counts change in one place only.
Everything here must run inside `database.immediate`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlite_utils import Database

from storage.database import (
    fetch_all,
    fetch_value,
    insert_row,
    now_text,
    run_many,
    run_sql,
)

_RECORD = """
    WITH wanted (label_id, after) AS MATERIALIZED (
        SELECT CAST(key AS INTEGER), value FROM json_each(:wanted)
    )
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT :batch_no, i.value, wanted.label_id, answers.value, wanted.after
    FROM json_each(:images) AS i CROSS JOIN wanted
    LEFT JOIN answers
        ON answers.image_id = i.value AND answers.label_id = wanted.label_id
    WHERE answers.value IS NOT wanted.after
"""
# Ascending ids without ORDER BY inside group_concat, which needs SQLite 3.44.
_REFRESH = """
    UPDATE images SET
        set_key = coalesce((
            SELECT group_concat(label_id, ',') FROM (
                SELECT label_id FROM answers
                WHERE answers.image_id = images.image_id AND value = 1
                ORDER BY label_id
            )
        ), ''),
        answered = (SELECT count(*) FROM answers
                    WHERE answers.image_id = images.image_id)
    WHERE image_id IN (SELECT image_id FROM history
                       WHERE history_id > ? AND label_id IS NOT NULL)
"""
_CELLS_SINCE = """
    FROM history WHERE history_id > ?
    AND image_id IS NOT NULL AND label_id IS NOT NULL
"""


def open_batch(
    db: Database,
    *,
    batch_id: str,
    who: str,
    action: str,
    kind: str = "edit",
    target_no: int | None = None,
) -> int | None:
    """Note who starts which batch; None when an edit of that id was made before.

    `kind` is edit, import, undo or redo. An import may come in several parts
    under one id, so it is never refused.
    """
    if kind != "import" and find_batch(db, batch_id) is not None:
        return None
    return insert_row(
        db,
        "INSERT INTO batches (batch_id, at, who, action, kind, target_no)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [batch_id, now_text(), who, action, kind, target_no],
    )


def find_batch(db: Database, batch_id: str) -> int | None:
    """The number of the edit, undo or redo with this id, or None."""
    number: int | None = fetch_value(
        db,
        "SELECT batch_no FROM batches WHERE batch_id = ? AND kind <> 'import'",
        [batch_id],
    )
    return number


def mark(db: Database) -> int:
    """The end of the history, to be handed to `apply_since`."""
    return int(fetch_value(db, "SELECT coalesce(max(history_id), 0) FROM history"))


def record_cells(
    db: Database,
    batch_no: int,
    image_ids: Iterable[int],
    wanted: Mapping[int, int | None],
    *,
    only_unknown: bool = False,
) -> None:
    """Append a cell for every image and label whose answer differs from `wanted`."""
    rule = " AND answers.value IS NULL" if only_unknown else ""
    parameters = {
        "batch_no": batch_no,
        "images": json.dumps(list(image_ids)),
        "wanted": json.dumps(wanted),
    }
    run_sql(db, _RECORD + rule, parameters)


def apply_since(db: Database, history_id: int) -> None:
    """Carry out the cells after a mark and refresh keys and counts of the images."""
    run_sql(
        db,
        f"INSERT INTO answers SELECT image_id, label_id, after {_CELLS_SINCE}"
        " AND after IS NOT NULL ON CONFLICT (image_id, label_id)"
        " DO UPDATE SET value = excluded.value",
        [history_id],
    )
    run_sql(
        db,
        "DELETE FROM answers WHERE (image_id, label_id) IN"
        f" (SELECT image_id, label_id {_CELLS_SINCE} AND after IS NULL)",
        [history_id],
    )
    run_sql(db, _REFRESH, [history_id])


def record_rows(
    db: Database, batch_no: int, rows: Iterable[tuple[int | None, Mapping[str, Any]]]
) -> None:
    """Append changed rows of labels, groups or combinations: (label_id, detail)."""
    run_many(
        db,
        "INSERT INTO history (batch_no, label_id, detail) VALUES (?, ?, ?)",
        [
            (batch_no, label_id, json.dumps(detail, ensure_ascii=False))
            for label_id, detail in rows
        ],
    )


def recorded_rows(
    db: Database, batch_no: int, tables: Iterable[str]
) -> list[tuple[int | None, dict[str, Any]]]:
    """What `record_rows` appended about these tables, as it was given, in order."""
    rows = fetch_all(
        db,
        "SELECT label_id, detail FROM history WHERE batch_no = ? AND image_id IS NULL"
        " AND json_extract(detail, '$.table') IN (SELECT value FROM json_each(?))"
        " ORDER BY history_id",
        [batch_no, json.dumps(list(tables))],
    )
    return [(label_id, json.loads(detail)) for label_id, detail in rows]


def live_image_ids(db: Database, image_ids: Iterable[int]) -> list[int]:
    """Those of the ids that belong to images which were not deleted, ascending."""
    rows = fetch_all(
        db,
        "SELECT image_id FROM images WHERE deleted_at IS NULL"
        " AND image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id",
        [json.dumps(list(image_ids))],
    )
    return [image_id for (image_id,) in rows]


def remove_images(db: Database, batch_no: int, image_ids: Iterable[int]) -> None:
    """Hide images: their answers go to the history, the rows stay."""
    start = mark(db)
    images = json.dumps(list(image_ids))
    run_sql(
        db,
        "INSERT INTO history (batch_no, image_id, label_id, before, after)"
        " SELECT ?, image_id, label_id, value, NULL FROM answers"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [batch_no, images],
    )
    apply_since(db, start)
    _record_presence(db, batch_no, images, 0)
    run_sql(
        db,
        "UPDATE images SET deleted_at = ?"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [now_text(), images],
    )


def return_images(db: Database, batch_no: int, image_ids: Iterable[int]) -> None:
    """Show hidden images again, without answers."""
    images = json.dumps(list(image_ids))
    _record_presence(db, batch_no, images, 1)
    run_sql(
        db,
        "UPDATE images SET deleted_at = NULL"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [images],
    )


def _record_presence(db: Database, batch_no: int, images: str, after: int) -> None:
    run_sql(
        db,
        "INSERT INTO history (batch_no, image_id, before, after)"
        " SELECT ?, value, ?, ? FROM json_each(?)",
        [batch_no, 1 - after, after, images],
    )
