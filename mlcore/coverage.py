"""Which combinations of labels the images show, and which they never do.

Everything is computed from distinct label sets with their counts, not from images:
a million images with a few thousand distinct sets cost milliseconds. The measures
are those of combinatorial coverage (t-way coverage CC_t = |D_t| / |U_t|).
No streamlit, no tensorflow.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlcore.co_occurrence import (
    CountedSet,
    Indicator,
    PairMap,
    Places,
    pair_counts,
    pair_map,
    pair_map_of,
)
from mlcore.combinations import THIN_BELOW, Combination, Coverage, Degree, Table
from mlcore.coverage_cells import (
    IMPOSSIBLE,
    MISSING,
    THIN,
    TRACE,
    Cells,
    CellTable,
    Lazy,
    Marks,
    make_table,
)
from mlcore.coverage_counts import check_size, count_cells, pair_table
from mlcore.coverage_degrees import list_degrees
from mlcore.coverage_factors import (
    FREE,
    Layout,
    choose_factors,
    index_factors,
    index_keys,
    list_factors,
)
from mlcore.errors import ConfigError
from mlcore.rank_test import SeenSets
from storage.records import Group, Label

if TYPE_CHECKING:
    from storage.projects import Project

__all__ = [
    "Combination",
    "Coverage",
    "Degree",
    "PairMap",
    "choose_factors",
    "coverage_of",
    "pair_counts",
    "pair_map",
    "pair_map_of",
    "summarise",
]

STRENGTHS = range(2, 5)


def coverage_of(project: "Project", strength: int = 2) -> Coverage:
    """Return the coverage of a project's labelled images as they are now."""
    # Imported here: to say what a run was shown, no database is needed.
    from storage import home, label_sets, labels

    check_strength(strength)
    groups, free = labels.list_groups(project), labels.free_labels(project)
    layout = Layout(tuple(list_factors(groups, free)))
    return count_coverage(
        index_keys(label_sets.set_counts(project), layout),
        layout,
        groups,
        strength,
        label_sets.list_impossible(project),
        home.load_settings().thin_below,
    )


def summarise(
    sets: Sequence[CountedSet],
    groups: Sequence[Group],
    free_labels: Sequence[Label],
    *,
    strength: int = 2,
    impossible: Collection[tuple[int, ...]] = (),
    thin_below: int = THIN_BELOW,
) -> Coverage:
    """Count every combination of `strength` labels from different groups.

    A free label, or one of a group with the rule any, stands alone and combines with
    all others. Combinations that contain an `impossible` one are left out of
    `possible`. Raises `ConfigError` for a strength outside 2 to 4, and for more
    combinations than can be counted.
    """
    check_strength(strength)
    layout = Layout(tuple(list_factors(groups, free_labels)))
    indicator = index_factors(sets, layout)
    return count_coverage(indicator, layout, groups, strength, impossible, thin_below)


def count_coverage(
    indicator: Indicator,
    layout: Layout,
    groups: Sequence[Group],
    strength: int,
    impossible: Collection[tuple[int, ...]],
    thin_below: int,
) -> Coverage:
    """Return the coverage for label sets in the columns of a layout."""
    check_size(layout.factors, strength)
    table = pair_table(indicator.rows, indicator.weights)
    counts = count_cells(indicator.rows, indicator.weights, layout, strength, table)
    cells = make_table(layout, counts, table, thin_below, impossible)
    seen = SeenSets(indicator, layout)
    return describe(cells, groups, impossible, thin_below, seen)


def check_strength(strength: int) -> None:
    """Raise `ConfigError` for a strength that makes no sense."""
    if strength not in STRENGTHS:
        raise ConfigError(
            "Strength is the number of labels in a combination: 2, 3 or 4. "
            f"Got {strength}."
        )


def describe(
    cells: CellTable,
    groups: Sequence[Group],
    impossible: Collection[tuple[int, ...]],
    thin_below: int,
    seen: SeenSets | None = None,
) -> Coverage:
    """Return the coverage for counted combinations."""
    tiers = cells.tiers
    is_thin = (tiers == TRACE) | (tiers == THIN)
    possible = int((tiers != IMPOSSIBLE).sum())
    present = possible - int((tiers == MISSING).sum())
    everything = np.ones(len(tiers), bool)
    return Coverage(
        strength=cells.places.shape[1],
        groups=tuple(groups),
        images=int(cells.pairs[-1, -1]),
        possible=possible,
        present=present,
        coverage=present / possible if possible else None,
        missing=_list(cells, tiers == MISSING),
        gaps=_list(cells, cells.is_gap),
        thin=_list(cells, is_thin),
        cells=Cells(cells, lambda: cells.rows_where(everything), len(tiers)),
        degrees=Lazy(lambda: list_degrees(cells.layout, cells.pairs, impossible)),
        thin_below=thin_below,
        tables=Lazy(lambda: _list_tables(cells, is_thin)),
        numbers=cells,
        seen=seen,
    )


def _list(cells: CellTable, chosen: Marks) -> Cells:
    return Cells(
        cells,
        lambda: cells.most_expected(cells.rows_where(chosen)),
        int(chosen.sum()),
    )


def _list_tables(cells: CellTable, is_thin: Marks) -> list[Table]:
    """Count per pair (or more) of groups; all free labels count as one."""
    names = [group.name for group in cells.layout.groups] + [FREE]
    group_of = cells.layout.group_of
    owner = np.where(group_of < 0, len(names) - 1, group_of)[cells.places]
    code = np.zeros(len(owner), np.int64)
    for column in owner.T:
        code = code * len(names) + column
    kinds, which = np.unique(code, return_inverse=True)
    return [
        _count_table(cells, owner, names, which == number, is_thin)
        for number in range(len(kinds))
    ]


def _count_table(
    cells: CellTable, owner: Places, names: list[str], own: Marks, thin: Marks
) -> Table:
    tiers = cells.tiers[own]
    possible = int((tiers != IMPOSSIBLE).sum())
    missing = int((tiers == MISSING).sum())
    first = int(np.flatnonzero(own)[0])
    return Table(
        tuple(names[place] for place in owner[first]),
        bool(cells.is_grouped[first]),
        possible,
        possible - missing,
        missing,
        int(thin[own].sum()),
    )
