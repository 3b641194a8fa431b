"""Acts on labels, groups and impossible combinations, recorded row by row.

Rows are never removed: `gone` is 1 for those that are not there (any more). So
every act is a list of changed rows, and undoing it writes the old ones back.
"""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from storage.batches import apply_since, mark, open_batch, record_rows
from storage.database import IntegrityError, fetch_all, fetch_one, immediate, run_sql
from storage.errors import LabelError
from storage.projects import Project

_COLUMNS: dict[str, tuple[str, ...]] = {
    "labels": ("name", "name_key", "group_id", "position", "gone"),
    "label_groups": ("name", "name_key", "rule", "position", "gone"),
    "impossible_combinations": ("gone",),
}
_KEYS = {
    "labels": "label_id",
    "label_groups": "group_id",
    "impossible_combinations": "combination",
}
_RowKey = tuple[str, int | str]
_Rows = dict[_RowKey, dict[str, Any]]


@contextlib.contextmanager
def schema_act(project: Project, action: str, who: str) -> Iterator[int]:
    """Run one act in one transaction and one batch, whose number it gives.

    Changed rows are found by comparing before and after; cells that the act
    records itself are applied at the end.
    """
    with immediate(project.db) as db:
        batch_no = open_batch(db, batch_id=uuid.uuid4().hex, who=who, action=action)
        assert batch_no is not None  # the id is new
        before, start = _read_rows(db), mark(db)
        yield batch_no
        apply_since(db, start)
        record_rows(db, batch_no, _differences(before, _read_rows(db)))


def name_taken(name: str) -> LabelError:
    """The error for a name that another label or group has."""
    return LabelError(
        f"Another label or group is named {name!r} already. Choose another name, or "
        "merge the two."
    )


def _read_rows(db: Database) -> _Rows:
    found: _Rows = {}
    for table, columns in _COLUMNS.items():
        sql = f"SELECT {_KEYS[table]}, {', '.join(columns)} FROM {table}"
        for key, *values in fetch_all(db, sql):
            found[table, key] = dict(zip(columns, values, strict=True))
    return found


def _differences(
    before: _Rows, after: _Rows
) -> Iterator[tuple[int | None, dict[str, Any]]]:
    for (table, key), row in after.items():
        old = before.get((table, key), {**row, "gone": 1})
        if old != row:
            label_id = key if table == "labels" else None
            detail = {"table": table, "key": key, "before": old, "after": row}
            yield label_id, detail  # type: ignore[misc]


def restore_rows(db: Database, target_no: int, batch_no: int, *, undo: bool) -> None:
    """Write the rows of an act back as they were (undo) or became (redo).

    Raises LabelError when somebody has changed one of them since.
    """
    rows = fetch_all(
        db,
        "SELECT label_id, detail FROM history WHERE batch_no = ?"
        " AND image_id IS NULL"
        " AND json_extract(detail, '$.table') NOT IN ('images', 'opinions')"
        " ORDER BY history_id",
        [target_no],
    )
    restored = []
    for label_id, text in rows:
        detail = json.loads(text)
        if undo:
            detail["before"], detail["after"] = detail["after"], detail["before"]
        _restore_row(db, detail)
        restored.append((label_id, detail))
    record_rows(db, batch_no, restored)


def _restore_row(db: Database, detail: dict[str, Any]) -> None:
    table, key = detail["table"], detail["key"]
    columns = _COLUMNS[table]
    current = fetch_one(
        db, f"SELECT {', '.join(columns)} FROM {table} WHERE {_KEYS[table]} = ?", [key]
    )
    if dict(zip(columns, current, strict=True)) != detail["before"]:
        name = detail["after"].get("name", "the combination")
        raise LabelError(
            f"{name!r} was changed since, so this step cannot be taken back. Change "
            "it by hand instead."
        )
    assignments = ", ".join(f"{column} = ?" for column in columns)
    values = [detail["after"][column] for column in columns]
    try:
        run_sql(
            db,
            f"UPDATE {table} SET {assignments} WHERE {_KEYS[table]} = ?",
            [*values, key],
        )
    except IntegrityError as error:
        raise name_taken(detail["after"]["name"]) from error


def refuse_gone_in_use(db: Database, batch_no: int) -> None:
    """Raise LabelError when a batch took away a label that has answers."""
    row = fetch_one(
        db,
        "SELECT name FROM labels JOIN history USING (label_id)"
        " WHERE batch_no = ? AND image_id IS NULL AND gone = 1"
        " AND EXISTS (SELECT 1 FROM answers"
        " WHERE answers.label_id = labels.label_id)",
        [batch_no],
    )
    if row:
        raise LabelError(
            f"The label {row[0]!r} has been used since it was made, so making it "
            "cannot be taken back. Delete the label instead."
        )
