"""Where in a picture its features come from: evidence spread over the pixels. Numpy.

Features are averages over the picture: the mean and the spread of a network's channels
and the root of each colour's share. Each is a sum over places, so what a slope makes of
them is too, exactly: an activation counts where it is, a spread where a channel differs
from its mean, a colour where its pixels are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.colour_features import COLOURS, LOOKED_AT_PX, SHADES
from mlcore.head_solver import Doubles, Floats

Pixels = npt.NDArray[np.uint8]

GRID = 56
# In cells of the grid: single pixels of an early layer say nothing to the eye.
BLUR = 1.2
LEAST_SPREAD = 1e-6
# A map half of which is as bright as this part of its top points nowhere.
FLAT = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence for a label (GRID, GRID): by a network's channels, and by colours.

    Both sum up to how far the features lean to the label, more than `base` does.
    """

    network: Doubles
    colours: Doubles

    @property
    def colour_share(self) -> float:
        """The part of what speaks for the label that is colour alone."""
        by_colour = float(np.maximum(self.colours, 0).sum())
        whole = by_colour + float(np.maximum(self.network, 0).sum())
        return by_colour / whole if whole else 0.0


def spread_taps(slope: Doubles, base: Doubles, taps: Sequence[Floats]) -> Doubles:
    """(GRID, GRID) of the features of taps (h, w, c), as the backbone puts them.

    Mean and spread of each tap's channels, of the last the mean only; `base` (d,) are
    the features of a usual picture.
    """
    found = np.zeros((GRID, GRID))
    at = 0
    for number, tap in enumerate(taps):
        values = tap.astype(np.float64)
        width, places = values.shape[2], values.shape[0] * values.shape[1]
        own = slice(at, at + width)
        part = values @ slope[own] - slope[own] @ base[own]
        at += width
        if number < len(taps) - 1:
            own = slice(at, at + width)
            differs = np.square(values - values.mean(axis=(0, 1)))
            spread = np.maximum(values.std(axis=(0, 1)), LEAST_SPREAD)
            part += differs @ (slope[own] / spread) - slope[own] @ base[own]
            at += width
        found += resize(part / places)
    return found


def spread_colours(slope: Doubles, base: Doubles, picture: Pixels) -> Doubles:
    """(GRID, GRID) of the colour features of a picture (s, s, 3)."""
    step = max(1, len(picture) // LOOKED_AT_PX)
    seen = picture[::step, ::step].astype(np.int64) * SHADES // 256
    colours = (seen[..., 0] * SHADES + seen[..., 1]) * SHADES + seen[..., 2]
    side = len(colours)
    edge = side // 4
    middle = (slice(edge, side - edge),) * 2
    found = np.zeros((side, side))
    for own, place in ((0, (slice(None),) * 2), (COLOURS, middle)):
        part = colours[place]
        shares = np.bincount(part.ravel(), minlength=COLOURS) / part.size
        roots = np.sqrt(np.maximum(shares, 1e-12))
        lean = slope[own : own + COLOURS]
        usual = float(lean @ base[own : own + COLOURS])
        found[place] += ((lean / roots)[part] - usual) / part.size
    return resize(found)


def resize(values: Doubles) -> Doubles:
    """The same evidence on GRID x GRID cells; its sum stays what it is."""
    down = _overlaps(values.shape[0])
    across = _overlaps(values.shape[1])
    return np.asarray(down @ values @ across.T)


def _overlaps(cells: int) -> Doubles:
    """(GRID, cells) the part of each cell that lies in each one of the grid."""
    ends = np.linspace(0, cells, GRID + 1)
    low = np.maximum(ends[:-1, None], np.arange(cells))
    high = np.minimum(ends[1:, None], np.arange(1, cells + 1))
    return np.asarray(np.maximum(high - low, 0), np.float64)


def to_heat(evidence: Doubles) -> Pixels:
    """uint8 (GRID, GRID): where more speaks for the label than on average, 255 most.

    That a picture lacks what speaks for another label is evidence too, and the same in
    every place: without it, what is left has a place. All 0 where no place stands out,
    as with a network that learned nothing: blank ground would light up as a find.
    """
    # The web process imports this file for the size of its grid alone.
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(evidence, BLUR, mode="reflect")
    heat = np.maximum(smooth - smooth.mean(), 0)
    top = float(heat.max())
    if top <= 0 or (heat > FLAT * top).mean() > FLAT:
        return np.zeros((GRID, GRID), np.uint8)
    return np.asarray(np.round(255 * heat / top), np.uint8)
