"""The held-out pictures on which a run is wrong, the gravest first. Pure numpy."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.evaluation import HeldOut, Wanted
from mlcore.metrics import combined_columns

MISSED, IN_VAIN = "missed", "in vain"
# A label's id, and what went wrong with it.
Fault = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A picture with a wrong answer; all are label ids in the order of the labels.

    `combination` is its true one, as the figures per combination have it. `gravity`
    sums how far the wrong answers' probabilities are from the truth.
    """

    image_id: int
    said: tuple[int, ...]
    labelled: tuple[int, ...]
    faults: tuple[Fault, ...]
    combination: tuple[int, ...]
    gravity: float


def list_mistakes(held_out: HeldOut, limits: Wanted = None) -> list[Mistake]:
    """Return the pictures on which some known answer is wrong, the gravest first.

    None stands for what counts for the run.
    """
    yes, said = held_out.y == 1, held_out.decide(limits)
    wrong = (held_out.y >= 0) & (said != yes)
    gravity = (np.abs(yes - held_out.probabilities) * wrong).sum(axis=1)
    rows = np.flatnonzero(wrong.any(axis=1))
    ids = [label.label_id for label in held_out.labels]
    parts = np.zeros(len(ids), bool)
    parts[combined_columns(held_out.labels, held_out.groups)] = True

    def name(columns: np.ndarray) -> tuple[int, ...]:
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
            gravity=float(gravity[row]),
        )
        for row in rows[np.argsort(-gravity[rows], kind="stable")]
    ]


def count_faults(mistakes: Sequence[Mistake]) -> list[tuple[Fault, int]]:
    """Return how often each label was missed or said in vain, most frequent first."""
    return Counter(fault for one in mistakes for fault in one.faults).most_common()


def count_combinations(
    mistakes: Sequence[Mistake],
) -> list[tuple[tuple[int, ...], int]]:
    """Return how often each true combination was got wrong, most frequent first."""
    return Counter(one.combination for one in mistakes).most_common()
