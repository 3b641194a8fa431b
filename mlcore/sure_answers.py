"""What is left wrong when people look at the pictures a run is least sure of. Numpy.

A picture is as sure as the weakest of the labels said of it, the strongest of each
group: the order in which Classify puts the least sure first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.decisions import exclusive_columns
from mlcore.evaluation import HeldOut
from mlcore.scores import Interval, wilson
from mlcore.snapshot import UNKNOWN

# Of fewer pictures a tenth says nothing.
FEWEST = 20
# Which part of the pictures people look at; 0 is all the run's own work.
PARTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Cut:
    """People look at `looked_at` pictures below `sure_from`, the run answers `left`."""

    looked_at: int
    left: int
    right: int
    sure_from: float

    @property
    def wrong(self) -> int:
        """Pictures left to the run on which a label is wrong."""
        return self.left - self.right

    @property
    def share(self) -> float:
        """The part of those left to the run with every label right."""
        return self.right / self.left

    @property
    def interval(self) -> Interval:
        """The 95 % Wilson interval of the share."""
        return wilson(self.right, self.left)


def cut_by_sureness(held_out: HeldOut, parts: Sequence[float] = PARTS) -> list[Cut]:
    """Return what is left to the run, for each part of the pictures people look at.

    Pictures it is equally sure of stay together, so a part is nearly what was asked
    and may be left out; with fewer than 20 pictures there is nothing.
    """
    known = held_out.y != UNKNOWN
    asked = known.any(axis=1)
    if asked.sum() < FEWEST:
        return []
    hits = (held_out.decide() == (held_out.y == 1)) | ~known
    right = hits.all(axis=1)[asked]
    sure = how_sure(held_out)[asked]
    ordered = np.sort(sure)
    starts = sorted({float(ordered[int(part * len(ordered))]) for part in parts})
    return [_cut(sure, right, start) for start in starts]


def _cut(sure: NDArray[np.float64], right: NDArray[np.bool_], start: float) -> Cut:
    is_left = sure >= start
    left = int(is_left.sum())
    return Cut(len(sure) - left, left, int(right[is_left].sum()), start)


def how_sure(held_out: HeldOut) -> NDArray[np.float64]:
    """(n,) the probability of the weakest label said, of groups that always say one."""
    p = held_out.probabilities.astype(np.float64)
    if held_out.output == "softmax":
        return np.asarray(p.max(axis=1))
    exclusive = exclusive_columns(held_out.labels, held_out.groups)
    strongest = [p[:, columns].max(axis=1) for columns, is_one in exclusive if is_one]
    return np.asarray(np.min(strongest, axis=0) if strongest else np.ones(len(p)))
