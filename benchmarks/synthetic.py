"""Large projects made of rows: real storage, tiny pictures, no photos needed."""

import io
import random

from PIL import Image

from storage import answers, images, labels
from storage.images import NewImage
from storage.projects import Project, create_project


def make_project(
    name: str, count: int, side_px: int = 32, labelled: int | None = None
) -> Project:
    """Return an open project of `count` one-colour pictures in 9 combinations.

    Without `labelled` all of them have answers, else the first so many.
    """
    labelled = count if labelled is None else labelled
    project = create_project(name)
    colours = labels.set_group(
        project, "colour", ["black", "blue", "red"], "exactly-one", who="benchmark"
    )
    garments = labels.set_group(
        project, "garment", ["dress", "jeans", "shirt"], "exactly-one", who="benchmark"
    )
    for start in range(0, count, 500):
        batch = [draw_image(i, side_px) for i in range(start, min(start + 500, count))]
        report = images.add_images(project, batch, who="benchmark")
        rows = []
        for number, image_id in enumerate(report.added.values()):
            if start + number >= labelled:
                break
            colour = colours.labels[number % 3].label_id
            garment = garments.labels[(number // 3) % 3].label_id
            rows.append((image_id, frozenset((colour, garment))))
        answers.set_many(project, rows, who="benchmark", batch_id=f"bench-{start}")
    return project


def draw_image(number: int, side_px: int) -> tuple[NewImage, bytes]:
    """Return a distinct small PNG and the row that describes it."""
    import hashlib

    rng = random.Random(number)
    colour = tuple(rng.randrange(256) for _ in range(3))
    picture = Image.new("RGB", (side_px, side_px), colour)
    picture.putpixel((number % side_px, number // side_px % side_px), (1, 2, 3))
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=None)
    data = file.getvalue() + number.to_bytes(8, "big")
    digest = hashlib.sha256(data).hexdigest()
    name = f"{number:06}.png"
    row = NewImage(digest, name, "png", side_px, side_px, len(data), "benchmark")
    return row, data
