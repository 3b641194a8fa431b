"""Which labels the map shows and in which order; of very many, the worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage

from pages.parts.coverage_matrix import Counts, Floats, Matrix

LABELS_AT_MOST = 200
# More buttons than this make a browser slow.
CELLS_AT_MOST = 8_000
SQUARE_AT_MOST = 89
# What makes a row bad: cells nobody has seen count most.
BADNESS = {"u": 4, "t": 2, "h": 1}

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to see of the map.

    `between` are two group ids, None for all labels; `order` is own, gaps or alike.
    """

    between: tuple[int, int] | None = None
    order: str = "own"
    only_problems: bool = False
    find: str = ""
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows and columns to show, as places among the labels.

    `of_rows` and `of_columns` say how many there were before the worst were chosen.
    """

    rows: Places
    columns: Places
    of_rows: int
    of_columns: int

    @property
    def is_cut(self) -> bool:
        """Whether some that were asked for are not shown."""
        return len(self.rows) < self.of_rows or len(self.columns) < self.of_columns


def cut(matrix: Matrix, wish: Wish) -> Cut:
    """Return what fits the wish, at most the worst that a browser can draw."""
    rows, columns = _asked(matrix, wish)
    rows, columns = _find(matrix, rows, columns, wish)
    if wish.only_problems:
        bad = badness(matrix, rows, columns) > 0
        rows, columns = rows[bad.any(axis=1)], columns[bad.any(axis=0)]
    of_rows, of_columns = len(rows), len(columns)
    most_rows, most_columns = _room(of_rows, of_columns)
    if (most_rows, most_columns) != (of_rows, of_columns):
        bad = badness(matrix, rows, columns)
        rows, columns = (
            _worst(rows, bad.sum(axis=1), most_rows),
            _worst(columns, bad.sum(axis=0), most_columns),
        )
    order = ORDERS[wish.order]
    ordered = order(matrix, rows, columns), order(matrix, columns, rows)
    return Cut(*ordered, of_rows, of_columns)


def _asked(matrix: Matrix, wish: Wish) -> tuple[Places, Places]:
    everything = np.arange(len(matrix.labels))
    if wish.between is None:
        return everything, everything
    one, two = wish.between
    return np.flatnonzero(matrix.owner == one), np.flatnonzero(matrix.owner == two)


def _find(
    matrix: Matrix, rows: Places, columns: Places, wish: Wish
) -> tuple[Places, Places]:
    """Keep what the words name: rows where they name rows, columns where columns.

    Of all labels against all, only rows are looked through.
    """
    text = wish.find.casefold().strip()
    if not text:
        return rows, columns
    names = [label.name.casefold() for label in matrix.labels]
    terms = [text] if any(text in name for name in names) else text.split()

    def named(places: Places) -> Places:
        kept = [p for p in places if any(term in names[p] for term in terms)]
        return np.array(kept, np.intp)

    found_rows = named(rows)
    if wish.between is None:
        return found_rows, columns
    found_columns = named(columns)
    if not len(found_rows) and not len(found_columns):
        return found_rows, found_columns
    return (
        found_rows if len(found_rows) else rows,
        found_columns if len(found_columns) else columns,
    )


def badness(matrix: Matrix, rows: Places, columns: Places) -> Counts:
    """Return how bad each cell is: unseen, trace, thin; 0 for all others."""
    letters = matrix.letters[np.ix_(rows, columns)]
    found = [letters == letter for letter in BADNESS]
    return np.select(found, list(BADNESS.values()), 0).astype(np.int64)


def _room(rows: int, columns: int) -> tuple[int, int]:
    rows, columns = min(rows, LABELS_AT_MOST), min(columns, LABELS_AT_MOST)
    if rows * columns <= CELLS_AT_MOST:
        return rows, columns
    short = min(rows, columns, SQUARE_AT_MOST)
    long = CELLS_AT_MOST // short
    return (short, min(columns, long)) if rows <= columns else (min(rows, long), short)


def _worst(places: Places, bad: Counts, most: int) -> Places:
    """Return the worst of the places, in the order they stand in."""
    return places[np.sort(np.argsort(-bad, kind="stable")[:most])]


def _own_order(_matrix: Matrix, places: Places, _others: Places) -> Places:
    return places


def _by_gaps(matrix: Matrix, places: Places, others: Places) -> Places:
    bad = badness(matrix, places, others).sum(axis=1)
    return places[np.lexsort((np.arange(len(places)), -bad, _blocks(matrix, places)))]


def _by_likeness(matrix: Matrix, places: Places, others: Places) -> Places:
    """Put labels that occur with the same others beside each other, group by group."""
    profile = np.log1p(matrix.counts[np.ix_(places, others)].astype(np.float64))
    blocks = _blocks(matrix, places)
    parts = [np.flatnonzero(blocks == block) for block in np.unique(blocks)]
    return np.concatenate(
        [places[:0], *(places[p[_leaves(profile[p])]] for p in parts)]
    )


def _leaves(profile: Floats) -> Places:
    if len(profile) < 3:
        return np.arange(len(profile))
    tree = linkage(profile, "average", optimal_ordering=True)
    return leaves_list(tree).astype(np.intp)


def _blocks(matrix: Matrix, places: Places) -> Places:
    """Number the groups of the places in the order they stand in."""
    owners = list(dict.fromkeys(matrix.owner[places].tolist()))
    return np.array([owners.index(x) for x in matrix.owner[places].tolist()], np.intp)


ORDERS = {"own": _own_order, "gaps": _by_gaps, "alike": _by_likeness}
