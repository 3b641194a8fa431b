"""The held-out pictures on which a run is wrong or unsure, the gravest first. Numpy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.decisions import Limits, counting_thresholds, exclusive_columns
from mlcore.evaluation import HeldOut, Wanted
from mlcore.metrics import combined_columns

MISSED, IN_VAIN = "missed", "in vain"
# A label's id, and what went wrong with it.
Fault = tuple[int, str]

# Right, but so near the limit that another picture might have tipped it: of two
# labels that share a yes, less than this between them; of one, less than this part of
# the way from its threshold.
UNSURE_BELOW = 0.5
# A probability of 0 would be an infinite loss.
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Mistake:
    """A picture with a wrong or an unsure answer; all ids in the order of the labels.

    `combination` is its true one, as the figures per combination have it. `loss` is
    the cross-entropy of what is wrong, or of an unsure picture how near it is to be
    wrong, below 1. `doubts` are labels that only just fell the way they did.
    """

    image_id: int
    said: tuple[int, ...]
    labelled: tuple[int, ...]
    faults: tuple[Fault, ...]
    combination: tuple[int, ...]
    loss: float
    doubts: tuple[int, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether an answer is wrong, not just unsure."""
        return bool(self.faults)

    def has(self, kind: str, label_id: int | None = None) -> bool:
        """Whether a label (any, if None) was missed or said in vain."""
        return any(one == kind and label_id in (None, i) for i, one in self.faults)


def list_mistakes(held_out: HeldOut, limits: Wanted = None) -> list[Mistake]:
    """Return the pictures on which some known answer is wrong, the gravest first.

    None stands for what counts for the run.
    """
    yes, said = held_out.y == 1, held_out.decide(limits)
    wrong = (held_out.y >= 0) & (said != yes)
    p = held_out.probabilities.astype(np.float64)
    losses = -np.log(np.maximum(np.where(yes, p, 1 - p), LEAST))
    loss = (losses * wrong).sum(axis=1)
    rows = np.flatnonzero(wrong.any(axis=1))
    doubts = np.zeros(wrong.shape, bool)
    return _describe(held_out, said, wrong, doubts, rows[_order(loss[rows])], loss)


def list_unsure(held_out: HeldOut, limits: Wanted = None) -> list[Mistake]:
    """Return the pictures that are right but only just, the most doubtful first."""
    yes, said = held_out.y == 1, held_out.decide(limits)
    known = held_out.y >= 0
    wrong = known & (said != yes)
    margins = _margins(held_out, limits)
    doubts = (margins < UNSURE_BELOW) & known & ~wrong.any(axis=1, keepdims=True)
    near = 1 - np.where(doubts, margins, 1).min(axis=1, initial=1)
    rows = np.flatnonzero(doubts.any(axis=1))
    return _describe(held_out, said, wrong, doubts, rows[_order(near[rows])], near)


def _order(values: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.argsort(-values, kind="stable")


def _margins(held_out: HeldOut, limits: Wanted) -> NDArray[np.float64]:
    """(n, L) how far each answer is from the other one, 0 to 1."""
    p = held_out.probabilities.astype(np.float64)
    chosen = held_out.set_to.limits if limits is None else limits
    wanted = Limits.of(chosen, len(held_out.labels))
    exclusive = exclusive_columns(held_out.labels, held_out.groups)
    found = np.ones(p.shape)
    for at, limit in enumerate(counting_thresholds(wanted, held_out.output, exclusive)):
        if limit is not None:
            way = np.where(p[:, at] >= limit, max(1 - limit, LEAST), max(limit, LEAST))
            found[:, at] = np.abs(p[:, at] - limit) / way
    if held_out.output == "softmax":
        exclusive = [(range(p.shape[1]), True)]
    if held_out.output in ("groups", "softmax"):
        for columns, is_forced in exclusive:
            if is_forced and len(columns) > 1:
                found[:, list(columns)] = _between_two(p[:, list(columns)])
    return found


def _between_two(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, k) the gap of the two strongest of k; 1 for the others."""
    order = np.argsort(-p, axis=1, kind="stable")[:, :2]
    top = np.take_along_axis(p, order, axis=1)
    found = np.ones(p.shape)
    np.put_along_axis(found, order, top[:, :1] - top[:, 1:], axis=1)
    return found


def _describe(
    held_out: HeldOut,
    said: NDArray[np.bool_],
    wrong: NDArray[np.bool_],
    doubts: NDArray[np.bool_],
    rows: NDArray[np.intp],
    loss: NDArray[np.float64],
) -> list[Mistake]:
    ids = [label.label_id for label in held_out.labels]
    parts = np.zeros(len(ids), bool)
    parts[combined_columns(held_out.labels, held_out.groups)] = True
    yes = held_out.y == 1

    def name(columns: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(ids[at] for at in np.flatnonzero(columns))

    return [
        Mistake(
            image_id=int(held_out.image_ids[row]),
            said=name(said[row]),
            labelled=name(yes[row]),
            faults=tuple(
                (ids[at], MISSED if yes[row, at] else IN_VAIN)
                for at in np.flatnonzero(wrong[row])
            ),
            combination=name(yes[row] & parts),
            loss=float(loss[row]),
            doubts=name(doubts[row]),
        )
        for row in rows
    ]


def count_faults(mistakes: Sequence[Mistake]) -> list[tuple[Fault, int]]:
    """Return how often each label was missed or said in vain, most frequent first."""
    return Counter(fault for one in mistakes for fault in one.faults).most_common()


def count_combinations(
    mistakes: Sequence[Mistake],
) -> list[tuple[tuple[int, ...], int]]:
    """Return how often each true combination was got wrong, most frequent first."""
    return Counter(one.combination for one in mistakes).most_common()
