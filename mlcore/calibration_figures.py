"""How often what a run says is true, by how sure it was. Pure numpy.

An answer is the strongest label of an exclusive group, or yes or no for another label;
how sure it is, is its probability. Answers nobody knows the truth of count nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.calibration import Temperature
from mlcore.head_questions import AT_MOST_ONE, FREE

Answers = NDArray[np.int8]
Probabilities = NDArray[np.floating]
Doubles = NDArray[np.float64]

BINS = 10
# Fewer answers in a bin say little: it is drawn, but no sentence is made of it.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """Answers: how sure each was, and whether it was right."""

    sure: Doubles
    right: NDArray[np.bool_]

    def __add__(self, other: "Judged") -> "Judged":
        return Judged(
            np.concatenate([self.sure, other.sure]),
            np.concatenate([self.right, other.right]),
        )


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers about equally sure: the mean of how sure, and the part that was right."""

    low: float
    high: float
    answers: int
    sure: float
    right: float


def judge_answers(one: Temperature, y: Answers, probabilities: Probabilities) -> Judged:
    """Return the answers to one group, or set of free labels, that can be judged."""
    columns = list(one.columns)
    own, truth = probabilities[:, columns].astype(np.float64), y[:, columns]
    if one.kind == FREE:
        known = truth >= 0
        said = own >= 0.5
        sure = np.where(said, own, 1 - own)
        return Judged(sure[known], (said == (truth == 1))[known])
    if one.kind == AT_MOST_ONE:
        own = np.hstack([own, np.maximum(0, 1 - own.sum(axis=1, keepdims=True))])
        # None of them is right, wrong, or unknown while no label is known to be yes.
        none = np.where((truth == 0).all(axis=1), 1, -1)
        none = np.where((truth == 1).any(axis=1), 0, none)
        truth = np.hstack([truth, none[:, None].astype(np.int8)])
    rows, best = np.arange(len(own)), own.argmax(axis=1)
    known = (truth == 1).any(axis=1) | (truth[rows, best] == 0)
    return Judged(own[rows, best][known], (truth[rows, best] == 1)[known])


def put_into_bins(judged: Judged) -> list[Bin]:
    """Return the bins of ten in a hundred that hold answers, the least sure first."""
    place = np.minimum((judged.sure * BINS).astype(int), BINS - 1)
    return [
        Bin(
            low=at / BINS,
            high=(at + 1) / BINS,
            answers=int((place == at).sum()),
            sure=float(judged.sure[place == at].mean()),
            right=float(judged.right[place == at].mean()),
        )
        for at in range(BINS)
        if (place == at).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return by how much answers are off, on average (ECE); None without answers."""
    answers = sum(one.answers for one in bins)
    if not answers:
        return None
    off = sum(one.answers * abs(one.sure - one.right) for one in bins)
    return off / answers


def telling_bin(bins: Sequence[Bin]) -> Bin | None:
    """Return the bin nearest to 90 % that holds enough answers to speak of."""
    enough = [one for one in bins if one.answers >= ENOUGH]
    return min(enough, key=lambda one: abs(one.sure - 0.9)) if enough else None
