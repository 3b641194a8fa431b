"""Which labels go wrong together: on the same pictures, more often than chance. Pure.

Labels of one exclusive group are left out: there a wrong yes makes a wrong no, which
the matrix of the group shows.
"""

from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma

import numpy as np

from mlcore.decisions import Decisions, exclusive_columns
from mlcore.evaluation import HeldOut

# Twice may be chance, whatever the figures say.
FEWEST, CHANCE = 2, 0.05
NEGLIGIBLE = 1e-9
LABELS_AT_MOST = 200
SHOWN_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class CoError:
    """Two labels that are wrong on the same `images`, where chance makes `expected`."""

    first: str
    second: str
    images: int
    first_wrong: int
    second_wrong: int
    expected: float


def co_errors(held_out: HeldOut, said: Decisions) -> list[CoError]:
    """Return the pairs that go wrong together more often than chance, worst first."""
    wrong = (held_out.y >= 0) & (said != (held_out.y == 1))
    totals = wrong.sum(axis=0)
    columns = [int(at) for at in np.argsort(-totals, kind="stable") if totals[at]]
    groups = _group_of(held_out)
    found = []
    for one, other in combinations(sorted(columns[:LABELS_AT_MOST]), 2):
        if groups.get(one, -1) == groups.get(other, -2):
            continue
        asked = (held_out.y[:, [one, other]] >= 0).all(axis=1)
        pair = wrong[asked][:, [one, other]]
        together = int(pair.all(axis=1).sum())
        a, b = int(pair[:, 0].sum()), int(pair[:, 1].sum())
        # no more than chance makes need not be worked out
        if together < FEWEST or together * len(pair) <= a * b:
            continue
        if chance_of(together, a, b, len(pair)) > CHANCE:
            continue
        first, second = held_out.labels[one].name, held_out.labels[other].name
        found.append(CoError(first, second, together, a, b, a * b / len(pair)))
    found.sort(key=lambda c: (-c.images, c.expected, c.first, c.second))
    return found[:SHOWN_AT_MOST]


def _group_of(held_out: HeldOut) -> dict[int, int]:
    exclusive = exclusive_columns(held_out.labels, held_out.groups)
    return {at: n for n, (columns, _) in enumerate(exclusive) for at in columns}


def chance_of(together: int, first: int, second: int, images: int) -> float:
    """Return how likely so many or more coincide by chance (hypergeometric)."""
    fewest = max(together, first + second - images, 0)
    total = _log_choose(images, second)
    whole = 0.0
    for k in range(fewest, min(first, second) + 1):
        ways = _log_choose(first, k) + _log_choose(images - first, second - k)
        share = exp(ways - total)
        whole += share
        # beyond the most likely number they only get smaller
        if share < NEGLIGIBLE * whole and k * images > first * second:
            break
    return min(1.0, whole)


def _log_choose(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)
