"""Find label groups in the answers themselves. Pure; no storage, no streamlit."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from storage.records import LabelSet

MAX_LABELS = 60
Ids = tuple[int, ...]


def propose_groups(label_sets: Sequence[LabelSet]) -> list[Ids]:
    """Return disjoint sets of labels of which every labelled image has exactly one.

    Two labels that merely never meet are not enough (a missing combination looks
    the same), so a group must also add up: the counts of its labels sum to the
    number of images. Larger coverage of labels wins; at most 60 labels are tried.
    """
    counts = _count_labels(label_sets)
    total = sum(s.count for s in label_sets)
    if not total or len(counts) > MAX_LABELS:
        return []
    rivals = _exclusive_pairs(label_sets, counts)
    candidates = list(_groups_that_add_up(sorted(counts), counts, rivals, total))
    return _pick_disjoint([c for c in candidates if len(c) > 1])


def _count_labels(label_sets: Sequence[LabelSet]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for label_set in label_sets:
        for label_id in label_set.label_ids:
            counts[label_id] = counts.get(label_id, 0) + label_set.count
    return counts


def _exclusive_pairs(
    label_sets: Sequence[LabelSet], counts: dict[int, int]
) -> set[tuple[int, int]]:
    together = {
        pair for s in label_sets for pair in combinations(sorted(s.label_ids), 2)
    }
    return set(combinations(sorted(counts), 2)) - together


def _groups_that_add_up(
    label_ids: list[int],
    counts: dict[int, int],
    exclusive: set[tuple[int, int]],
    total: int,
) -> Iterator[Ids]:
    def extend(group: Ids, left: int, start: int) -> Iterator[Ids]:
        if left == 0:
            yield group
            return
        for place in range(start, len(label_ids)):
            label_id = label_ids[place]
            fits = all((other, label_id) in exclusive for other in group)
            if fits and counts[label_id] <= left:
                yield from extend(
                    (*group, label_id), left - counts[label_id], place + 1
                )

    yield from extend((), total, 0)


def _pick_disjoint(candidates: list[Ids]) -> list[Ids]:
    chosen: list[Ids] = []
    used: set[int] = set()
    for group in sorted(candidates, key=len, reverse=True):
        if used.isdisjoint(group):
            chosen.append(group)
            used |= set(group)
    return sorted(chosen)
