"""What augmentation does to a few pictures, drawn without TensorFlow.

The same maps and light as mlcore.augmentation, in numpy: a page shows them while a
person moves a slider. A test holds the two together.
"""

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mlcore.colour_features import as_gray
from mlcore.config import TrainConfig
from mlcore.dataset import Pixels, fit_image
from mlcore.errors import BadImage
from mlcore.images import open_rgb, thumbnail
from storage.images import get_images, list_image_ids
from storage.projects import Project
from storage.records import Filter, Image

Floats = npt.NDArray[np.float32]

PICTURES = 8
# Larger squares would show no more and take longer to draw.
LARGEST_PX = 144


class Draws(NamedTuple):
    """Random numbers from 0 to 1: `places` (9, n) for the map, `light` (2, n)."""

    places: Floats
    light: Floats


class Varied(NamedTuple):
    """One picture as a network is shown it, unchanged and changed at random."""

    name: str
    before: Pixels
    after: Pixels


def preview(project: Project, config: TrainConfig, seed: int) -> list[Varied]:
    """Up to eight labelled pictures, changed as training would with these settings.

    Seeds of 0, 1, 2 … show other pictures and other changes; the same seed the same.
    """
    size_px = min(config.image_size_px, LARGEST_PX)
    found = [
        (image.name, pixels)
        for image in choose_pictures(project, seed)
        if (pixels := _read(project, image, size_px)) is not None
    ]
    if not found:
        return []
    before = np.stack([pixels for _, pixels in found])
    after = vary(before, config, draw(len(found), seed))
    if config.colour == "gray":
        before, after = as_gray(before), as_gray(after)
    names = [name for name, _ in found]
    return [Varied(*row) for row in zip(names, before, after, strict=True)]


def choose_pictures(project: Project, seed: int) -> list[Image]:
    """Eight labelled pictures of the project (or any, while none is labelled)."""
    ids = list_image_ids(project, Filter(state="labelled")) or list_image_ids(project)
    chosen = random.Random(seed).sample(ids, min(PICTURES, len(ids)))
    return get_images(project, chosen)


def draw(count: int, seed: int) -> Draws:
    """The random numbers of `count` pictures; more pictures, other numbers."""
    chance = np.random.default_rng(seed)
    places = chance.random((9, count), np.float32)
    return Draws(places, chance.random((2, count), np.float32))


def vary(pictures: Pixels, config: TrainConfig, draws: Draws) -> Pixels:
    """Pictures (n, s, s, 3) moved and lit as these random numbers say."""
    maps = random_maps(config, draws.places, pictures.shape[1])
    moved = move(pictures.astype(np.float32), maps)
    lit = relight(moved, config, draws.light)
    return np.rint(lit).astype(np.uint8)


def random_maps(config: TrainConfig, places: Floats, size_px: int) -> Floats:
    """(n, 3, 3) maps from output to input (row, column): turn, shift, slant, zoom."""
    signed = places * 2.0 - 1.0
    angle = signed[0] * math.radians(config.rotation_deg)
    if config.rotate_90:
        angle = angle + np.floor(places[1] * 4.0) * (math.pi / 2)
    shift = signed[2:4] * config.shift * size_px
    zoom = 1.0 + signed[5:7] * config.zoom
    mirror = np.where(places[7:9] < 0.5, -1.0, 1.0).astype(np.float32)
    rows = zoom[0] * (mirror[0] if config.flip_vertical else 1.0)
    columns = zoom[1] * (mirror[1] if config.flip_horizontal else 1.0)
    turn = [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]]
    maps = (
        _maps(turn)
        @ _maps([[1, 0, shift[0]], [0, 1, shift[1]]])
        @ _slant(signed[4] * math.radians(config.shear_deg))
        @ _maps([[rows, 0, 0], [0, columns, 0]])
    )
    return maps.astype(np.float32)


def move(pictures: Floats, maps: Floats) -> Floats:
    """Apply maps about the centre: border repeated, between pixels bilinear."""
    count, size = pictures.shape[:2]
    middle = (size - 1) / 2
    steps = np.arange(size, dtype=np.float32) - middle
    linear, offset = maps[:, :2, :2], maps[:, :2, 2] + middle
    # (n, 2, rows, columns): where each pixel of the result comes from
    at = (
        linear[:, :, 0, None, None] * steps[:, None]
        + linear[:, :, 1, None, None] * steps
        + offset[:, :, None, None]
    )
    at = np.clip(at, 0, size - 1)
    low = np.minimum(at.astype(np.intp), size - 2)
    part = (at - low).astype(np.float32)[..., None]
    (row, column), (down, right) = low.swapaxes(0, 1), part.swapaxes(0, 1)
    own = np.arange(count)[:, None, None]
    upper = _blend(pictures[own, row, column], pictures[own, row, column + 1], right)
    row = row + 1
    lower = _blend(pictures[own, row, column], pictures[own, row, column + 1], right)
    return _blend(upper, lower, down)


def relight(pictures: Floats, config: TrainConfig, light: Floats) -> Floats:
    """Multiply each picture, then its distance from its mean colour; within 0..255."""
    signed = (light * 2.0 - 1.0)[:, :, None, None, None]
    lit = pictures * (1.0 + signed[0] * config.brightness)
    mean = lit.mean(axis=(1, 2), keepdims=True)
    lit = mean + (lit - mean) * (1.0 + signed[1] * config.contrast)
    clipped: Floats = np.clip(lit, 0.0, 255.0)
    return clipped


def _blend(first: Floats, second: Floats, part: Floats) -> Floats:
    blended: Floats = first + (second - first) * part
    return blended


def _slant(angle: Floats) -> Floats:
    return _maps([[1, -np.sin(angle), 0], [0, np.cos(angle), 0]])


def _maps(rows: Sequence[Sequence[Floats | float]]) -> Floats:
    """Two rows of numbers, or of one number per picture, as (n, 3, 3)."""
    cells = [
        np.atleast_1d(np.float64(cell)) for row in [*rows, (0, 0, 1)] for cell in row
    ]
    count = max(len(cell) for cell in cells)
    flat = [np.broadcast_to(cell, count) for cell in cells]
    return np.stack(flat, axis=-1).reshape(count, 3, 3).astype(np.float32)


def _read(project: Project, image: Image, size_px: int) -> Pixels | None:
    try:
        return _read_fitted(thumbnail(project, image), size_px)
    except (BadImage, OSError):
        return None  # training leaves it out, too


@lru_cache(maxsize=64)
def _read_fitted(path: Path, size_px: int) -> Pixels:
    """A thumbnail as the network's square; its name is the picture's content."""
    return fit_image(open_rgb(path), size_px)
