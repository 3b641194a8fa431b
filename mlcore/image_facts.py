"""What can be measured of one picture: hashes, light, sharpness, a descriptor.

The perceptual hash holds the signs of the 16 x 16 lowest frequencies, bit for bit
what imagehash.phash(hash_size=16) gives. Its 64 usual bits alone cannot tell two
pairs of black jeans on white from a copy: on 6,165 photos of clothes, of the pairs
within 10 of 64 bits one in 40 was a copy; within 32 of 256 bits nine in ten.
"""

import contextlib
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image as Pictures

from mlcore.errors import BadImage
from mlcore.image_light import (
    Floats,
    glare_of,
    has_shape,
    sharpness_of,
    shrink_gray,
)
from mlcore.images import keep_thumbnail, open_rgb
from mlcore.pixel_hashes import pixel_hash
from storage.facts import ImageFacts, put_facts
from storage.images import get_image, get_images, image_path
from storage.projects import Project
from storage.records import Image

VERSION = 2
HASH_SIDE = 16
HASH_BITS = HASH_SIDE**2
DRAWN_PX = 4 * HASH_SIDE
# The descriptor: colour in 4 x 4 fields, a histogram of hues and grays, outlines.
CHROMA_BYTES, HISTOGRAM_BYTES, OUTLINE_BYTES = 32, 18, 128
DESCRIPTOR_BYTES = CHROMA_BYTES + HISTOGRAM_BYTES + OUTLINE_BYTES
HUES, GRAYS, DIRECTIONS, FIELDS = 12, 6, 8, 4

_FREQUENCIES = np.cos(
    math.pi
    * (2 * np.arange(DRAWN_PX) + 1)[None, :]
    * np.arange(HASH_SIDE)[:, None]
    / (2 * DRAWN_PX)
)


def measure(
    image_id: int,
    path: Path,
    on_picture: Callable[[Pictures.Image], None] = lambda _: None,
) -> ImageFacts:
    """The facts of the picture in a file; one that cannot be read has a problem.

    `on_picture` gets the open picture; whether the disk takes it does not matter.
    """
    try:
        picture = open_rgb(path)
        with contextlib.suppress(OSError):
            on_picture(picture)
        return measure_picture(image_id, picture)
    except BadImage as error:
        return unreadable(image_id, str(error))
    except OSError as error:
        return unreadable(image_id, f"The file cannot be read: {error.strerror}.")


def measure_picture(image_id: int, picture: Pictures.Image) -> ImageFacts:
    """The facts of an upright RGB picture."""
    gray = shrink_gray(picture)
    return ImageFacts(
        image_id,
        hash=perceptual_hash(picture).hex() if has_shape(gray) else "",
        pixel_hash=pixel_hash(picture),
        brightness=float(gray.mean()),
        contrast=float(gray.std()),
        sharpness=sharpness_of(gray),
        descriptor=describe(picture),
        glare=glare_of(gray),
    )


def unreadable(image_id: int, problem: str) -> ImageFacts:
    """The facts of a picture that cannot be read."""
    return ImageFacts(image_id, "", "", 0.0, 0.0, 0.0, b"", problem)


def measure_images(project: Project, image_ids: list[int]) -> int:
    """Measure images and keep their facts; returns how many there were.

    Draws their thumbnails as well: a person who scrolls later need not wait.
    """
    images = get_images(project, image_ids)

    def measure_one(image: Image) -> ImageFacts:
        place = image_path(project, image)
        return measure(
            image.image_id, place, lambda drawn: keep_thumbnail(project, image, drawn)
        )

    # Decoding and resizing leave Python's lock, so two threads fill two cores.
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(measure_one, images))
    put_facts(project, VERSION, found)
    return len(found)


def measure_now(project: Project, image_id: int) -> ImageFacts:
    """Measure one image while somebody waits, and keep its facts."""
    image: Image = get_image(project, image_id)
    facts = measure(image_id, image_path(project, image))
    put_facts(project, VERSION, [facts])
    return facts


def perceptual_hash(picture: Pictures.Image) -> bytes:
    """32 bytes; the fewer bits differ, the more alike two pictures' shapes are."""
    drawn = picture.convert("L").resize(
        (DRAWN_PX, DRAWN_PX), Pictures.Resampling.LANCZOS
    )
    waves = _FREQUENCIES @ np.asarray(drawn, np.float64) @ _FREQUENCIES.T
    return np.packbits(waves > np.median(waves)).tobytes()


def describe(picture: Pictures.Image) -> bytes:
    """Colours and outlines in 178 bytes, for `similarity.compare`."""
    drawn = picture.resize((DRAWN_PX, DRAWN_PX), Pictures.Resampling.BOX)
    colours = np.asarray(drawn.convert("YCbCr"), np.float32)
    light = colours[..., 0]
    side = DRAWN_PX // FIELDS
    chroma = colours[..., 1:].reshape(FIELDS, side, FIELDS, side, 2).mean((1, 3))
    parts = [chroma.ravel(), _histogram(drawn, light), _outlines(light)]
    return np.concatenate(parts).clip(0, 255).round().astype(np.uint8).tobytes()


def _histogram(drawn: Pictures.Image, light: Floats) -> Floats:
    """How much there is of each hue, and of each gray where there is none."""
    hsv = np.asarray(drawn.convert("HSV"), np.float32)
    hue = (hsv[..., 0] * HUES / 256).astype(np.int64).ravel()
    colourful = (hsv[..., 1] * hsv[..., 2] / 255**2).ravel()
    gray = (light * GRAYS / 256).astype(np.int64).ravel()
    hues = np.bincount(hue, colourful, HUES)
    grays = np.bincount(gray, 1 - colourful, GRAYS)
    shares = np.concatenate([hues, grays]) / light.size
    # The root, so that small spots of a colour count too.
    return np.asarray(np.sqrt(shares) * 255, np.float32)


def _outlines(light: Floats) -> Floats:
    """In each of 4 x 4 fields, how much of the edges runs in each direction."""
    down, right = np.gradient(light)
    strength = np.hypot(right, down)
    turn = np.arctan2(down, right) % np.pi
    direction = (turn * DIRECTIONS / np.pi).astype(np.int64) % DIRECTIONS
    place = np.arange(DRAWN_PX) * FIELDS // DRAWN_PX
    field = place[:, None] * FIELDS + place[None, :]
    bins = (field * DIRECTIONS + direction).ravel()
    edges = np.bincount(bins, strength.ravel(), OUTLINE_BYTES)
    return np.asarray(np.sqrt(edges / max(1.0, edges.sum())) * 191, np.float32)
