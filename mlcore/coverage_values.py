"""Coverage with free labels as factors of two values: there, or not there. Pure.

A group gives its labels only; that none of them is there is a question of its rule.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
from numpy.typing import NDArray

from mlcore.co_occurrence import Floats, Places
from mlcore.combinations import Coverage, least_surprising
from mlcore.coverage_cells import IMPOSSIBLE, CellTable
from mlcore.errors import ConfigError

# Nobody reads on beyond the worst.
PATTERNS_AT_MOST = 200
MOST_STRENGTH = 3

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Labels that are there and labels that are not, together on no image."""

    label_ids: tuple[int, ...]
    absent_ids: tuple[int, ...]
    names: tuple[str, ...]
    absent: tuple[str, ...]
    expected: float

    def sentence(self, show: Callable[[str], str] = str) -> str:
        """Return it in plain words; every label name goes through `show`."""
        there = " ".join(map(show, self.names))
        lacking = " or ".join(map(show, self.absent))
        if not there:
            return f"Every picture shows {lacking}."
        one_of = "one of " if len(self.absent) > 1 else ""
        return f"{there} was never seen without {one_of}{lacking}."

    def as_json(self) -> dict[str, object]:
        """Return the names and the expected number."""
        return {
            "labels": list(self.names),
            "without": list(self.absent),
            "expected": round(self.expected, 1),
        }


@dataclass(frozen=True, slots=True)
class ValueCoverage:
    """CC_t over values; `missing` are those that chance does not explain, worst first.

    Combinations of present labels only are in `Coverage`; they count here too, but
    `missing` lists those with something absent.
    """

    strength: int
    possible: int
    present: int
    missing: tuple[Pattern, ...]

    @property
    def coverage(self) -> float | None:
        """The share present; None where nothing is possible."""
        return self.present / self.possible if self.possible else None

    def as_json(self) -> dict[str, object]:
        """Return the figures and the patterns."""
        return {
            "possible": self.possible,
            "present": self.present,
            "coverage": self.coverage,
            "missing": [pattern.as_json() for pattern in self.missing],
        }


def value_coverage(
    coverage: Coverage, implied: Mapping[int, Collection[int]] | None = None
) -> ValueCoverage:
    """Return the coverage of values for a coverage of strength 2 or 3.

    `implied` names labels that always come with a label: that they are absent beside
    it is impossible. ConfigError for a higher strength.
    """
    if coverage.strength > MOST_STRENGTH:
        raise ConfigError(
            "Labels as there or not there are counted in twos and threes. "
            f"Got {coverage.strength}."
        )
    cells = coverage.numbers
    table = _Shown(cells, coverage.images)
    never = _implied_columns(cells, implied or {})
    possible = int((cells.tiers != IMPOSSIBLE).sum())
    present = int(((cells.shown > 0) & (cells.tiers != IMPOSSIBLE)).sum())
    worst: list[Pattern] = []
    for absent in _absent_parts(cells.places.shape[1]):
        rows, shown = table.without(absent)
        is_open = ~_breaks(cells.places[rows], absent, never)
        rows, shown = rows[is_open], shown[is_open]
        possible += len(rows)
        present += int((shown > 0).sum())
        worst += table.name_missing(rows[shown == 0], absent)
    worst.sort(key=lambda pattern: -pattern.expected)
    kept = tuple(worst[:PATTERNS_AT_MOST])
    return ValueCoverage(cells.places.shape[1], possible, present, kept)


def _absent_parts(strength: int) -> Iterator[tuple[int, ...]]:
    """Yield which places of a combination are absent: never none of them."""
    places = range(strength)
    return chain.from_iterable(combinations(places, n) for n in range(1, strength + 1))


def _implied_columns(
    cells: CellTable, implied: Mapping[int, Collection[int]]
) -> set[tuple[int, int]]:
    columns = cells.layout.columns
    return {
        (columns[one], columns[other])
        for one, others in implied.items()
        for other in others
        if one in columns and other in columns
    }


def _breaks(
    places: Places, absent: tuple[int, ...], never: set[tuple[int, int]]
) -> Marks:
    """Return which have a label that is there and lacks one that it implies."""
    found = np.zeros(len(places), bool)
    there = [n for n in range(places.shape[1]) if n not in absent]
    for one, other in never:
        for a in there:
            for b in absent:
                found |= (places[:, a] == one) & (places[:, b] == other)
    return found


class _Shown:
    """Images by which labels of a combination are there, by inclusion-exclusion."""

    def __init__(self, cells: CellTable, images: int) -> None:
        self.cells = cells
        self.images = images
        self.free = cells.layout.group_of < 0
        self.pairs = cells.pairs

    def without(self, absent: tuple[int, ...]) -> tuple[Places, Floats]:
        """Return rows whose absent places are free labels, and how many show that."""
        free = np.logical_and.reduce(
            self.free[self.cells.places[:, list(absent)]], axis=1
        )
        rows = np.flatnonzero(free)
        kept = [n for n in range(self.cells.places.shape[1]) if n not in absent]
        shown = np.zeros(len(rows))
        for part in chain([()], _absent_parts(len(absent))):
            places = sorted([*kept, *(absent[n] for n in part)])
            shown += (-1) ** len(part) * self._count(rows, tuple(places))
        return rows, shown

    def _count(self, rows: Places, places: tuple[int, ...]) -> Floats:
        """Return how many images show these places of each combination."""
        chosen = self.cells.places[rows][:, list(places)]
        if len(places) == self.cells.places.shape[1]:
            return self.cells.shown[rows].astype(np.float64)
        if not places:
            return np.full(len(rows), float(self.images))
        if len(places) == 1:
            return self.pairs[chosen[:, 0], chosen[:, 0]]
        return self.pairs[chosen[:, 0], chosen[:, 1]]

    def name_missing(self, rows: Places, absent: tuple[int, ...]) -> list[Pattern]:
        """Return the worst that chance does not explain."""
        places = self.cells.places[rows]
        share = self.pairs[places, places] / max(self.images, 1)
        share[:, list(absent)] = 1 - share[:, list(absent)]
        expected = self.images * share.prod(axis=1)
        surprising = np.flatnonzero(expected > least_surprising())
        order = surprising[np.argsort(-expected[surprising], kind="stable")]
        return [
            self._name(places[at].tolist(), absent, float(expected[at]))
            for at in order[:PATTERNS_AT_MOST].tolist()
        ]

    def _name(
        self, columns: list[int], absent: tuple[int, ...], expected: float
    ) -> Pattern:
        labels = [self.cells.layout.labels[column] for column in columns]
        lacks = [labels[n] for n in absent]
        has = [label for label in labels if label not in lacks]
        return Pattern(
            tuple(label.label_id for label in has),
            tuple(label.label_id for label in lacks),
            tuple(label.name for label in has),
            tuple(label.name for label in lacks),
            expected,
        )
