"""The combinations that exclusive groups can show, as numbers. Pure numpy.

A combination takes one value from each group: the place of its label, or one past the
last for "none of them" in a group that may have none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt

from mlcore.head_questions import FREE, Answers, Question, allowed_answers

Values = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

# More are not weighed one by one: those one would least expect are left out.
MOST = 4096
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class CombinationTable:
    """All combinations (K, G) that are weighed, and which of them training showed."""

    questions: tuple[Question, ...]
    combinations: Values
    seen: Mask

    @property
    def shown(self) -> Values:
        """(S, G) the combinations that training showed."""
        return self.combinations[self.seen]

    def columns_of(self, combination: Sequence[int]) -> tuple[int, ...]:
        """The label columns that are yes; "none of them" has no column."""
        chosen = zip(self.questions, combination, strict=True)
        return tuple(q.columns[v] for q, v in chosen if v < len(q.columns))

    def places_of(self, values: Values) -> Values:
        """(n,) rows of `combinations`, -1 for one that is not there."""
        widths = [question.width for question in self.questions]
        known = (values >= 0).all(axis=1)
        found = np.full(len(values), UNKNOWN)
        keys = np.ravel_multi_index(tuple(self.combinations.T), widths)
        order = np.argsort(keys)
        wanted = np.ravel_multi_index(tuple(values[known].T), widths)
        at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
        found[known] = np.where(keys[order][at] == wanted, order[at], UNKNOWN)
        return found

    def without(self, combination: Sequence[int]) -> "CombinationTable":
        """The same table had training never shown that combination."""
        is_it = (self.combinations == np.asarray(combination)).all(axis=1)
        return CombinationTable(self.questions, self.combinations, self.seen & ~is_it)


def groups_that_combine(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The exclusive groups, if there are two or more; else nothing combines."""
    found = tuple(q for q in questions if q.kind != FREE and q.width > 1)
    return found if len(found) > 1 else ()


def read_values(questions: Sequence[Question], y: Answers) -> Values:
    """(n, G) values of answers (n, L) of 1 / 0 / -1; -1 where not just one fits."""
    table = np.full((len(y), len(questions)), UNKNOWN, np.intp)
    for at, question in enumerate(questions):
        allowed = allowed_answers(question, y)
        is_known = allowed.sum(axis=1) == 1
        table[is_known, at] = allowed[is_known].argmax(axis=1)
    return table


def make_table(
    questions: Sequence[Question],
    values: Values,
    impossible: Collection[Sequence[int]] = (),
) -> CombinationTable | None:
    """The table of training answers `values` (n, G); None where nothing combines.

    `impossible` are label columns that never go together. Values that training never
    shows by themselves make no combinations: nothing is known of them.
    """
    asked = groups_that_combine(questions)
    complete = values[(values >= 0).all(axis=1)]
    if not asked or not len(complete):
        return None
    shown = np.unique(complete, axis=0)
    if len(shown) > MOST // 2:
        return None
    found = _join(shown, _expected_most(complete, shown))
    table = CombinationTable(asked, found, np.zeros(len(found), bool))
    excluded = [frozenset(columns) for columns in impossible]
    table.seen[table.places_of(shown)] = True
    fits = np.array(
        [
            seen or not any(e <= set(table.columns_of(c)) for e in excluded)
            for c, seen in zip(found, table.seen, strict=True)
        ]
    )
    return CombinationTable(asked, found[fits], table.seen[fits])


def _expected_most(complete: Values, shown: Values) -> Values:
    """Combinations of values that occur, as many as are weighed, likeliest first."""
    occurring = [np.unique(column, return_counts=True) for column in complete.T]
    axes = [list(zip(*found, strict=True)) for found in occurring]
    # The rarest values go first where there would be too many.
    while prod(map(len, axes)) > MOST:
        longest = max(axes, key=len)
        longest.remove(min(longest, key=lambda pair: pair[1]))
    return np.array([[value for value, _ in row] for row in product(*axes)], np.intp)


def _join(shown: Values, others: Values) -> Values:
    return np.unique(np.vstack([shown, others]), axis=0)
