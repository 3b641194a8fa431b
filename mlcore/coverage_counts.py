"""Counts and expected numbers of every combination of t labels. Pure, vectorised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.co_occurrence import Floats, Places, count_pairs
from mlcore.coverage_factors import Factor, Layout
from mlcore.errors import ConfigError

# Beyond it a table of all combinations would need gigabytes.
CELLS_AT_MOST = 20_000_000


@dataclass(frozen=True, slots=True)
class Counts:
    """One entry a combination, in the order of its columns `places` (n, t).

    `images` are those on which all its factors are answered; `margins` the product,
    over its labels, of the images that show this label among them.
    """

    places: Places
    shown: Floats
    images: Floats
    margins: Floats

    def expected(self) -> Floats:
        """The number to expect, were the factors independent."""
        strength = self.places.shape[1]
        found: Floats = self.margins / np.maximum(self.images, 1) ** (strength - 1)
        return found

    def since(self, first: int) -> "Counts":
        """Those whose columns all come from `first` on, counted from there."""
        own = slice(int(np.searchsorted(self.places[:, 0], first)), None)
        places = self.places[own] - first
        return Counts(places, self.shown[own], self.images[own], self.margins[own])


def check_size(factors: Sequence[Factor], strength: int) -> None:
    """Raise `ConfigError` when there are too many combinations to list."""
    ways = [1] + [0] * strength
    for factor in factors:
        for size in range(strength, 0, -1):
            ways[size] += ways[size - 1] * len(factor.labels)
    if ways[strength] > CELLS_AT_MOST:
        raise ConfigError(
            f"These labels make {ways[strength]:,} combinations of {strength}; up to "
            f"{CELLS_AT_MOST:,} can be counted. Choose fewer labels in a combination, "
            "or put labels that exclude each other into groups."
        )


def pair_table(rows: Any, weights: Floats) -> Floats:
    """Return the pair counts of the columns, and of one more that is always there."""
    pairs = count_pairs(rows, weights)
    total = len(pairs)
    found = np.empty((total + 1, total + 1))
    found[:total, :total] = pairs
    found[total, :total] = found[:total, total] = pairs.diagonal()
    found[total, total] = weights.sum()
    return found


def count_cells(
    rows: Any, weights: Floats, layout: Layout, strength: int, table: Floats
) -> Counts:
    """Return every combination of `strength` labels from different factors.

    `rows` have the columns of the layout; `table` is their `pair_table`.
    """
    if strength == 2:
        return count_cell_pairs(layout, table)
    whole = count_cells(rows, weights, layout, strength - 1, table)
    parts = list(_extend(rows, weights, layout, strength, table, whole))
    if not parts:
        return Counts(np.zeros((0, strength), np.int64), *([np.zeros(0)] * 3))
    return Counts(
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.shown for part in parts]),
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.margins for part in parts]),
    )


def count_cell_pairs(layout: Layout, table: Floats) -> Counts:
    """Return every pair of labels from different factors."""
    owner, answered = layout.owner, layout.answered
    one, other = np.nonzero(owner[:, None] < owner[None, :])
    return Counts(
        np.stack([one, other], axis=1).astype(np.int64),
        table[one, other],
        table[answered[one], answered[other]],
        table[one, answered[other]] * table[answered[one], other],
    )


def _extend(
    rows: Any,
    weights: Floats,
    layout: Layout,
    strength: int,
    table: Floats,
    whole: Counts,
) -> Iterator[Counts]:
    """Yield, label by label, the combinations that begin with it."""
    by_column = rows.tocsc()
    images = table[-1, -1]
    first = 0
    for place, factor in enumerate(layout.factors[: 1 - strength]):
        rest, columns = layout.after(place)
        end = first + len(factor.labels)
        base = whole.since(end)
        flag = layout.answered[first] if factor.labels else -1
        if table[flag, flag] < images:
            within = _take(by_column, rows, weights, flag, columns)
            base = count_cells(*within[:2], rest, strength - 1, within[2])
        for label in range(first, end):
            within = _take(by_column, rows, weights, label, columns)
            with_it = count_cells(*within[:2], rest, strength - 1, within[2])
            own = np.full((len(base.places), 1), label, np.int64)
            yield Counts(
                np.hstack([own, base.places + end]),
                with_it.shown,
                base.images,
                with_it.images * base.margins,
            )
        first = end


def _take(
    by_column: Any, rows: Any, weights: Floats, column: int, columns: Places
) -> tuple[Any, Floats, Floats]:
    """Return rows, weights and pair table of the sets that have this column."""
    start, end = by_column.indptr[column], by_column.indptr[column + 1]
    chosen = by_column.indices[start:end]
    own, counts = rows[chosen][:, columns], weights[chosen]
    return own, counts, pair_table(own, counts)
