"""What is asked of the images to see whether some labels are a group."""

import json
from collections.abc import Iterable

from storage.database import fetch_all, fetch_value
from storage.projects import Project

ASKED_AT_MOST = 50_000


def image_folders(project: Project, limit: int = 2_000) -> list[str]:
    """The distinct folders that images came from, each with a slash at its end.

    Of very many images one in so many is asked.
    """
    newest = fetch_value(project.db, "SELECT max(image_id) FROM images") or 0
    rows = fetch_all(
        project.db,
        # strips from the end whatever is no slash
        "SELECT DISTINCT rtrim(source, replace(source, '/', '')) AS folder FROM images"
        " WHERE image_id % ? = 0 AND deleted_at IS NULL AND folder <> '' LIMIT ?",
        [newest // ASKED_AT_MOST + 1, limit],
    )
    return [folder for (folder,) in rows]


def count_denied(project: Project, label_ids: Iterable[int]) -> int:
    """On how many images every one of these labels is answered no."""
    wanted = sorted(set(label_ids))
    return int(
        fetch_value(
            project.db,
            "SELECT count(*) FROM (SELECT image_id FROM answers"
            " JOIN images USING (image_id) WHERE deleted_at IS NULL"
            " AND label_id IN (SELECT value FROM json_each(?))"
            " GROUP BY image_id HAVING sum(value) = 0 AND count(*) = ?)",
            [json.dumps(wanted), len(wanted)],
        )
    )
