"""Drawing some of many rows, where all would take too long or too much memory."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.intp]


def draw_some(rows: Rows, most: int, seed: int) -> Rows:
    """All rows, or so many of them drawn by chance, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
