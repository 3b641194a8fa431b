"""Draw sample pictures of clothes: our own, so that no outside image is needed.

Everything is drawn twice as large and reduced, which smooths the edges. The
same generator state gives the same picture.
"""

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mlcore.sample_scenes import (
    Field,
    Picture,
    Random,
    blur,
    light_slope,
    paint_background,
    soft_noise,
)
from mlcore.sample_shapes import DRAW, Garment, Points

SIZE_PX = 96
SUPER = 2
DRAWN_PX = SIZE_PX * SUPER
# Outlines are drawn larger still: Pillow's polygons have hard edges.
EDGE = 2
COLOURS = ("black", "blue", "red")
SKIN = ((0.96, 0.84, 0.75), (0.85, 0.66, 0.52), (0.62, 0.44, 0.33), (0.36, 0.25, 0.20))
NEUTRAL = (
    (0.92, 0.91, 0.89),
    (0.70, 0.68, 0.65),
    (0.80, 0.74, 0.64),
    (0.55, 0.54, 0.52),
)
POSES = ("worn", "worn", "hanging", "flat")


@dataclass(frozen=True, slots=True)
class Placement:
    """How the garment lies in the picture: a linear map, a shift and a sway."""

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]
    sway: float
    phase: float

    def apply(self, points: Points) -> Points:
        """Return pixel coordinates in the drawn picture."""
        swayed = points.copy()
        swayed[:, 0] += self.sway * np.sin(points[:, 1] * 2.2 + self.phase)
        return np.asarray(swayed @ self.matrix.T + self.shift)

    def width_px(self, width: float) -> int:
        """Return a line width in pixels."""
        return max(1, round(width * float(np.sqrt(abs(np.linalg.det(self.matrix))))))


def draw_picture(garment: str, colour: str, random: Random) -> Image.Image:
    """Return one 96 px RGB picture of a garment ('dress', 'jeans', 'shirt')."""
    shape = DRAW[garment](random)
    pose = POSES[random.integers(len(POSES))]
    place = _place(shape, pose, random)
    scene = paint_background(random, DRAWN_PX)
    mask = _mask(shape.cloth, place)
    holes = _mask(shape.holes, place) if shape.holes else np.zeros_like(mask)
    if pose == "worn":
        _paint_body(scene, shape, place, random)
        mask = mask * (1 - holes)
    elif pose == "hanging":
        _paint_hanger(scene, shape, place)
    _drop_shadow(scene, mask, pose, random)
    cloth = _paint_cloth(shape, place, colour, mask, random)
    if pose != "worn":
        # Through the neckline one sees the inside of the back.
        cloth = cloth * (1 - 0.55 * holes[..., None])
    _blend(scene, cloth, mask)
    return _photograph(scene, random)


def _place(shape: Garment, pose: str, random: Random) -> Placement:
    turn = random.normal(0, 0.22 if pose == "flat" else 0.05)
    scale = DRAWN_PX * random.uniform(0.36, 0.47)
    wide = scale * random.uniform(0.9, 1.12)
    lean = random.normal(0, 0.05)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = rotation @ np.array([[wide, lean * scale], [0, scale]])
    if random.random() < 0.5:
        matrix = matrix @ np.diag([-1.0, 1.0])
    middle = 0.0 if shape.kind != "shirt" else -0.08
    shift = DRAWN_PX / 2 + random.uniform(-0.06, 0.06, 2) * DRAWN_PX
    shift -= matrix @ np.array([0, middle])
    return Placement(matrix, shift, random.normal(0, 0.02), random.uniform(0, 6))


def _mask(outlines: list[Points], place: Placement) -> Field:
    image = Image.new("L", (DRAWN_PX * EDGE, DRAWN_PX * EDGE))
    pen = ImageDraw.Draw(image)
    for outline in outlines:
        pen.polygon([tuple(p) for p in place.apply(outline) * EDGE], fill=255)
    return np.asarray(image.reduce(EDGE), np.float32) / np.float32(255)


def _paint_cloth(
    shape: Garment, place: Placement, colour: str, mask: Field, random: Random
) -> Picture:
    """Return the cloth's colour, shaded as if it were round and folded."""
    base = np.array(_mix_colour(colour, shape.kind, random), np.float32)
    shade = _roundness(shape, place, mask, random)
    shade += _folds(shape, place, random)
    grain = random.standard_normal((DRAWN_PX, DRAWN_PX), np.float32) * np.float32(0.05)
    tone = _tones(shape, place)
    # Dark cloth shows light as a sheen, not as a multiple of its own darkness.
    sheen = np.clip(shade, 0, None) * np.float32(0.16)
    lit = base * (1 + shade + grain)[..., None] + sheen[..., None]
    darker, lighter = np.clip(-tone, 0, 1), np.clip(tone, 0, 1)
    thread = base * np.float32(0.45) + np.float32(0.5)
    lit = lit * (1 - np.float32(0.75) * darker)[..., None]
    lit += (thread - lit) * lighter[..., None]
    return np.asarray(np.clip(lit, 0, 1), np.float32)


def _mix_colour(colour: str, kind: str, random: Random) -> tuple[float, float, float]:
    if colour == "black":
        light = random.uniform(0.09, 0.2)
        return colorsys.hsv_to_rgb(random.uniform(0, 1), random.uniform(0, 0.18), light)
    if colour == "red":
        hue = random.normal(0.99, 0.012) % 1
        strong, light = random.uniform(0.72, 0.96), random.uniform(0.58, 0.9)
        return colorsys.hsv_to_rgb(hue, strong, light)
    hue = random.normal(0.6, 0.016)
    low, high = (0.42, 0.72) if kind == "jeans" else (0.55, 0.92)
    return colorsys.hsv_to_rgb(
        hue, random.uniform(low, high), random.uniform(0.42, 0.82)
    )


def _roundness(shape: Garment, place: Placement, mask: Field, random: Random) -> Field:
    """Treat each piece of cloth as a cushion and light it from one side."""
    angle = random.uniform(-2.6, -0.5)
    total = np.zeros_like(mask)
    for outline in shape.cloth:
        own = _mask([outline], place)
        height = blur(own, DRAWN_PX * 0.035)
        slope_y, slope_x = np.gradient(height)
        light = -(np.cos(angle) * slope_x + np.sin(angle) * slope_y) * 9.0
        edge = (1 - height) * np.float32(-0.32)
        # The later piece lies on top, and its rim darkens what is below.
        total = total * (1 - own) + (light + edge).astype(np.float32) * own
    return total


def _folds(shape: Garment, place: Placement, random: Random) -> Field:
    """Return creases as noise drawn out along the way the cloth hangs."""
    along = {"skirt": (3, 22), "legs": (9, 9), "torso": (5, 11)}[shape.folds]
    folds = soft_noise(random, DRAWN_PX, along) * np.float32(0.09)
    folds += soft_noise(random, DRAWN_PX, (9, 7)) * np.float32(0.05)
    if shape.folds == "skirt":
        rows = (np.arange(DRAWN_PX) - place.shift[1]) / DRAWN_PX + 0.2
        folds *= np.clip(rows * 3.2, 0.35, 1.6).astype(np.float32)[:, None]
    if shape.folds == "legs":
        # Denim: worn lighter on the thighs, with a fine diagonal weave.
        y, x = np.mgrid[:DRAWN_PX, :DRAWN_PX].astype(np.float32)
        folds += np.where((x + y) % 4 < 2, np.float32(0.05), np.float32(-0.03))
        thigh = np.abs(y - np.float32(place.shift[1] - DRAWN_PX * 0.1)) / DRAWN_PX
        folds += np.float32(random.uniform(0.05, 0.28)) * np.exp(-((thigh / 0.16) ** 2))
    return folds


def _tones(shape: Garment, place: Placement) -> Field:
    """Return seams, belts and buttons: below 0 darker, above 0 lighter."""
    size = (DRAWN_PX * EDGE, DRAWN_PX * EDGE)
    image = Image.new("L", size, 128)
    pen = ImageDraw.Draw(image)
    for outline, tone in shape.patches:
        pen.polygon([tuple(p) for p in place.apply(outline) * EDGE], fill=_grey(tone))
    for stroke in shape.strokes:
        path = [tuple(p) for p in place.apply(stroke.points) * EDGE]
        width = place.width_px(stroke.width * EDGE)
        pen.line(path, fill=_grey(stroke.tone), width=width, joint="curve")
    return (np.asarray(image.reduce(EDGE), np.float32) - 128) / np.float32(127)


def _grey(tone: float) -> int:
    return int(np.clip(128 + tone * 127, 0, 255))


def _paint_body(
    scene: Picture, shape: Garment, place: Placement, random: Random
) -> None:
    paints = {
        False: NEUTRAL[random.integers(len(NEUTRAL))],
        True: SKIN[random.integers(len(SKIN))],
    }
    # Skin last: hands lie on trousers, a neck on a vest.
    for is_skin, paint in paints.items():
        limbs = [outline for outline, skin in shape.body if skin is is_skin]
        if limbs:
            mask = _mask(limbs, place)
            rim = np.float32(0.72) + np.float32(0.33) * blur(mask, DRAWN_PX * 0.02)
            _blend(scene, np.array(paint, np.float32) * rim[..., None], mask)


def _paint_hanger(scene: Picture, shape: Garment, place: Placement) -> None:
    image = Image.new("L", (DRAWN_PX * EDGE, DRAWN_PX * EDGE))
    pen = ImageDraw.Draw(image)
    top = shape.top
    hook = [(0.0, top), (0.0, top - 0.14), (0.06, top - 0.19), (0.0, top - 0.25)]
    bar = [(-0.26, top + 0.03), (0.0, top - 0.05), (0.26, top + 0.03)]
    for points in (hook, bar):
        path = [tuple(p) for p in place.apply(np.array(points)) * EDGE]
        pen.line(path, fill=255, width=place.width_px(0.035 * EDGE), joint="curve")
    mask = np.asarray(image.reduce(EDGE), np.float32) / np.float32(255)
    _blend(scene, np.full((1, 1, 3), 0.42, np.float32), mask)


def _drop_shadow(scene: Picture, mask: Field, pose: str, random: Random) -> None:
    far = 0.012 if pose == "flat" else 0.035
    shift = np.round(random.normal(0, far, 2) * DRAWN_PX + 2).astype(int)
    shadow = blur(np.roll(mask, tuple(shift), (0, 1)), DRAWN_PX * far * 0.7)
    scene *= (1 - np.float32(random.uniform(0.25, 0.5)) * shadow)[..., None]


def _blend(scene: Picture, paint: Picture, mask: Field) -> None:
    scene += (paint - scene) * mask[..., None]


def _photograph(scene: Picture, random: Random) -> Image.Image:
    """Apply light, exposure, lens and sensor; return the reduced picture."""
    scene = scene * light_slope(random, DRAWN_PX, random.uniform(0, 0.16))[..., None]
    warm = random.normal(0, 0.03)
    scene *= np.array([1 + warm, 1, 1 - warm], np.float32) * np.float32(
        random.uniform(0.84, 1.1)
    )
    pixels = (np.clip(scene, 0, 1) * 255).astype(np.uint8)
    small = Image.fromarray(pixels).reduce(SUPER)
    noise = random.normal(0, random.uniform(1.0, 6.0), (SIZE_PX, SIZE_PX, 3))
    noisy = np.clip(np.asarray(small, np.float32) + noise, 0, 255)
    return Image.fromarray(noisy.astype(np.uint8))
