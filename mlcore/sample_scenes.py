"""Backgrounds and light for the sample pictures. Pure numpy and Pillow."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Picture = NDArray[np.float32]
Field = NDArray[np.float32]
Random = np.random.Generator
# Walls, floors and sheets: none is as strong as the clothes' black, blue or red.
PALETTE = np.array(
    [
        *([0.93, 0.92, 0.90], [0.80, 0.79, 0.76], [0.86, 0.80, 0.70]),
        *([0.72, 0.76, 0.68], [0.70, 0.75, 0.80], [0.84, 0.74, 0.72]),
        *([0.60, 0.58, 0.56], [0.76, 0.66, 0.52], [0.66, 0.72, 0.74]),
    ],
    np.float32,
)


def paint_background(random: Random, size_px: int) -> Picture:
    """Return a float32 (size, size, 3) scene between 0 and 1."""
    paint = SCENES[random.integers(len(SCENES))]
    scene = paint(random, size_px)
    slope = light_slope(random, size_px, random.uniform(0.05, 0.3))
    return np.asarray(np.clip(scene * slope[..., None], 0, 1), np.float32)


def light_slope(random: Random, size_px: int, strength: float) -> Field:
    """Return a brightness around 1 that grows toward a random side."""
    angle = random.uniform(0, 2 * np.pi)
    y, x = _grid(size_px)
    return np.asarray(
        1 + strength * (np.cos(angle) * x + np.sin(angle) * y), np.float32
    )


def soft_noise(random: Random, size_px: int, cells: tuple[int, int]) -> Field:
    """Return smooth noise of mean 0 and spread 1 with so many (rows, columns)."""
    rough = Image.fromarray(random.standard_normal(cells).astype(np.float32))
    fine = rough.resize((size_px, size_px), Image.Resampling.BICUBIC)
    return np.asarray(fine, np.float32)


def blur(field: Field, radius_px: float) -> Field:
    """Return a 0..1 field blurred; at half size and 8 bits, which is fast."""
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8)).reduce(2)
    blurred = image.filter(ImageFilter.GaussianBlur(radius_px / 2))
    whole = blurred.resize(field.shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(whole, np.float32) / np.float32(255)


def _grid(size_px: int) -> tuple[Field, Field]:
    line = np.linspace(-1, 1, size_px, dtype=np.float32)
    return line[:, None], line[None, :]


def _pick(random: Random) -> Picture:
    colour = PALETTE[random.integers(len(PALETTE))]
    return np.asarray(np.clip(colour + random.normal(0, 0.03, 3), 0, 1), np.float32)


def _plain(random: Random, size_px: int) -> Picture:
    return np.broadcast_to(_pick(random), (size_px, size_px, 3)).copy()


def _studio(random: Random, size_px: int) -> Picture:
    """A backdrop with a bright spot behind the clothes."""
    y, x = _grid(size_px)
    spot = np.exp(-(x**2 + (y + random.uniform(-0.3, 0.3)) ** 2) / 0.9)
    return np.asarray(_pick(random) * (0.72 + 0.35 * spot[..., None]), np.float32)


def _room(random: Random, size_px: int) -> Picture:
    """A wall, a skirting board and a floor of boards or plain."""
    scene = _plain(random, size_px)
    edge = int(size_px * random.uniform(0.68, 0.86))
    scene[edge:] = _pick(random) * random.uniform(0.65, 0.85)
    scene[edge - size_px // 60 : edge] = 0.92
    scene[edge : edge + 2] *= 0.6
    if random.random() < 0.6:
        boards = np.arange(size_px) // int(size_px * random.uniform(0.08, 0.15)) % 2
        scene[edge:] *= (0.93 + 0.07 * boards)[None, :, None]
    return scene


def _cloth(random: Random, size_px: int) -> Picture:
    """A sheet with soft creases, for clothes laid flat."""
    creases = soft_noise(random, size_px, (5, 7)) * 0.035
    fine = soft_noise(random, size_px, (40, 40)) * 0.012
    return np.asarray(_pick(random) + (creases + fine)[..., None], np.float32)


def _boards(random: Random, size_px: int) -> Picture:
    """Wooden boards seen from above."""
    width = int(size_px * random.uniform(0.14, 0.24))
    board = np.arange(size_px) // width
    tone = random.normal(0, 0.05, board.max() + 1)[board]
    gap = np.where(np.arange(size_px) % width < 2, -0.25, 0.0)
    grain = soft_noise(random, size_px, (6, 90)) * 0.03
    scene = _pick(random) * np.float32(0.9) + (tone + gap + grain)[..., None]
    wood: Picture = scene.astype(np.float32)
    return wood if random.random() < 0.5 else wood.transpose(1, 0, 2)


def _bricks(random: Random, size_px: int) -> Picture:
    """A painted brick wall."""
    high, wide = size_px // 13, size_px // 6
    y, x = np.arange(size_px)[:, None], np.arange(size_px)[None, :]
    shifted = x + (y // high % 2) * (wide // 2)
    joint = (y % high < 2) | (shifted % wide < 2)
    tone = random.normal(0, 0.035, (40, 40))[y // high, shifted // wide]
    return np.asarray(_pick(random) + (tone - 0.14 * joint)[..., None], np.float32)


def _outdoors(random: Random, size_px: int) -> Picture:
    """Blurred greenery and sky far behind."""
    green = np.array([0.50, 0.58, 0.40]) + random.normal(0, 0.04, 3)
    sky = np.array([0.82, 0.86, 0.90]) + random.normal(0, 0.03, 3)
    blend = np.linspace(1.3, -0.4, size_px)[:, None]
    share = np.clip(blend + soft_noise(random, size_px, (6, 6)) * 0.3, 0, 1)[..., None]
    leaves = soft_noise(random, size_px, (18, 18))[..., None] * 0.05
    return np.asarray(green * (1 - share) + sky * share + leaves, np.float32)


SCENES: tuple[Callable[[Random, int], Picture], ...] = (
    *(_plain, _studio, _studio, _room, _room),
    *(_cloth, _boards, _bricks, _outdoors),
)
