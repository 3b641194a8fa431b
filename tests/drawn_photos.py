"""Pictures like photos, each of its own kind, and ways to copy them."""

import hashlib
import io

import numpy as np
from PIL import Image, ImageEnhance

from storage.images import add_images, list_image_ids
from storage.projects import Project
from storage.records import NewImage


def draw_photo(seed: int, size_px: tuple[int, int] = (120, 160)) -> Image.Image:
    """Fields of colour: the same for the same seed, unlike any other."""
    rng = np.random.default_rng(seed)
    fields = rng.integers(0, 256, (9, 9, 3), np.uint8)
    return Image.fromarray(fields).resize(size_px, Image.Resampling.NEAREST)


def encode(picture: Image.Image, format: str = "PNG", quality: int = 90) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    options = {"quality": quality} if format == "JPEG" else {}
    picture.save(file, format, **options)
    return file.getvalue()


def darken(picture: Image.Image, factor: float) -> Image.Image:
    """The picture with this share of its light."""
    return ImageEnhance.Brightness(picture).enhance(factor)


def add_file(project: Project, data: bytes, name: str) -> int:
    """Put a file into the project; returns the image's id."""
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        ending = {"JPEG": "jpg"}.get(str(picture.format), "png")
    digest = hashlib.sha256(data).hexdigest()
    new = NewImage(digest, name, ending, width, height, len(data), "drawn")
    add_images(project, [(new, data)])
    return list_image_ids(project)[-1]


def add_photo(project: Project, picture: Image.Image, name: str) -> int:
    """Put a drawn picture into the project; returns the image's id."""
    return add_file(project, encode(picture), name)
