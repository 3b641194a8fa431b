"""Which labels divide the images among them: a bounded search. Pure numpy.

A group covers the images when nearly each of them has exactly one of its labels.
Finding all such groups takes time without bound, so the search looks at so many
steps and no more: of clean data it needs a few dozen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_STEPS = 2_000
MAX_SETS = 3_000
MAX_FOUND = 60
# A label that shares more of its images with others of the group is none of them.
SHARED_AT_MOST = 0.25

Mask = NDArray[np.bool_]
Columns = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Distinct label sets as rows of 0 and 1, with how many images have each.

    `kinds` says which word list each column's label is from, 0 for none.
    """

    has: NDArray[np.float32]
    weights: NDArray[np.float64]
    kinds: Sequence[int]

    @property
    def together(self) -> NDArray[np.float64]:
        """On how many images two labels meet; the diagonal holds the counts."""
        return np.asarray(self.has.T @ (self.has * self.weights[:, None]), np.float64)


@dataclass(frozen=True, slots=True)
class _Step:
    chosen: Columns
    allowed: Mask
    is_open: Mask
    shared: float


def find_covers(
    table: LabelTable, slack: float, columns: Sequence[int]
) -> list[tuple[float, Columns]]:
    """Return groups of these columns that cover all but `slack` images, with how many
    images break each; the first steps lead to labels of one word list."""
    is_wanted = np.zeros(table.has.shape[1], bool)
    is_wanted[list(columns)] = True
    together = table.together
    stack = [_Step((), is_wanted, np.ones(len(table.weights), bool), 0.0)]
    found: dict[Columns, float] = {}
    for _ in range(MAX_STEPS):
        if not stack or len(found) >= MAX_FOUND:
            break
        step = stack.pop()
        options = table.has @ step.allowed
        lost = step.shared + table.weights[step.is_open & (options == 0)].sum()
        if lost > slack:
            continue
        waiting = step.is_open & (options > 0)
        if waiting.any():
            row = int(np.argmax(np.where(waiting, table.weights, -1)))
            stack += _branch(table, together, step, row, slack)
        else:
            found.setdefault(tuple(sorted(step.chosen)), float(lost))
    return [(lost, group) for group, lost in found.items() if len(group) > 1]


def _branch(
    table: LabelTable,
    together: NDArray[np.float64],
    step: _Step,
    row: int,
    slack: float,
) -> list[_Step]:
    """One step for each label the row could be covered by, the likeliest last.

    The first of them says that nothing covers the row: its images break the group.
    """
    here = np.flatnonzero((table.has[row] > 0) & step.allowed)
    first = step.chosen[0] if step.chosen else -1
    likely = sorted(map(int, here), key=lambda c: (_differs(table.kinds, first, c), c))
    steps = []
    allowed = step.allowed.copy()
    for column in likely:
        allowed = allowed.copy()
        allowed[column] = False
        steps.append(_choose(table, together, step, (allowed, column), slack))
    uncovered = _Step(step.chosen, allowed, step.is_open, step.shared)
    return [uncovered, *reversed(steps)]


def _differs(kinds: Sequence[int], first: int, column: int) -> bool:
    """Whether a label is of another word list than the group's first."""
    return kinds[column] != kinds[first] if first >= 0 else not kinds[column]


def _choose(
    table: LabelTable,
    together: NDArray[np.float64],
    step: _Step,
    choice: tuple[Mask, int],
    slack: float,
) -> _Step:
    allowed, column = choice
    chosen = (*step.chosen, column)
    shared = step.shared + float(together[column, list(step.chosen)].sum())
    meets = together[:, list(chosen)].sum(axis=1)
    fits = (meets <= slack - shared) & (meets <= SHARED_AT_MOST * np.diag(together))
    is_open = step.is_open & (table.has[:, column] == 0)
    return _Step(chosen, allowed & fits, is_open, shared)
