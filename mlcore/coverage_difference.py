"""What one set of images shows and another never did: SDCC between any two. Pure."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlcore.co_occurrence import CountedSet, Floats, Indicator, Places
from mlcore.combinations import LISTED_AT_MOST, THIN_BELOW, TIERS
from mlcore.coverage import check_strength
from mlcore.coverage_cells import IMPOSSIBLE, MISSING, CellTable, make_table
from mlcore.coverage_counts import check_size, count_cells, pair_table
from mlcore.coverage_factors import Layout, index_factors, list_factors
from storage.records import Group, Label

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ShownCombination:
    """On `shown` images of the one set and `trained` of the other; `tier` by these."""

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    shown: int
    trained: int
    tier: str

    @property
    def key(self) -> str:
        """Sorted label ids joined by a comma."""
        return ",".join(map(str, sorted(self.label_ids)))

    def as_json(self) -> dict[str, object]:
        """Return names, both counts and the tier."""
        return {
            "labels": list(self.names),
            "shown": self.shown,
            "trained": self.trained,
            "tier": self.tier,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What `shown_images` show, by how often `trained_images` did.

    `tiers` counts combinations by tier in training. `combinations` lists those shown,
    never trained ones first, then the rarest trained; the most shown first.
    `unseen_images` of the shown ones have at least one that was never trained.
    """

    strength: int
    trained_images: int
    shown_images: int
    unseen_images: int
    tiers: dict[str, int]
    combinations: tuple[ShownCombination, ...]

    @property
    def shown(self) -> int:
        """How many combinations are shown."""
        return sum(self.tiers.values())

    @property
    def unseen(self) -> int:
        """How many of these training never showed."""
        return self.tiers["missing"]

    @property
    def share(self) -> float | None:
        """SDCC = |T minus S| / |T|; None where nothing is shown."""
        return self.unseen / self.shown if self.shown else None

    def of_tier(self, tier: str) -> list[ShownCombination]:
        """Return those of one tier: missing, trace, thin or fine."""
        return [found for found in self.combinations if found.tier == tier]

    def as_json(self) -> dict[str, object]:
        """Return the figures and the combinations that are not fine."""
        known = [found for found in self.combinations if found.tier != "fine"]
        return {
            "strength": self.strength,
            "trained_images": self.trained_images,
            "shown_images": self.shown_images,
            "unseen_images": self.unseen_images,
            "shown": self.shown,
            "unseen": self.unseen,
            "share": self.share,
            "tiers": self.tiers,
            "combinations": [found.as_json() for found in known],
        }


def coverage_difference(
    trained: Sequence[CountedSet],
    shown: Sequence[CountedSet],
    groups: Sequence[Group],
    free_labels: Sequence[Label],
    *,
    strength: int = 2,
    impossible: Collection[tuple[int, ...]] = (),
) -> Difference:
    """Return which combinations of `shown` training never had, or too few of.

    Combinations that contain an `impossible` one count nowhere. ConfigError as for
    coverage.
    """
    layout = Layout(tuple(list_factors(groups, free_labels)))
    one, other = index_factors(trained, layout), index_factors(shown, layout)
    return compare(one, other, layout, strength, impossible)


def compare(
    trained: Indicator,
    shown: Indicator,
    layout: Layout,
    strength: int,
    impossible: Collection[tuple[int, ...]],
    thin_below: int = THIN_BELOW,
) -> Difference:
    """Return the difference of two sets with the columns of `layout`."""
    check_strength(strength)
    check_size(layout.factors, strength)
    tables = [pair_table(found.rows, found.weights) for found in (trained, shown)]
    one, other = (
        count_cells(found.rows, found.weights, layout, strength, table)
        for found, table in zip((trained, shown), tables, strict=True)
    )
    known = make_table(layout, one, tables[0], thin_below, impossible)
    times = other.shown.astype(np.int64)
    is_shown = (times > 0) & (known.tiers != IMPOSSIBLE)
    has_unseen = show_any(shown.rows, known.places[is_shown & (known.tiers == MISSING)])
    return Difference(
        strength=strength,
        trained_images=int(trained.weights.sum()),
        shown_images=int(shown.weights.sum()),
        unseen_images=int(shown.weights[has_unseen].sum()),
        tiers=_count_tiers(known, is_shown),
        combinations=tuple(_list_shown(known, times, is_shown)),
    )


def show_any(rows: Any, places: Places) -> Marks:
    """Return which sets show at least one of the combinations `places` (n, t)."""
    found = np.zeros(rows.shape[0], bool)
    if not len(places) or not rows.shape[0]:
        return found
    if places.shape[1] == 2:
        return _show_any_pair(rows, places)
    by_column = rows.tocsc()
    for first in np.unique(places[:, 0]).tolist():
        start, end = by_column.indptr[first], by_column.indptr[first + 1]
        own = by_column.indices[start:end]
        rest = places[places[:, 0] == first][:, 1:]
        found[own[show_any(rows[own], rest)]] = True
    return found


def _show_any_pair(rows: Any, places: Places) -> Marks:
    width = rows.shape[1]
    ones = np.ones(len(places), np.float32)
    wanted = csr_array((ones, (places[:, 0], places[:, 1])), shape=(width, width))
    both: Floats = np.asarray((rows @ wanted).multiply(rows).sum(axis=1)).ravel()
    return both > 0


def _count_tiers(known: CellTable, is_shown: Marks) -> dict[str, int]:
    counted = Counter(known.tiers[is_shown].tolist())
    return {tier: counted[place] for place, tier in enumerate(TIERS[:IMPOSSIBLE])}


def _list_shown(
    known: CellTable, times: NDArray[np.int64], is_shown: Marks
) -> list[ShownCombination]:
    rows = np.flatnonzero(is_shown)
    order = np.lexsort((rows, -times[rows], known.tiers[rows]))
    listed = rows[order][:LISTED_AT_MOST].tolist()
    return [
        ShownCombination(
            found.label_ids, found.names, int(times[row]), found.count, found.tier
        )
        for row, found in ((row, known.at(row)) for row in listed)
    ]
