"""What tests put into a project."""

import hashlib
from collections.abc import Callable

from storage.images import add_images, list_image_ids
from storage.projects import Project
from storage.records import NewImage

MakeImage = Callable[..., bytes]
HOSTILE = "<img src=x onerror=alert(1)>"


def fill(project: Project, make_image: MakeImage, count: int) -> list[int]:
    """Add so many small pictures 0.png, 1.png …; returns all image ids."""
    batch = []
    for number in range(count):
        data = make_image((number, 0, 0))
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(
            sha256, f"{number}.png", "png", 16, 16, len(data), f"te/{number}.png"
        )
        batch.append((new, data))
    add_images(project, batch)
    return list_image_ids(project)
