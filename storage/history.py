"""Reading the append-only history."""

import json
from typing import Any

from storage.database import fetch_all, fetch_value
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


def changed_images(
    project: Project, since: int, limit: int = 500
) -> tuple[int, dict[int, str]]:
    """The end of the history, and who last answered each image changed after `since`.

    Of more than `limit` images the newest are given.
    """
    last = fetch_value(project.db, "SELECT coalesce(max(history_id), 0) FROM history")
    rows = fetch_all(
        project.db,
        "SELECT image_id, who FROM (SELECT image_id, max(batch_no) AS batch_no,"
        " max(history_id) AS newest FROM history WHERE history_id > ?"
        " AND image_id IS NOT NULL GROUP BY image_id ORDER BY newest DESC LIMIT ?)"
        " JOIN batches USING (batch_no)",
        [since, limit],
    )
    return int(last), dict(rows)


def count_answered_by_hand(project: Project, batch_id: str) -> int:
    """How many of the images that an import brought in people have answered since."""
    return int(
        fetch_value(
            project.db,
            "SELECT count(DISTINCT h.image_id) FROM history AS h"
            " JOIN batches AS b USING (batch_no)"
            " WHERE b.kind = 'edit' AND b.undone_by IS NULL AND h.label_id IS NOT NULL"
            " AND h.image_id IN (SELECT image_id FROM history"
            " JOIN batches USING (batch_no) WHERE batch_id = ? AND label_id IS NULL)",
            [batch_id],
        )
    )
