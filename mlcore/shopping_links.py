"""What each missing combination would link: the bookkeeping of the shopping list."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from mlcore.co_occurrence import Floats
from mlcore.combinations import Combination, Coverage
from mlcore.rank_test import NEARLY_ZERO, list_pinning

Marks = NDArray[np.bool_]


class Links:
    """Which candidates add to the span, and whose labels have a single partner."""

    def __init__(self, coverage: Coverage, candidates: Sequence[Combination]) -> None:
        numbers = coverage.numbers
        self._layout = numbers.layout
        self._span = coverage.span
        self._shown = _seen_pairs(coverage)
        # with what was collected since
        self._seen = self._shown.copy()
        columns = self._layout.columns
        strength = coverage.strength
        self._places = np.array(
            [[columns[i] for i in c.label_ids] for c in candidates], np.int64
        ).reshape(len(candidates), strength)
        self._outside = self._find_outside(candidates)
        self._pinned = ~self.adds()
        group = self._layout.group_of
        total = max(1, len(self._layout.groups))
        owner = np.zeros((len(group), total), bool)
        owner[np.flatnonzero(group >= 0), group[group >= 0]] = True
        # of each label, with how many labels of each group it was seen
        self._partners = self._seen.astype(np.int64) @ owner.astype(np.int64)

    def _find_outside(self, candidates: Sequence[Combination]) -> Floats:
        span = self._span
        if span is None or not candidates:
            return np.zeros((len(candidates), 0))
        known = span.layout.columns
        found = np.zeros((len(candidates), span.rest.shape[1]))
        places = [n for n, c in enumerate(candidates) if known.keys() >= {*c.label_ids}]
        if places:
            found[places] = span.outside([candidates[n].label_ids for n in places])
        return found

    def adds(self) -> Marks:
        """Return which candidates add to what can be worked out, as things are now."""
        found: Marks = np.logical_or.reduce(self._outside != 0, axis=1)
        return found

    def was_pinned(self, place: int) -> bool:
        """Return whether the seen combinations alone pin a candidate down."""
        return self._span is not None and bool(self._pinned[place])

    def freed(self) -> NDArray[np.int64]:
        """Return how many labels of each candidate get a second partner by it."""
        freed = np.zeros(len(self._places), np.int64)
        group = self._layout.group_of
        for one, other in permutations(range(self._places.shape[1]), 2):
            mine, its = self._places[:, one], self._places[:, other]
            both = (group[mine] >= 0) & (group[its] >= 0)
            single = self._partners[mine, np.maximum(group[its], 0)] == 1
            freed += both & single & ~self._seen[mine, its]
        return freed

    def collect(self, place: int) -> None:
        """Treat a candidate as collected."""
        for one, other in permutations(self._places[place].tolist(), 2):
            group = self._layout.group_of[other]
            if group >= 0 and not self._seen[one, other]:
                self._partners[one, group] += 1
            self._seen[one, other] = True
        own = self._outside[place].copy()
        if own.any():
            pivot = int(np.abs(own).argmax())
            share = self._outside[:, pivot] / own[pivot]
            self._outside -= np.outer(share, own)
            self._outside[np.abs(self._outside) < NEARLY_ZERO] = 0

    def only_partner(self, place: int) -> tuple[str, str] | None:
        """Return a label of the candidate and its single partner so far, if any."""
        labels, group = self._layout.labels, self._layout.group_of
        for one, other in permutations(self._places[place].tolist(), 2):
            if group[one] < 0 or group[other] < 0 or self._shown[one, other]:
                continue
            own = np.flatnonzero(self._shown[one] & (group == group[other]))
            if len(own) == 1:
                return labels[one].name, labels[int(own[0])].name
        return None

    def pinned_by(self, place: int) -> tuple[tuple[str, ...], ...]:
        """Return the fewest seen combinations that pin a candidate of two groups down.

        Only where these two groups are all there is: with more, other labels count too.
        """
        if not self.was_pinned(place) or len(self._layout.factors) != 2:
            return ()
        labels = self._layout.labels
        one, other = self._places[place].tolist()
        first = len(self._layout.factors[0].labels)
        seen = self._shown[:first, first:]
        cells = list_pinning(seen, one, other - first)
        return tuple((labels[a].name, labels[first + b].name) for a, b in cells)


def _seen_pairs(coverage: Coverage) -> Marks:
    """Return which labels were seen together, (labels, labels)."""
    numbers = coverage.numbers
    seen = np.zeros((len(numbers.layout.labels),) * 2, bool)
    places = numbers.places[numbers.shown > 0]
    for one, other in permutations(range(places.shape[1]), 2):
        seen[places[:, one], places[:, other]] = True
    return seen
