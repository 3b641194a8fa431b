"""Find label groups in the answers themselves. Pure; no storage, no streamlit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mlcore.group_naming import is_of_things, kind_of
from mlcore.group_search import (
    MAX_SETS,
    SHARED_AT_MOST,
    LabelTable,
    find_covers,
)
from storage.records import LabelSet

# Above this a group is only found where each image has one label, or folders say so.
MAX_LABELS = 60
# Of fewer images counts add up by chance.
MIN_IMAGES = 8
# People forget an answer here and there; this share of images may break a group.
SLACK = 0.02
FOLDER_SLACK = 0.1
# Where only words found a group: so many meetings by chance, and so few of them seen.
EXPECTED_AT_LEAST = 5
EXPECTED_OF_THINGS = 50
MET_AT_MOST = 0.1
Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """On how many images exactly one label of a group is yes, none, or several."""

    one: int = 0
    none: int = 0
    several: int = 0

    @property
    def total(self) -> int:
        return self.one + self.none + self.several


def propose_groups(
    label_sets: Sequence[LabelSet],
    names: Mapping[int, str],
    columns: Iterable[Ids] = (),
) -> list[Ids]:
    """Return disjoint groups of the labels in `names`.

    A group is founded on `columns` (labels that stand at one place of the folders'
    names); or on its counts: two labels that never meet are not enough (a missing
    combination looks the same), they must also add up to the number of images, save
    for 2 in 100; or on words, such as colours, that never meet.
    """
    total = sum(label_set.count for label_set in label_sets)
    if total < MIN_IMAGES:
        return []
    found: list[Ids] = []
    for group in _candidates(label_sets, names, columns, total):
        taken = {label_id for other in found for label_id in other}
        if len(group) > 1 and taken.isdisjoint(group):
            found.append(tuple(sorted(group)))
    return sorted(found)


def measure_fit(label_sets: Iterable[LabelSet], label_ids: Iterable[int]) -> Fit:
    """Count the images on which one of the labels is yes, none, or several."""
    wanted = set(label_ids)
    counts = [0, 0, 0]
    for label_set in label_sets:
        yes = len(wanted.intersection(label_set.label_ids))
        counts[min(yes, 2)] += label_set.count
    return Fit(one=counts[1], none=counts[0], several=counts[2])


def breaking_sets(
    label_sets: Iterable[LabelSet], label_ids: Iterable[int]
) -> list[LabelSet]:
    """Return the label sets with two labels of a group, then those with none."""
    wanted = set(label_ids)
    counted = [(len(wanted.intersection(s.label_ids)), s) for s in label_sets]
    broken = [(yes, s) for yes, s in counted if yes != 1]
    return [s for yes, s in sorted(broken, key=lambda x: (-x[0], -x[1].count))]


def find_twins(
    label_sets: Sequence[LabelSet], groups: Iterable[Ids], names: Mapping[int, str]
) -> list[tuple[int, int]]:
    """Return pairs of labels of two groups that are always seen together.

    Counts cannot say which of the two belongs in which group. Pairs that words tell
    apart are left out.
    """
    place = {label_id: at for at, group in enumerate(groups) for label_id in group}
    sets_of: dict[int, list[str]] = {label_id: [] for label_id in place}
    for label_set in label_sets:
        for label_id in place.keys() & set(label_set.label_ids):
            sets_of[label_id].append(label_set.key)
    alike: dict[tuple[str, ...], list[int]] = {}
    for label_id, keys in sets_of.items():
        alike.setdefault(tuple(keys), []).append(label_id)
    pairs = [pair for ids in alike.values() for pair in combinations(sorted(ids), 2)]
    return [
        (a, b)
        for a, b in pairs
        if place[a] != place[b] and not (kind_of(names[a]) and kind_of(names[b]))
    ]


def _candidates(
    label_sets: Sequence[LabelSet],
    names: Mapping[int, str],
    columns: Iterable[Ids],
    total: int,
) -> Iterator[Ids]:
    """Groups as they are founded; later ones may share labels with earlier ones."""
    standing = [x for x in columns if names.keys() >= set(x)]
    fits = {x: measure_fit(label_sets, x) for x in standing}
    fitting = [x for x in standing if total - fits[x].one <= FOLDER_SLACK * total]
    yield from fitting
    used = {label_id for column in fitting for label_id in column}
    free = {i: name for i, name in names.items() if i not in used}
    counts = _count(label_sets, free)
    if len(counts) > MAX_LABELS:
        yield from _one_each(label_sets, counts, total)
        return
    table = _tabulate(label_sets, list(counts), free)
    left = list(range(len(counts)))
    ids = list(counts)
    while columns_found := _best_cover(table, left, total):
        yield tuple(ids[column] for column in columns_found)
        left = [column for column in left if column not in columns_found]
    for group in _same_words(table, left, total):
        yield tuple(ids[column] for column in group)


def _count(label_sets: Iterable[LabelSet], names: Mapping[int, str]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for label_set in label_sets:
        for label_id in label_set.label_ids:
            if label_id in names:
                counts[label_id] = counts.get(label_id, 0) + label_set.count
    return dict(sorted(counts.items()))


def _one_each(
    label_sets: Iterable[LabelSet], counts: Iterable[int], total: int
) -> Iterator[Ids]:
    """All labels as one group, where nearly every image has one of them."""
    group = tuple(counts)
    if total - measure_fit(label_sets, group).one <= SLACK * total:
        yield group


def _tabulate(
    label_sets: Iterable[LabelSet], ids: Sequence[int], names: Mapping[int, str]
) -> LabelTable:
    """The sets as far as they hold these labels, the most frequent only."""
    places = {label_id: place for place, label_id in enumerate(ids)}
    counts: dict[Ids, int] = {}
    for label_set in label_sets:
        row = tuple(places[i] for i in label_set.label_ids if i in places)
        counts[row] = counts.get(row, 0) + label_set.count
    rows = sorted(counts, key=lambda row: (-counts[row], row))[:MAX_SETS]
    has = np.zeros((len(rows), len(ids)), np.float32)
    for number, row in enumerate(rows):
        has[number, list(row)] = 1
    weights = np.array([counts[row] for row in rows], np.float64)
    return LabelTable(has, weights, [kind_of(names[i]) for i in ids])


def _best_cover(table: LabelTable, left: Sequence[int], total: int) -> Ids:
    """The group whose words go together best, else the one least broken, or ()."""
    slack = float(int(SLACK * total))

    def rank(found: tuple[float, Ids]) -> tuple[float, float, int, Ids]:
        lost, group = found
        kinds = [table.kinds[column] for column in group]
        alike = max(kinds.count(kind) for kind in kinds if kind) if any(kinds) else 0
        return -alike / len(group), lost, -len(group), group

    covers = find_covers(table, slack, left) if left else []
    return min(covers, key=rank)[1] if covers else ()


def _same_words(
    table: LabelTable, left: Sequence[int], total: int
) -> Iterator[list[int]]:
    """Labels of one word list that meet far less than by chance."""
    together = table.together
    for kind in sorted({table.kinds[column] for column in left} - {0}):
        group: list[int] = []
        alike = [column for column in left if table.kinds[column] == kind]
        for column in sorted(alike, key=lambda c: -together[c, c]):
            shared = together[column, group].sum()
            if shared <= SHARED_AT_MOST * together[column, column]:
                group.append(column)
        pairs = list(combinations(group, 2))
        met = sum(together[a, b] for a, b in pairs)
        expected = sum(together[a, a] * together[b, b] for a, b in pairs) / total
        enough = EXPECTED_OF_THINGS if is_of_things(kind) else EXPECTED_AT_LEAST
        if expected >= enough and met <= MET_AT_MOST * expected:
            yield group
