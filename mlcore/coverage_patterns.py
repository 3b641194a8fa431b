"""Maximal uncovered patterns: the fewest labels that say what is not there. Pure.

Where a label itself is rare, its pairs say nothing more; where a pair is, its triples
do not. So each pattern is uncovered and every part of it is covered.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mlcore.co_occurrence import CountedSet, Places
from mlcore.combinations import THIN_BELOW, TRACE_BELOW, Combination, tier_of
from mlcore.coverage import check_strength
from mlcore.coverage_cells import encode, find_barred
from mlcore.coverage_counts import check_size, count_cells, pair_table
from mlcore.coverage_factors import Layout, index_factors, list_factors
from storage.records import Group, Label

PATTERNS_AT_MOST = 200

Marks = NDArray[np.bool_]


def uncovered_patterns(
    sets: Sequence[CountedSet],
    groups: Sequence[Group],
    free_labels: Sequence[Label],
    *,
    below: int = TRACE_BELOW,
    strength: int = 3,
    impossible: Collection[tuple[int, ...]] = (),
) -> list[Combination]:
    """Return labels that fewer than `below` images show together, up to `strength`.

    Rare labels first, then pairs, then triples, the most expected first; the worst 200.
    """
    check_strength(strength)
    layout = Layout(tuple(list_factors(groups, free_labels)))
    check_size(layout.factors, strength)
    indicator = index_factors(sets, layout)
    table = pair_table(indicator.rows, indicator.weights)
    totals = table.diagonal()[: len(layout.labels)]
    rare = totals < below
    found = [_rare_label(label, int(totals[n])) for n, label in _rare(layout, rare)]
    covered: dict[int, Places] = {1: np.flatnonzero(~rare)[:, None]}
    for size in range(2, strength + 1):
        counts = count_cells(indicator.rows, indicator.weights, layout, size, table)
        has_parts = _all_parts_covered(counts.places, covered[size - 1], len(totals))
        barred = find_barred(counts.places, layout, impossible)
        is_low = counts.shown < below
        covered[size] = counts.places[has_parts & ~is_low & ~barred]
        rows = np.flatnonzero(has_parts & is_low & ~barred)
        expected = counts.expected()[rows]
        worst = np.argsort(-expected, kind="stable")[:PATTERNS_AT_MOST].tolist()
        for at in worst:
            shown = int(counts.shown[rows[at]])
            place = counts.places[rows[at]].tolist()
            found.append(_pattern(layout, place, shown, float(expected[at])))
    return found[:PATTERNS_AT_MOST]


def _rare(layout: Layout, rare: Marks) -> Iterator[tuple[int, Label]]:
    return ((n, layout.labels[n]) for n in np.flatnonzero(rare).tolist())


def _all_parts_covered(places: Places, covered: Places, total: int) -> Marks:
    """Return which combinations have only covered ones among those of one label less.

    These had covered parts themselves, so nothing below needs a look.
    """
    known = encode(covered, total)
    found = np.ones(len(places), bool)
    size = places.shape[1]
    for part in combinations(range(size), size - 1):
        found &= np.isin(encode(places[:, list(part)], total), known)
    return found


def _rare_label(label: Label, shown: int) -> Combination:
    # A label has nothing to be expected from but itself.
    own = (label.label_id,), (label.name,)
    return Combination(*own, shown, float(shown), tier_of(shown, THIN_BELOW))


def _pattern(
    layout: Layout, columns: list[int], shown: int, expected: float
) -> Combination:
    labels = [layout.labels[column] for column in columns]
    return Combination(
        tuple(label.label_id for label in labels),
        tuple(label.name for label in labels),
        shown,
        expected,
        tier_of(shown, THIN_BELOW),
        is_grouped=all(layout.group_of[column] >= 0 for column in columns),
    )
