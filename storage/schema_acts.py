"""Acts on labels, groups, implications and combinations, recorded row by row.

Rows are never removed: `gone` is 1 for those that are not there (any more). So
every act is a list of changed rows, and undoing it writes the old ones back.
Rows recorded before a column existed lack it: undoing leaves that column alone.
"""

import contextlib
import uuid
import weakref
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from storage.batches import apply_since, mark, open_batch, record_rows, recorded_rows
from storage.database import IntegrityError, fetch_all, fetch_one, immediate, run_sql
from storage.errors import LabelError
from storage.implication_rows import refuse_contradictions
from storage.label_keys import renew_keys
from storage.label_rows import name_taken
from storage.projects import Project

_LABEL_DETAILS = ("colour", "description", "hotkey", "examples")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "labels": ("name", "name_key", "group_id", "position", "gone", *_LABEL_DETAILS),
    "label_groups": ("name", "name_key", "rule", "position", "gone", "description"),
    "impossible_combinations": ("gone",),
    "implications": ("gone",),
}
_KEYS = {
    "labels": "label_id",
    "label_groups": "group_id",
    "impossible_combinations": "combination",
    "implications": "implication",
}
_NAMELESS = {
    "impossible_combinations": "the combination",
    "implications": "what is implied",
}
_RowKey = tuple[str, int | str]
_Rows = dict[_RowKey, dict[str, Any]]
# The act that is under way on a connection: acts inside it become part of it.
_under_way: "weakref.WeakKeyDictionary[Database, int]" = weakref.WeakKeyDictionary()


@contextlib.contextmanager
def schema_act(project: Project, action: str, who: str) -> Iterator[int]:
    """Run one act in one transaction and one batch, whose number it gives.

    Changed rows are found by comparing before and after; cells that the act
    records itself are applied at the end. An act inside another one joins it, so
    that one undo takes back both. LabelError when implications contradict each
    other afterwards.
    """
    if project.db in _under_way:
        yield _under_way[project.db]
        return
    with immediate(project.db) as db:
        batch_no = open_batch(db, batch_id=uuid.uuid4().hex, who=who, action=action)
        assert batch_no is not None  # the id is new
        before, start = _read_rows(db), mark(db)
        _under_way[db] = batch_no
        try:
            yield batch_no
        finally:
            del _under_way[db]
        refuse_contradictions(db)
        apply_since(db, start)
        record_rows(db, batch_no, _differences(before, _read_rows(db)))
        renew_keys(project)


class _RehearsalOver(Exception):
    """Ends a rehearsal; never leaves it."""


@contextlib.contextmanager
def rehearse(project: Project) -> Iterator[None]:
    """Let acts happen for a look at what they would do, then take all of it back."""
    with contextlib.suppress(_RehearsalOver), immediate(project.db):
        yield
        raise _RehearsalOver


def note_act(db: Database, batch_no: int, label_id: int, kind: str, other: str) -> None:
    """Leave a line in a label's history that no row tells, such as a merge."""
    record_rows(db, batch_no, [(label_id, {"note": kind, "name": other})])


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
            label_id = int(key) if table == "labels" else None
            detail = {"table": table, "key": key, "before": old, "after": row}
            yield label_id, detail


def restore_rows(db: Database, target_no: int, batch_no: int, *, undo: bool) -> None:
    """Write the rows of an act back as they were (undo) or became (redo).

    Raises LabelError when somebody has changed one of them since.
    """
    restored = []
    for label_id, detail in recorded_rows(db, target_no, _COLUMNS):
        if undo:
            detail["before"], detail["after"] = detail["after"], detail["before"]
        _restore_row(db, detail)
        restored.append((label_id, detail))
    record_rows(db, batch_no, restored)


def _restore_row(db: Database, detail: dict[str, Any]) -> None:
    table, key = detail["table"], detail["key"]
    columns = [column for column in _COLUMNS[table] if column in detail["before"]]
    current = fetch_one(
        db, f"SELECT {', '.join(columns)} FROM {table} WHERE {_KEYS[table]} = ?", [key]
    )
    if dict(zip(columns, current, strict=True)) != detail["before"]:
        name = detail["after"].get("name", _NAMELESS.get(table))
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
