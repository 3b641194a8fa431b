"""Reading the append-only history."""

import json
from typing import Any

from storage.database import fetch_all
from storage.projects import Project
from storage.records import Change


def history(
    project: Project, *, image_id: int | None = None, limit: int = 100
) -> list[Change]:
    """The newest changes first, of the whole project or of one image."""
    rule, values = ("", []) if image_id is None else ("WHERE image_id = ?", [image_id])
    rows = fetch_all(
        project.db,
        "SELECT history_id, at, who, action, batch_id, image_id, label_id, before,"
        " after, detail FROM history JOIN batches USING (batch_no)"
        f" {rule} ORDER BY history_id DESC LIMIT ?",
        [*values, limit],
    )
    return [_as_change(row) for row in rows]


def _as_change(row: tuple[Any, ...]) -> Change:
    values = [*row[:-1], json.loads(row[-1] or "{}")]
    return Change(*values)
