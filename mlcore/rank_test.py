"""Which combinations a model that adds up evidence per label can work out. Pure.

Such a model scores a combination as a sum over its labels. What it learned of the seen
ones fixes its score of another when that one's 0/1 vector is a sum of theirs (times
numbers): black dress = black jeans + blue dress - blue jeans.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

# Its parts load when they are first used: answering needs none of them.
import scipy
from numpy.typing import NDArray

from mlcore.co_occurrence import Floats, Indicator, count_pairs
from mlcore.coverage_factors import Layout

# Exact answers are whole or small fractions; what is left of rounding is far below.
NEARLY_ZERO = 1e-6
# A pivot below is rounding: the columns' vectors are scaled to length one.
PIVOT_ABOVE = 1e-9
# The time grows with the cube: 4,000 labels take ten seconds.
LABELS_AT_MOST = 5_000


@dataclass(frozen=True)
class Span:
    """What the seen whole combinations span, with groups and free labels together.

    `needed` is the fewest new combinations after which every one can be worked out:
    1 + Σ(v - 1) - rank. `rest` (columns, left over) maps a vector to what of it lies
    outside the span; `usual` is the commonest label of each group, for labels not said.
    """

    layout: Layout
    rank: int
    needed: int
    rest: Floats
    usual: NDArray[np.int64]

    def outside(self, found: Sequence[Collection[int]]) -> Floats:
        """Return what of each combination (label ids) lies outside, (n, left over).

        Groups that it leaves open take their commonest label.
        """
        vectors = np.stack([self._complete(ids) for ids in found])
        left: Floats = vectors @ self.rest
        left[np.abs(left) < NEARLY_ZERO] = 0
        return left

    def contains(self, label_ids: Collection[int]) -> bool:
        """Return whether the seen combinations pin this one down."""
        return not self.outside([label_ids]).any()

    def _complete(self, label_ids: Collection[int]) -> Floats:
        columns = [self.layout.columns[i] for i in label_ids]
        vector = np.zeros(len(self.layout.labels) + 1)
        vector[columns] = vector[-1] = 1
        said = {int(self.layout.owner[column]) for column in columns}
        for group, column in enumerate(self.usual.tolist()):
            if group not in said and column >= 0:
                vector[column] = 1
        return vector


@dataclass(frozen=True)
class SeenSets:
    """The label sets that were seen; their span is found when it is asked for."""

    indicator: Indicator
    layout: Layout

    @cached_property
    def span(self) -> Span | None:
        """Return what they span, None where that cannot be said."""
        return find_span(self.indicator, self.layout)


def find_span(indicator: Indicator, layout: Layout) -> Span | None:
    """Return the span of the sets that answer every group by its rule.

    None where no set does, where there are no two factors to combine, and for more
    labels than can be worked out in time.
    """
    layout = _in_use(indicator, layout)
    if len(layout.factors) < 2 or len(layout.labels) > LABELS_AT_MOST:
        return None
    own = [indicator.columns[label.label_id] for label in layout.labels]
    rows = indicator.rows[:, own]
    keeps = _keeps_rules(rows, layout)
    rows, weights = rows[keeps], indicator.weights[keeps]
    if not rows.shape[0]:
        return None
    always = scipy.sparse.csr_array(np.ones((rows.shape[0], 1), np.float32))
    gram = count_pairs(
        scipy.sparse.hstack([rows, always], format="csr"), np.ones(rows.shape[0])
    )
    rank, rest = _left_over(gram)
    most = 1 + sum(_degrees_of_freedom(layout))
    return Span(layout, rank, most - rank, rest, _usual(rows, weights, layout))


def _in_use(indicator: Indicator, layout: Layout) -> Layout:
    """Return the layout without groups that no image answers."""
    counts = np.asarray(indicator.rows.sum(axis=0)).ravel()

    def is_used(labels: Sequence[Any]) -> bool:
        return any(counts[indicator.columns[label.label_id]] for label in labels)

    factors = [f for f in layout.factors if not f.is_group or is_used(f.labels)]
    return Layout(tuple(factors))


def _degrees_of_freedom(layout: Layout) -> list[int]:
    """Values less one: none is a value of an at-most-one group and a free label."""
    return [len(f.labels) - (f.rule == "exactly-one") for f in layout.factors]


def _keeps_rules(rows: Any, layout: Layout) -> NDArray[np.bool_]:
    """Return which sets have one label of each exactly-one group, none has two."""
    keeps = np.ones(rows.shape[0], bool)
    for place, group in enumerate(layout.groups):
        found = np.asarray(rows[:, np.flatnonzero(layout.owner == place)].sum(axis=1))
        keeps &= found.ravel() <= 1
        if group.rule == "exactly-one":
            keeps &= found.ravel() >= 1
    return keeps


def _usual(rows: Any, weights: Floats, layout: Layout) -> NDArray[np.int64]:
    """Return the commonest label of each group; -1 where none of it is commoner."""
    counts = np.asarray(rows.T @ weights).ravel()
    usual = []
    for place, group in enumerate(layout.groups):
        own = np.flatnonzero(layout.owner == place)
        best = own[int(counts[own].argmax())]
        none = weights.sum() - counts[own].sum()
        is_open = group.rule != "exactly-one" and none > counts[best]
        usual.append(-1 if is_open else int(best))
    return np.array(usual, np.int64)


def _left_over(gram: Floats) -> tuple[int, Floats]:
    """Return the rank of a Gram matrix and the map to what lies outside its range."""
    scale = np.sqrt(np.maximum(gram.diagonal(), 1))
    factor, pivots, rank, _ = scipy.linalg.lapack.dpstrf(
        gram / np.outer(scale, scale), tol=PIVOT_ABOVE
    )
    order = pivots - 1
    first, last = order[:rank], order[rank:]
    upper = np.triu(factor)
    # Row space of the seen sets: the columns `last` follow from the columns `first`.
    follow = scipy.linalg.solve_triangular(upper[:rank, :rank], upper[:rank, rank:])
    follow *= scale[last][None, :] / scale[first][:, None]
    rest = np.zeros((len(gram), len(last)))
    rest[last, np.arange(len(last))] = 1
    rest[first] = -follow
    return int(rank), rest


def list_pinning(
    seen: NDArray[np.bool_], one: int, other: int
) -> list[tuple[int, int]]:
    """Return the fewest seen cells (row, column) that pin an unseen cell down.

    `seen` is a table of two groups. It is a way from the row to the column over seen
    cells: their sum, with turning signs, is the cell. Empty when there is no way.
    """
    came: dict[tuple[bool, int], tuple[bool, int]] = {(True, one): (True, one)}
    edge = [(True, one)]
    while edge and (False, other) not in came:
        following = []
        for is_row, at in edge:
            line = seen[at] if is_row else seen[:, at]
            for to in np.flatnonzero(line).tolist():
                if (not is_row, to) not in came:
                    came[(not is_row, to)] = (is_row, at)
                    following.append((not is_row, to))
        edge = following
    return _walk_back(came, (False, other))


def _walk_back(
    came: dict[tuple[bool, int], tuple[bool, int]], node: tuple[bool, int]
) -> list[tuple[int, int]]:
    cells: list[tuple[int, int]] = []
    while node in came and came[node] != node:
        before = came[node]
        cells.append((before[1], node[1]) if before[0] else (node[1], before[1]))
        node = before
    return cells[::-1]
