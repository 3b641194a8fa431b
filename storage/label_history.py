"""What became of a label: who made, renamed, moved or merged it, and when."""

import json
from dataclasses import dataclass
from typing import Any

from storage.database import fetch_all, fetch_value
from storage.projects import Project

_DETAILS = ("colour", "description", "hotkey", "examples")
# Acts of answering are most batches by far, and no label's row is in them.
_ROWS = """
    SELECT at, who, detail FROM batches JOIN history USING (batch_no)
    WHERE kind = 'edit' AND undone_by IS NULL AND action <> 'answer'
        AND image_id IS NULL AND history.label_id = ?
    ORDER BY history_id DESC LIMIT ?
"""
_CHANGED_BY = """
    SELECT who FROM history JOIN batches USING (batch_no)
    WHERE history_id > ? AND image_id IS NULL AND json_extract(detail, '$.table')
        IN ('labels', 'label_groups', 'implications')
    ORDER BY history_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """One thing that was done to a label and not taken back.

    `kind` is made, renamed (from `before` to `after`), merged (`before` is the
    label that went into this one), moved (group ids or ""), described or ordered.
    """

    at: str
    who: str
    kind: str
    before: str = ""
    after: str = ""


def label_events(
    project: Project, label_id: int, *, limit: int = 50
) -> list[LabelEvent]:
    """The newest events of a label first."""
    rows = fetch_all(project.db, _ROWS, [label_id, limit])
    return [
        LabelEvent(at, who, *_read_event(json.loads(text))) for at, who, text in rows
    ]


def _read_event(detail: dict[str, Any]) -> tuple[str, str, str]:
    if "note" in detail:
        return detail["note"], detail["name"], ""
    before, after = detail["before"], detail["after"]
    if before["gone"] and not after["gone"]:
        return "made", "", after["name"]
    if before["name"] != after["name"]:
        return "renamed", before["name"], after["name"]
    if before["group_id"] != after["group_id"]:
        return "moved", _text(before["group_id"]), _text(after["group_id"])
    changed = any(before.get(name) != after.get(name) for name in _DETAILS)
    return "described" if changed else "ordered", "", ""


def _text(group_id: int | None) -> str:
    return "" if group_id is None else str(group_id)


def labels_changed_by(project: Project, since: int) -> str | None:
    """Who was the last to change labels or groups after this place of the history."""
    found: str | None = fetch_value(project.db, _CHANGED_BY, [since])
    return found


def open_count(project: Project, label_id: int) -> int:
    """On how many images nobody has answered this label yet."""
    return int(
        fetch_value(
            project.db,
            "SELECT (SELECT count(*) FROM images WHERE deleted_at IS NULL)"
            " - (SELECT count(*) FROM answers WHERE label_id = ?)",
            [label_id],
        )
    )
