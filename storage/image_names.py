"""What pictures are called and where they came from, without the rest of them."""

from storage.database import fetch_all
from storage.projects import Project


def image_names(project: Project) -> list[tuple[int, str, str]]:
    """(image_id, name, source) of every image, by id."""
    return fetch_all(
        project.db,
        "SELECT image_id, name, source FROM images WHERE deleted_at IS NULL"
        " ORDER BY image_id",
    )
