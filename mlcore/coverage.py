"""Which combinations of labels the images show, and which they never do.

Everything is computed from distinct label sets with their counts, not from images:
a million images with a few thousand distinct sets cost milliseconds. The measures
are those of combinatorial coverage (t-way coverage CC_t = |D_t| / |U_t|).
No streamlit, no tensorflow.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mlcore.co_occurrence import (
    Floats,
    Indicator,
    PairMap,
    count_together,
    pair_counts,
    pair_map,
    pair_map_of,
    read_label_sets,
)
from mlcore.combinations import Combination, Coverage, Degree, tier_of
from mlcore.errors import ConfigError
from storage import home, label_sets, labels
from storage.projects import Project
from storage.records import Group, Label, LabelSet

__all__ = [
    "Combination",
    "Coverage",
    "Degree",
    "PairMap",
    "coverage_of",
    "pair_counts",
    "pair_map",
    "pair_map_of",
    "summarise",
    "uncovered_share",
]

STRENGTHS = range(2, 5)


@dataclass(frozen=True, slots=True)
class Factor:
    """A group, or a free label standing alone (its `None` group is always answered)."""

    name: str
    labels: tuple[Label, ...]
    is_group: bool = True


def coverage_of(project: Project, strength: int = 2) -> Coverage:
    """Return the coverage of a project's labelled images as they are now."""
    return summarise(
        label_sets.label_sets(project),
        labels.list_groups(project),
        labels.free_labels(project),
        strength=strength,
        impossible=label_sets.list_impossible(project),
        thin_below=home.load_settings().thin_below,
    )


def summarise(
    sets: Sequence[LabelSet],
    groups: Sequence[Group],
    free_labels: Sequence[Label],
    *,
    strength: int = 2,
    impossible: Collection[tuple[int, ...]] = (),
    thin_below: int = 30,
) -> Coverage:
    """Count every combination of `strength` labels from different groups.

    Free labels count as factors of their own only where there are fewer exclusive
    groups than `strength`. Combinations that contain an `impossible` one are left
    out of `possible`. Raises `ConfigError` for a strength outside 2 to 4.
    """
    if strength not in STRENGTHS:
        raise ConfigError(
            "Strength is the number of labels in a combination: 2, 3 or 4. "
            f"Got {strength}."
        )
    factors = choose_factors(groups, free_labels, strength)
    indicator = index_factors(sets, factors)
    cells = tuple(_list_cells(factors, indicator, strength, impossible, thin_below))
    possible = [c for c in cells if c.tier != "impossible"]
    present = sum(c.count > 0 for c in possible)
    return Coverage(
        strength=strength,
        groups=tuple(groups),
        images=int(indicator.weights.sum()),
        possible=len(possible),
        present=present,
        coverage=present / len(possible) if possible else None,
        missing=_most_expected(c for c in possible if c.tier == "missing"),
        thin=_most_expected(c for c in possible if c.tier in ("trace", "thin")),
        cells=cells,
        degrees=tuple(list_degrees(factors, indicator, impossible)),
        thin_below=thin_below,
    )


def uncovered_share(test: Coverage, training: Coverage) -> float | None:
    """Return SDCC = |T minus S| / |T|: what `test` shows that training never did."""
    shown = {c.key for c in test.cells if c.count and c.tier != "impossible"}
    known = {c.key for c in training.cells if c.count}
    return len(shown - known) / len(shown) if shown else None


def choose_factors(
    groups: Sequence[Group], free_labels: Sequence[Label], strength: int
) -> list[Factor]:
    """Return the exclusive groups, and free labels where groups are too few."""
    exclusive = [g for g in groups if g.rule != "any" and g.labels]
    factors = [Factor(g.name, tuple(g.labels)) for g in exclusive]
    if len(factors) >= strength:
        return factors
    loose = [label for g in groups if g.rule == "any" for label in g.labels]
    loose += free_labels
    return factors + [Factor(x.name, (x,), is_group=False) for x in loose]


def index_factors(sets: Sequence[LabelSet], factors: Sequence[Factor]) -> Indicator:
    """Return one column a label, then one column a factor: is it answered."""
    label_ids = [label.label_id for f in factors for label in f.labels]
    indicator = read_label_sets(sets, label_ids)
    answered = np.ones((len(indicator.matrix), len(factors)))
    for place, factor in enumerate(factors):
        if factor.is_group:
            own = [indicator.columns[x.label_id] for x in factor.labels]
            answered[:, place] = indicator.matrix[:, own].any(axis=1)
    return Indicator(
        np.hstack([indicator.matrix, answered]), indicator.weights, indicator.columns
    )


def _list_cells(
    factors: Sequence[Factor],
    indicator: Indicator,
    strength: int,
    impossible: Collection[tuple[int, ...]],
    thin_below: int,
) -> Iterator[Combination]:
    if len(factors) < strength:
        return
    together = count_together(indicator, strength)
    excluded = {frozenset(ids) for ids in impossible}
    for places in combinations(range(len(factors)), strength):
        chosen = [factors[place].labels for place in places]
        counts, expected = _table(together, indicator, factors, places)
        for index in np.ndindex(counts.shape):
            found = [own[i] for own, i in zip(chosen, index, strict=True)]
            ids = tuple(label.label_id for label in found)
            count = int(counts[index])
            tier = tier_of(count, thin_below)
            if _contains_any(ids, excluded):
                tier = "impossible"
            names = tuple(label.name for label in found)
            yield Combination(ids, names, count, float(expected[index]), tier)


def _table(
    together: Floats,
    indicator: Indicator,
    factors: Sequence[Factor],
    places: tuple[int, ...],
) -> tuple[Floats, Floats]:
    """Return counts and expected numbers, shaped (labels of 1st factor, 2nd, …)."""
    first_answered = len(indicator.columns)
    answered = [[first_answered + place] for place in places]
    own = [[indicator.columns[x.label_id] for x in factors[p].labels] for p in places]
    images = float(together[np.ix_(*answered)].item())
    expected = np.ones([1] * len(places))
    for axis, columns in enumerate(own):
        margin = [*answered[:axis], columns, *answered[axis + 1 :]]
        expected = expected * together[np.ix_(*margin)]
    return together[np.ix_(*own)], expected / max(images, 1.0) ** (len(places) - 1)


def _contains_any(ids: tuple[int, ...], excluded: set[frozenset[int]]) -> bool:
    if not excluded:
        return False
    parts = (
        frozenset(part)
        for size in range(1, len(ids) + 1)
        for part in combinations(ids, size)
    )
    return not excluded.isdisjoint(parts)


def list_degrees(
    factors: Sequence[Factor],
    indicator: Indicator,
    impossible: Collection[tuple[int, ...]] = (),
) -> Iterator[Degree]:
    """Yield, for each label that occurs and each other group, its partners there."""
    pairs = count_together(indicator, 2)
    columns = indicator.columns
    excluded = {frozenset(ids) for ids in impossible}
    groups = [f for f in factors if f.is_group]
    for mine, other in ((a, b) for a in groups for b in groups if a is not b):
        for label in mine.labels:
            place = columns[label.label_id]
            known = [
                x
                for x in other.labels
                if pairs[columns[x.label_id], columns[x.label_id]]
                and frozenset((label.label_id, x.label_id)) not in excluded
            ]
            seen = {x.name: int(pairs[place, columns[x.label_id]]) for x in known}
            with_it = tuple(name for name, count in seen.items() if count)
            without = tuple(name for name, count in seen.items() if not count)
            counts = tuple(count for count in seen.values() if count)
            if with_it:
                yield Degree(
                    label.label_id, label.name, other.name, with_it, without, counts
                )


def _most_expected(found: Iterable[Combination]) -> list[Combination]:
    return sorted(found, key=lambda c: (-c.expected, c.names))
