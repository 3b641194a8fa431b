"""What pictures are called and where they came from, without the rest of them."""

from collections.abc import Iterator
from typing import NamedTuple

from storage.database import fetch_all
from storage.projects import Project


class Place(NamedTuple):
    """What an image is called, where it came from, and its content."""

    image_id: int
    name: str
    source: str
    sha256: str
    ext: str


def image_places(project: Project) -> Iterator[Place]:
    """The place of every image, by id."""
    rows = fetch_all(
        project.db,
        "SELECT image_id, name, source, sha256, ext FROM images"
        " WHERE deleted_at IS NULL ORDER BY image_id",
    )
    return map(Place._make, rows)
