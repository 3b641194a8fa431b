"""With how many labels of another group a label occurs: with one it is confounded."""

from collections.abc import Collection, Iterator

import numpy as np

from mlcore.co_occurrence import Floats
from mlcore.combinations import Degree
from mlcore.coverage_factors import Factor, Layout


def list_degrees(
    layout: Layout, table: Floats, impossible: Collection[tuple[int, ...]] = ()
) -> Iterator[Degree]:
    """Yield, for each label that occurs and each other group, its partners there.

    `table` holds the pair counts of the layout's columns.
    """
    pairs = _pairs_barred(layout, impossible)
    for mine, other in ((a, b) for a in layout.groups for b in layout.groups):
        if mine is not other:
            yield from _degrees_between(layout, table, mine, other, pairs)


def _pairs_barred(
    layout: Layout, impossible: Collection[tuple[int, ...]]
) -> set[tuple[int, int]]:
    known = [tuple(layout.columns.get(i, -1) for i in ids) for ids in impossible]
    both = [(ids[0], ids[1]) for ids in known if len(ids) == 2]
    return {*both, *((b, a) for a, b in both)}


def _degrees_between(
    layout: Layout,
    table: Floats,
    mine: Factor,
    other: Factor,
    barred: set[tuple[int, int]],
) -> Iterator[Degree]:
    columns = np.array([layout.columns[x.label_id] for x in other.labels])
    names = np.array([x.name for x in other.labels], object)
    occurs = table[columns, columns] > 0
    touched = {a for a, _ in barred}
    for label in mine.labels:
        place = layout.columns[label.label_id]
        counts = table[place, columns]
        known = occurs
        if place in touched:
            free = [(place, column) not in barred for column in columns.tolist()]
            known = occurs & np.array(free)
        with_it, without = known & (counts > 0), known & (counts == 0)
        if with_it.any():
            yield Degree(
                label.label_id,
                label.name,
                other.name,
                tuple(names[with_it].tolist()),
                tuple(names[without].tolist()),
                tuple(counts[with_it].astype(int).tolist()),
            )
