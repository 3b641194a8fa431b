"""Findings about images that a person looked at and does not want to see again."""

import json
from collections.abc import Iterable

from storage.database import fetch_all, immediate, now_text, run_many, run_sql
from storage.projects import Project


def dismiss(
    project: Project, finding: str, image_ids: Iterable[int], *, who: str
) -> None:
    """Never show this finding for these images again."""
    now = now_text()
    rows = [(finding, image_id, who, now) for image_id in image_ids]
    with immediate(project.db) as db:
        run_many(
            db, "INSERT OR IGNORE INTO dismissed_findings VALUES (?, ?, ?, ?)", rows
        )


def restore(
    project: Project, finding: str, image_ids: Iterable[int] | None = None
) -> int:
    """Show a finding again, for these images or for all; returns for how many."""
    rule, values = ("", [finding])
    if image_ids is not None:
        rule = " AND image_id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(list(image_ids)))
    with immediate(project.db) as db:
        return run_sql(
            db, f"DELETE FROM dismissed_findings WHERE finding = ?{rule}", values
        )


def dismissals(project: Project) -> dict[str, set[int]]:
    """The dismissed live images of each finding that has any."""
    rows = fetch_all(
        project.db,
        "SELECT finding, image_id FROM dismissed_findings JOIN images USING (image_id)"
        " WHERE deleted_at IS NULL",
    )
    found: dict[str, set[int]] = {}
    for finding, image_id in rows:
        found.setdefault(finding, set()).add(image_id)
    return found
