"""Other paths that pictures came by: of copies, each picture is kept once."""

import json
from collections.abc import Iterable

from storage.database import fetch_all, immediate, run_sql
from storage.projects import Project


def add_aliases(project: Project, aliases: Iterable[tuple[int, str]]) -> None:
    """Remember that the image came by this path too; its own path is none."""
    rows = json.dumps(list(aliases))
    with immediate(project.db) as db:
        run_sql(
            db,
            "WITH wanted (image_id, path) AS MATERIALIZED ("
            " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]')"
            " FROM json_each(?))"
            " INSERT OR IGNORE INTO image_aliases (path, image_id)"
            " SELECT path, image_id FROM wanted JOIN images USING (image_id)"
            " WHERE source <> path",
            [rows],
        )


def list_aliases(project: Project) -> list[tuple[int, str]]:
    """(image_id, path) of every other path of images that are there, by path."""
    return fetch_all(
        project.db,
        "SELECT image_id, path FROM image_aliases JOIN images USING (image_id)"
        " WHERE deleted_at IS NULL ORDER BY path, image_id",
    )
