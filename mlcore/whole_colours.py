"""Colours of pictures inside a network's graph, digit for digit as colour_features."""

from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from mlcore.colour_features import LOOKED_AT_PX, LUMINANCE, SHADES

# A colour is told by one of so many shades of red and green, and one of SHADES blues:
# counting such pairs needs a sixth of the memory of counting whole colours.
PAIRS = SHADES * SHADES


def as_gray(pictures: Any) -> Any:
    """float32 pictures 0..255 (n, s, s, 3) without their colours, whole numbers."""
    red, green, blue = (
        pictures[..., at : at + 1] * float(share) for at, share in enumerate(LUMINANCE)
    )
    # In this order: at the half between two shades the last digit decides.
    return ops.repeat(ops.round((red + green) + blue), 3, axis=-1)


def describe_colours(pictures: Any, size_px: int) -> Any:
    """float32 (n, WIDTH) of float32 pictures 0..255 (n, s, s, 3)."""
    step = max(1, size_px // LOOKED_AT_PX)
    seen = ops.floor(pictures[:, ::step, ::step] * (SHADES / 256))
    side = -(-size_px // step)
    edge = side // 4
    middle = seen[:, edge : side - edge, edge : side - edge]
    parts = [_shares(seen, side), _shares(middle, side - 2 * edge)]
    return ops.concatenate(parts, axis=1)


def _shares(shades: Any, side: int) -> Any:
    """(n, COLOURS) the root of each colour's share of shades (n, side, side, 3)."""
    places = side * side
    flat = ops.reshape(shades, (-1, places, 3))
    pair = flat[..., :1] * SHADES + flat[..., 1:2]
    pairs = ops.cast(ops.equal(pair, _count_up(PAIRS)), "float32")
    blues = ops.cast(ops.equal(flat[..., 2:], _count_up(SHADES)), "float32")
    counts = ops.matmul(ops.transpose(pairs, (0, 2, 1)), blues)
    return ops.sqrt(ops.reshape(counts, (-1, PAIRS * SHADES)) / max(1, places))


def _count_up(end: int) -> npt.NDArray[np.float32]:
    return np.arange(end, dtype=np.float32)
