"""Outlines of a dress, a pair of jeans and a shirt, varied by a random generator.

Coordinates: x to the right, y down, the garment between -1 and 1. All numbers are
proportions found by looking at the result. Pure numpy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
XY = tuple[float, float]
ALONG = np.linspace(0, 1, 7, endpoint=False)[:, None, None]


@dataclass(slots=True)
class Stroke:
    """A line on the cloth; `tone` below 0 is a shadow, above 0 a light thread."""

    points: Points
    width: float
    tone: float


@dataclass(slots=True)
class Garment:
    """What to draw: cloth, holes in it, patches and lines on it, and who wears it.

    `body` are limbs drawn behind the cloth, as (outline, is_skin). `folds` says how
    the cloth hangs: 'skirt', 'legs' or 'torso'. `top` is where a hanger holds it.
    """

    kind: str
    cloth: list[Points]
    folds: str
    top: float
    holes: list[Points] = field(default_factory=list)
    patches: list[tuple[Points, float]] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    body: list[tuple[Points, bool]] = field(default_factory=list)


def smooth(points: Sequence[XY], *, closed: bool = True) -> Points:
    """Return a Catmull-Rom curve through the points; a doubled point is a corner."""
    knots = np.asarray(points, float)
    if closed:
        knots = np.vstack([knots[-1:], knots, knots[:2]])
    else:
        knots = np.vstack([knots[:1], knots, knots[-1:]])
    pieces = np.stack([knots[:-3], knots[1:-2], knots[2:-1], knots[3:]])
    before, start, end, after = pieces[:, (pieces[1] != pieces[2]).any(axis=1)]
    t = ALONG
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return np.asarray(curve.transpose(1, 0, 2).reshape(-1, 2))


def mirrored(right: Sequence[XY]) -> Points:
    """Return a closed outline from its right half, listed from top to bottom."""
    left = [(-x, y) for x, y in reversed(right)]
    return smooth([*right, *left])


def both_sides(right: Sequence[XY]) -> list[Points]:
    """Return a closed outline and its mirror image."""
    return [smooth(right), smooth([(-x, y) for x, y in right])]


def line(points: Sequence[XY], width: float = 0.012, tone: float = -0.5) -> Stroke:
    """Return a smooth line on the cloth."""
    return Stroke(smooth(points, closed=False), width, tone)


def draw_dress(random: np.random.Generator) -> Garment:
    """A dress: fitted above, a skirt that flares below the waist."""
    waist = random.uniform(0.17, 0.22)
    hem_y = random.uniform(0.55, 0.95)
    flare = random.uniform(0.34, 0.68)
    rise = random.uniform(-0.22, -0.12)
    hip = (waist + flare) / 2 + random.uniform(-0.02, 0.05)
    shoulder = random.uniform(0.2, 0.27)
    bodice = [(0.1, -0.96), (shoulder, -0.93), (shoulder, -0.93), (0.2, -0.72)]
    skirt = [(waist, rise), (waist, rise), (hip, 0.2), (flare, hem_y), (flare, hem_y)]
    outline = [*bodice, (0.265, -0.58), *skirt, (flare * 0.5, hem_y + 0.05)]
    dress = Garment("dress", [mirrored(outline)], "skirt", -0.95)
    dress.holes = [_neckline(random, 0.11, -0.99, random.uniform(0.14, 0.3))]
    if random.random() < 0.45:
        dress.cloth += _sleeves(random, shoulder, -0.93, random.uniform(0.22, 0.75))
    else:
        dress.strokes += _pair([(shoulder, -0.93), (0.195, -0.72), (0.26, -0.6)])
    band = 0.035 if random.random() < 0.6 else 0.012
    dress.patches = [(_band(waist, rise, band), random.choice([-0.75, -0.4, 0.55]))]
    dress.strokes += [
        line([(x * waist, rise + 0.04), (x * flare, hem_y)], 0.014, -0.28)
        for x in (-0.75, -0.35, 0.1, 0.45, 0.8)
    ]
    dress.strokes.append(line([(-flare, hem_y - 0.04), (flare, hem_y - 0.04)], 0.01))
    dress.body = _neck() + _arms(random, 0.24, -0.9) + _legs(hem_y - 0.15, 0.13)
    return dress


def draw_jeans(random: np.random.Generator) -> Garment:
    """Jeans: two legs, waistband, fly, pockets and light stitching."""
    hem = random.uniform(0.11, 0.2)
    spread = random.uniform(0.16, 0.34)
    knee = random.uniform(0.13, 0.17)
    centre = (0.16 + spread) / 2 + 0.04
    leg = [(0.0, -0.93), (0.29, -0.93), (0.29, -0.93), (0.36, -0.55)]
    leg += [(centre + knee, 0.15), (spread + hem, 0.94), (spread + hem, 0.94)]
    leg += [(spread - hem, 0.96), (spread - hem, 0.96), (centre - knee, 0.2)]
    leg += [(0.0, -0.3), (0.0, -0.3)]
    jeans = Garment("jeans", both_sides(leg), "legs", -0.92)
    stitch = random.uniform(0.45, 0.8)
    jeans.patches = [(_band(0.295, -0.88, 0.055), -0.22)]
    jeans.strokes = [
        *_pair([(0.0, -0.82), (0.29, -0.82)], 0.011, stitch),
        *_pair([(0.15, -0.81), (0.19, -0.7), (0.33, -0.66)], 0.014, stitch),
        line([(0.0, -0.82), (0.0, -0.3)], 0.014, -0.7),
        line([(0.06, -0.82), (0.065, -0.55), (0.0, -0.46)], 0.01, stitch),
        *_pair([(0.01, -0.32), (0.08, -0.3), (0.18, -0.38)], 0.01, -0.6),
        *_pair(
            [(0.34, -0.6), (centre + knee - 0.03, 0.15), (spread + hem - 0.03, 0.9)]
        ),
        *_pair([(spread - hem, 0.88), (spread + hem, 0.87)], 0.012, stitch),
        *_pair([(0.2, -0.94), (0.2, -0.83)], 0.028, -0.35),
        line([(-0.012, -0.88), (0.012, -0.88)], 0.04, 0.9),
    ]
    if random.random() < 0.5:
        jeans.strokes += _pair([(0.05, 0.1), (centre, 0.07)], 0.02, -0.25)
    shoes = both_sides(
        [(spread - 0.1, 0.9), (spread + 0.1, 0.9), (spread + 0.17, 1.06)]
    )
    jeans.body = [(outline, False) for outline in shoes]
    jeans.body.append((mirrored([(0.26, -1.6), (0.27, -1.2), (0.29, -0.88)]), False))
    return jeans


def draw_shirt(random: np.random.Generator) -> Garment:
    """A shirt: boxy, sleeved, with a collar and buttons or a round neck."""
    width = random.uniform(0.36, 0.44)
    hem_y = random.uniform(0.55, 0.72)
    shoulder = width + 0.06
    outline = [(0.15, -0.8), (shoulder, -0.68), (shoulder, -0.68), (width, -0.3)]
    outline += [(width - 0.01, 0.1), (width + 0.02, hem_y), (width + 0.02, hem_y)]
    shirt = Garment(
        "shirt", [mirrored([*outline, (0.2, hem_y + 0.06)])], "torso", -0.78
    )
    length = random.choice([0.36, 0.42, 1.05])
    shirt.cloth += _sleeves(random, shoulder, -0.68, length)
    shirt.strokes += _pair(
        [(shoulder - 0.02, -0.66), (width - 0.02, -0.3)], 0.016, -0.5
    )
    shirt.strokes.append(line([(-width, hem_y - 0.05), (width, hem_y - 0.05)], 0.01))
    if random.random() < 0.65:
        _button_up(shirt, hem_y)
    else:
        shirt.holes = [_neckline(random, 0.15, -0.85, 0.14)]
        shirt.strokes.append(
            line([(-0.18, -0.81), (-0.1, -0.67), (0.1, -0.67), (0.18, -0.81)], 0.02)
        )
    if random.random() < 0.5:
        pocket = [
            (0.12, -0.4),
            (0.28, -0.4),
            (0.28, -0.22),
            (0.2, -0.18),
            (0.12, -0.22),
        ]
        shirt.strokes.append(line([*pocket, pocket[0]], 0.012, -0.5))
    shirt.body = _neck(-0.72, 0.11) + _arms(random, shoulder - 0.05, -0.6)
    trousers = [(0.0, 0.3), (width - 0.05, 0.3), (width - 0.02, 0.9), (0.3, 1.7)]
    trousers += [(0.06, 1.7), (0.02, 1.0), (0.0, 0.9)]
    shirt.body += [(outline, False) for outline in both_sides(trousers)]
    return shirt


DRAW: dict[str, Callable[[np.random.Generator], Garment]] = {
    "dress": draw_dress,
    "jeans": draw_jeans,
    "shirt": draw_shirt,
}


def _button_up(shirt: Garment, hem_y: float) -> None:
    shirt.holes = [smooth([(-0.1, -0.84), (0.1, -0.84), (0.0, -0.62), (0.0, -0.62)])]
    collar = [(0.08, -0.88), (0.17, -0.82), (0.17, -0.66), (0.0, -0.6), (0.0, -0.6)]
    shirt.patches += [(outline, 0.22) for outline in both_sides(collar)]
    shirt.strokes += _pair([*collar[1:3], (0.0, -0.6)], 0.016, -0.7)
    shirt.strokes += [
        line([(x, -0.58), (x, hem_y)], 0.012, -0.4) for x in (-0.045, 0.045)
    ]
    shirt.strokes += [
        line([(-0.008, y), (0.008, y)], 0.034, 0.75)
        for y in np.arange(-0.48, hem_y - 0.05, 0.2)
    ]


def _sleeves(
    random: np.random.Generator, x: float, y: float, length: float
) -> list[Points]:
    """Sleeves that start at the shoulder and hang outward by a random angle."""
    angle = random.uniform(0.18, 0.6) if length > 0.5 else random.uniform(0.45, 0.85)
    out, down = float(np.sin(angle)), float(np.cos(angle))
    wide = 0.1 if length > 0.5 else 0.12
    tip = (x + out * length, y + down * length)
    sleeve = [(x - 0.06, y - 0.02), (x, y), (x + out * 0.12 + 0.03, y + down * 0.1)]
    sleeve += 2 * [(tip[0] + down * wide * 0.8, tip[1] - out * wide * 0.8)]
    sleeve += 2 * [(tip[0] - down * wide * 0.8, tip[1] + out * wide * 0.8)]
    sleeve += [(x - 0.1, y + 0.34), (x - 0.14, y + 0.1)]
    return both_sides(sleeve)


def _neckline(
    random: np.random.Generator, width: float, y: float, depth: float
) -> Points:
    """A round or a V opening."""
    if random.random() < 0.5:
        return smooth([(-width, y), (width, y), (0.0, y + depth), (0.0, y + depth)])
    side = (width * 0.6, y + depth * 0.8)
    return smooth(
        [(-width, y), (width, y), side, (0.0, y + depth), (-side[0], side[1])]
    )


def _band(half: float, y: float, thick: float) -> Points:
    corners = [(-half, y - thick), (half, y - thick), (half, y + thick)]
    return np.asarray([*corners, (-half, y + thick)])


def _pair(
    right: Sequence[XY], width: float = 0.012, tone: float = -0.45
) -> list[Stroke]:
    left = [(-x, y) for x, y in right]
    return [line(right, width, tone), line(left, width, tone)]


def _neck(y: float = -0.9, half: float = 0.085) -> list[tuple[Points, bool]]:
    head = mirrored(
        [(0.03, y - 0.5), (0.13, y - 0.42), (0.12, y - 0.2), (0.0, y - 0.1)]
    )
    neck = mirrored([(half, y - 0.25), (half, y - 0.1), (half * 2, y + 0.04)])
    chest = mirrored([(half * 1.6, y - 0.08), (half * 1.7, y + 0.1), (0.05, y + 0.3)])
    return [(neck, True), (chest, True), (head, True)]


def _arms(random: np.random.Generator, x: float, y: float) -> list[tuple[Points, bool]]:
    out = random.uniform(0.12, 0.34)
    arm = [(x - 0.06, y), (x + 0.02, y + 0.02), (x + out, y + 0.55)]
    arm += [(x + out * 0.9, y + 1.05), (x + out * 0.9 - 0.09, y + 1.05)]
    arm += [(x + out - 0.11, y + 0.55), (x - 0.06, y + 0.2)]
    return [(outline, True) for outline in both_sides(arm)]


def _legs(y: float, x: float) -> list[tuple[Points, bool]]:
    leg = [(x - 0.08, y), (x + 0.1, y), (x + 0.07, y + 0.4), (x + 0.04, 1.15)]
    leg += [(x - 0.05, 1.15), (x - 0.06, y + 0.4)]
    return [(outline, True) for outline in both_sides(leg)]
