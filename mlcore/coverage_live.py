"""Coverage while people label: kept counts, of which only what changed is counted.

Counting a project anew takes longer the more label sets it has; an answer changes one.
"""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from mlcore.co_occurrence import Floats
from mlcore.combinations import Coverage
from mlcore.coverage import describe
from mlcore.coverage_cells import make_table
from mlcore.coverage_counts import check_size, count_cell_pairs, pair_table
from mlcore.coverage_factors import Layout, index_keys, list_factors, mark_one
from storage import home, label_sets, labels
from storage.label_changes import LabelIds, history_end, label_changes
from storage.projects import Project
from storage.records import Group

# Projects whose counts are kept; the one looked at longest ago goes first.
KEPT_AT_MOST = 4

Place = tuple[str, int]


@dataclass
class _Kept:
    """The pair counts of a project at a moment of its history."""

    end: int
    groups: Sequence[Group]
    layout: Layout
    impossible: Collection[tuple[int, ...]]
    table: Floats

    def apply(self, changes: Sequence[tuple[LabelIds, LabelIds]]) -> None:
        for before, after in changes:
            for ids, sign in ((before, -1.0), (after, 1.0)):
                if ids is not None:
                    own = np.flatnonzero(mark_one(ids, self.layout))
                    self.table[np.ix_(own, own)] += sign


_kept: dict[Place, _Kept] = {}
_lock = threading.Lock()


def live_coverage(project: Project) -> Coverage:
    """Return the coverage of pairs as it is now; its `span` is not known.

    Costs milliseconds after an answer, whatever the size of the project.
    """
    thin_below = home.load_settings().thin_below
    with _lock:
        kept = _read_kept(project)
        counts = count_cell_pairs(kept.layout, kept.table)
        table = kept.table.copy()
    cells = make_table(kept.layout, counts, table, thin_below, kept.impossible)
    return describe(cells, kept.groups, kept.impossible, thin_below)


def _read_kept(project: Project) -> _Kept:
    if project.db.conn.in_transaction:
        # What is under way may yet be taken back.
        return _count(project)
    place = _place_of(project)
    kept = _kept.pop(place, None)
    with project.db.atomic():
        end = history_end(project)
        if kept is None or end < kept.end:
            kept = _count(project)
        elif end > kept.end:
            changes = label_changes(project, kept.end)
            if changes is None:
                kept = _count(project)
            else:
                kept.apply(changes)
                kept.end = end
    _kept[place] = kept
    while len(_kept) > KEPT_AT_MOST:
        _kept.pop(next(iter(_kept)))
    return kept


def _place_of(project: Project) -> Place:
    """A project that was restored under the same name is another file."""
    path = project.folder / "project.db"
    return str(path), path.stat().st_ino


def _count(project: Project) -> _Kept:
    groups = labels.list_groups(project)
    layout = Layout(tuple(list_factors(groups, labels.free_labels(project))))
    check_size(layout.factors, 2)
    indicator = index_keys(label_sets.set_counts(project), layout)
    return _Kept(
        history_end(project),
        groups,
        layout,
        label_sets.list_impossible(project),
        pair_table(indicator.rows, indicator.weights),
    )
