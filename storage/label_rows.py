"""Rows of labels and groups, and the rules for their names."""

import json
import unicodedata
from typing import Any

from sqlite_utils import Database

from storage.database import fetch_all, fetch_one, fetch_value, insert_row, run_sql
from storage.errors import LabelError
from storage.records import Label

MAX_NAME_CHARACTERS = 100
_COLUMNS = (
    "label_id, labels.name, group_id, labels.position, colour, labels.description,"
    " hotkey, examples"
)
_IN_ORDER = f"""
    SELECT {_COLUMNS} FROM labels
    LEFT JOIN label_groups USING (group_id) WHERE labels.gone = 0
    ORDER BY group_id IS NULL, label_groups.position, group_id,
        labels.position, label_id
"""


def clean_name(name: str) -> str:
    """The name as it is stored: NFC, trimmed, inner white space collapsed.

    Raises LabelError for an empty or too long name and for control characters.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise LabelError("A label or group needs a name, but this one is empty.")
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise LabelError(
            f"A label or group name has at most {MAX_NAME_CHARACTERS} characters, but "
            f"{cleaned[:20]!r}… has {len(cleaned)}. Shorten it."
        )
    # Cc control, Cs lone surrogate (cannot be stored), Cf except the joiners
    # that emoji and some scripts need: invisible or direction-turning characters
    if any(_is_forbidden(character) for character in cleaned):
        raise LabelError(
            f"The name {cleaned!r} holds an invisible control character. Type it "
            "again by hand."
        )
    return cleaned


def _is_forbidden(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Cs") or (
        category == "Cf" and character not in "\u200c\u200d"
    )


def fold_name(name: str) -> str:
    """What two names must not share: a clean name without regard to case."""
    return unicodedata.normalize("NFC", clean_name(name).casefold())


def read_labels(db: Database) -> list[Label]:
    """All labels in order: by group, then free ones."""
    return [_as_label(row) for row in fetch_all(db, _IN_ORDER)]


def _as_label(row: tuple[Any, ...]) -> Label:
    *values, examples = row
    return Label(*[*values, tuple(json.loads(examples))])


def get_label(db: Database, label_id: int) -> Label:
    """One label that is not gone, or LabelError."""
    row = fetch_one(
        db,
        f"SELECT {_COLUMNS} FROM labels WHERE label_id = ? AND gone = 0",
        [label_id],
    )
    if row is None:
        raise LabelError(f"There is no label {label_id} in this project (any more).")
    return _as_label(row)


def ensure_label(db: Database, name: str, group_id: int | None) -> int:
    """The id of the label with this name, made at the end of its group if missing."""
    found = fetch_value(
        db,
        "SELECT label_id FROM labels WHERE name_key = ? AND gone = 0",
        [fold_name(name)],
    )
    if found is None:
        found = insert_row(
            db,
            "INSERT INTO labels (name, name_key, group_id, position)"
            " VALUES (?, ?, ?, ?)",
            [clean_name(name), fold_name(name), group_id, next_position(db, "labels")],
        )
    return int(found)


def give_name(db: Database, table: str, row_id: int, name: str) -> None:
    """Rename a row of labels or label_groups; LabelError when the name is taken."""
    key = "label_id" if table == "labels" else "group_id"
    taken = fetch_value(
        db,
        f"SELECT 1 FROM {table} WHERE name_key = ? AND gone = 0 AND {key} <> ?",
        [fold_name(name), row_id],
    )
    if taken:
        raise name_taken(name)
    run_sql(
        db,
        f"UPDATE {table} SET name = ?, name_key = ? WHERE {key} = ?",
        [clean_name(name), fold_name(name), row_id],
    )


def name_taken(name: str) -> LabelError:
    """The error for a name that another label or group has."""
    return LabelError(
        f"Another label or group is named {name!r} already. Choose another name, or "
        "merge the two."
    )


def next_position(db: Database, table: str) -> int:
    """A position behind all rows of labels or label_groups."""
    return int(fetch_value(db, f"SELECT coalesce(max(position), 0) + 1 FROM {table}"))


def get_group_row(db: Database, group_id: int) -> Any:
    """(group_id, name, rule) of a group that is not gone, or LabelError."""
    row = fetch_one(
        db,
        "SELECT group_id, name, rule FROM label_groups WHERE group_id = ? AND gone = 0",
        [group_id],
    )
    if row is None:
        raise LabelError(f"There is no group {group_id} in this project (any more).")
    return row
