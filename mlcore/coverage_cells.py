"""All combinations of t labels as columns of numbers, read one by one when looked at.

Two groups of 2,000 labels make four million combinations: as objects they would need
gigabytes, as numbers a hundred megabytes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from mlcore.co_occurrence import Floats, Places
from mlcore.combinations import (
    TIERS,
    TRACE_BELOW,
    Combination,
    least_surprising,
)
from mlcore.coverage_counts import Counts
from mlcore.coverage_factors import Layout

MISSING, TRACE, THIN, FINE, IMPOSSIBLE = range(len(TIERS))
# Names break ties between equally expected ones; beyond this nobody reads that far.
NAMES_SORTED = 200_000
# Shorter lists are kept as objects once somebody went through them.
MADE_AT_MOST = 50_000

Order = NDArray[np.int64]
Marks = NDArray[np.bool_]
Item = TypeVar("Item", covariant=True)


@dataclass(frozen=True)
class CellTable:
    """One row a combination: columns of its labels, images, expected, tier.

    Rows are in the order of their columns, so that one can be found by bisection.
    `pairs` is the `pair_table` of the layout's columns.
    """

    layout: Layout
    places: Places
    shown: Order
    expected: Floats
    tiers: NDArray[np.int8]
    pairs: Floats

    @cached_property
    def is_grouped(self) -> Marks:
        """Whether all labels belong to groups with a rule."""
        in_group = self.layout.group_of[self.places] >= 0
        found: Marks = np.logical_and.reduce(in_group, axis=1)
        return found

    @cached_property
    def is_gap(self) -> Marks:
        """Missing, and neither chance nor a missing part of it explains it.

        Between groups with a rule every missing combination is a gap; labels that
        stand alone may never meet because they are rare, and nothing is wrong.
        """
        surprising = self.expected > least_surprising()
        found: Marks = (self.tiers == MISSING) & (self.is_grouped | surprising)
        if self.places.shape[1] > 2:
            for one, other in combinations(self.places.T, 2):
                found &= self.pairs[one, other] > 0
        return found

    @cached_property
    def codes(self) -> Order:
        """One ascending number a combination."""
        return encode(self.places, len(self.layout.labels))

    def at(self, row: int) -> Combination:
        """Return one combination."""
        labels = [self.layout.labels[place] for place in self.places[row]]
        return Combination(
            tuple(label.label_id for label in labels),
            tuple(label.name for label in labels),
            int(self.shown[row]),
            float(self.expected[row]),
            TIERS[self.tiers[row]],
            bool(self.is_grouped[row]),
        )

    def find(self, label_ids: Collection[int]) -> int | None:
        """Return the row of a combination, None when there is none."""
        columns = self.layout.columns
        if len(label_ids) != self.places.shape[1] or not columns.keys() >= {*label_ids}:
            return None
        wanted = np.sort(np.array([[columns[i] for i in label_ids]], np.int64), axis=1)
        code = encode(wanted, len(columns))[0]
        row = int(np.searchsorted(self.codes, code))
        return row if row < len(self.codes) and self.codes[row] == code else None

    def rows_where(self, chosen: Marks) -> Order:
        """Return the rows marked, in their order."""
        return np.flatnonzero(chosen)

    def most_expected(self, rows: Order) -> Order:
        """Return the rows with the most expected first, then by name."""
        keys: list[NDArray[np.generic]] = [-self.expected[rows]]
        if len(rows) <= NAMES_SORTED:
            names = np.array([label.name for label in self.layout.labels], object)
            rank = np.argsort(np.argsort(names, kind="stable"), kind="stable")
            keys = [*rank[self.places[rows]].T[::-1], *keys]
        return rows[np.lexsort(keys)]


class Cells(Sequence[Combination]):
    """Some combinations of a table; ordered, and made, only when looked at."""

    def __init__(self, table: CellTable, choose: Callable[[], Order], count: int):
        self._table = table
        self._choose = choose
        self._count = count

    @cached_property
    def _rows(self) -> Order:
        return self._choose()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Combination: ...
    @overload
    def __getitem__(self, index: slice) -> list[Combination]: ...
    def __getitem__(self, index: int | slice) -> Combination | list[Combination]:
        if isinstance(index, slice):
            return [self._table.at(row) for row in self._rows[index].tolist()]
        return self._table.at(int(self._rows[index]))

    @cached_property
    def _made(self) -> tuple[Combination, ...]:
        return tuple(self._table.at(row) for row in self._rows.tolist())

    def __iter__(self) -> Iterator[Combination]:
        # Predictions go through the same list for every picture.
        if len(self) <= MADE_AT_MOST:
            return iter(self._made)
        return (self._table.at(row) for row in self._rows.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            a == b for a, b in zip(self, other, strict=True)
        )

    # Compares like a list, so it has no hash; typeshed wants a method there.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self):,} combinations>"


class Lazy(Sequence[Item]):
    """A sequence that is made when it is first looked at."""

    def __init__(self, make: Callable[[], Iterable[Item]]):
        self._make = make

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return tuple(self._make())

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        return self._items[index]


def make_table(
    layout: Layout,
    counts: Counts,
    pairs: Floats,
    thin_below: int,
    impossible: Collection[tuple[int, ...]],
) -> CellTable:
    """Return the table with every combination's tier; `pairs` is the pair table."""
    shown = counts.shown.astype(np.int64)
    tiers = np.select(
        [shown == 0, shown >= thin_below, shown < TRACE_BELOW],
        [MISSING, FINE, TRACE],
        THIN,
    )
    tiers[find_barred(counts.places, layout, impossible)] = IMPOSSIBLE
    return CellTable(
        layout, counts.places, shown, counts.expected(), tiers.astype(np.int8), pairs
    )


def find_barred(
    places: Places, layout: Layout, impossible: Collection[tuple[int, ...]]
) -> Marks:
    """Return which combinations contain one that a person called impossible."""
    barred = np.zeros(len(places), bool)
    known = [{layout.columns.get(i, -1) for i in ids} for ids in impossible]
    total = len(layout.labels)
    for size in range(1, places.shape[1] + 1):
        wanted = [sorted(own) for own in known if len(own) == size and -1 not in own]
        if not wanted:
            continue
        codes = encode(np.array(wanted, np.int64), total)
        for part in combinations(range(places.shape[1]), size):
            barred |= np.isin(encode(places[:, list(part)], total), codes)
    return barred


def encode(places: Places, total: int) -> Order:
    """Return one number a row of ascending columns, in their order."""
    code = np.zeros(len(places), np.int64)
    for column in places.T:
        code = code * total + column
    return code
