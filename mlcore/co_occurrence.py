"""Count which labels occur together, from distinct label sets with counts.

Pure numpy; shared by coverage, the label map and prediction warnings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from storage.label_sets import label_sets
from storage.labels import free_labels, list_groups
from storage.projects import Project
from storage.records import Group, Label

Floats = NDArray[np.float64]


class CountedSet(Protocol):
    """Anything with the yes labels of a set and the number of images showing it."""

    @property
    def label_ids(self) -> tuple[int, ...]: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Indicator:
    """`matrix` (sets, columns) of 0/1, `weights` (sets,) images, label id → column."""

    matrix: Floats
    weights: Floats
    columns: dict[int, int]


@dataclass(frozen=True, slots=True)
class PairMap:
    """Labels against labels: `counts` (L, L) with label counts on the diagonal.

    `exclusive` (L, L) is True for two labels of one exclusive group, the cells a map
    greys out.
    """

    labels: tuple[Label, ...]
    counts: NDArray[np.int64]
    exclusive: NDArray[np.bool_]


def read_label_sets(sets: Sequence[CountedSet], label_ids: Sequence[int]) -> Indicator:
    """Return the 0/1 matrix of the sets; ids that were not asked for are left out."""
    columns = {label_id: place for place, label_id in enumerate(label_ids)}
    sizes = np.fromiter((len(s.label_ids) for s in sets), np.int64, len(sets))
    flat = np.fromiter(
        chain.from_iterable(s.label_ids for s in sets), np.int64, int(sizes.sum())
    )
    place_of = np.full(max(flat.max(initial=0), max(label_ids, default=0)) + 1, -1)
    place_of[list(columns)] = list(columns.values())
    places = place_of[flat]
    matrix = np.zeros((len(sets), len(columns)))
    known = places >= 0
    matrix[np.repeat(np.arange(len(sets)), sizes)[known], places[known]] = 1.0
    weights = np.fromiter((s.count for s in sets), np.float64, len(sets))
    return Indicator(matrix, weights, columns)


def count_together(indicator: Indicator, strength: int) -> Floats:
    """Return images showing every `strength` columns together, shape (K,)*strength.

    Exact up to 2**53 images.
    """
    return _count(indicator.matrix, indicator.weights, strength)


def _count(matrix: Floats, weights: Floats, strength: int) -> Floats:
    if strength > 2:
        chosen = [column > 0 for column in matrix.T]
        parts = [_count(matrix[rows], weights[rows], strength - 1) for rows in chosen]
        return np.stack(parts)
    # Sparse, not BLAS: on busy cores BLAS threads wait for one another, and the same
    # product took from 2 to 330 ms; this one takes 10 to 16.
    sparse = csr_array(matrix)
    product: Any = sparse.T.multiply(weights) @ sparse
    return np.asarray(product.toarray())


def pair_counts(
    sets: Sequence[CountedSet], label_ids: Sequence[int]
) -> NDArray[np.int64]:
    """Return how many images show both labels; the diagonal holds label counts."""
    return count_together(read_label_sets(sets, label_ids), 2).astype(np.int64)


def pair_map(
    sets: Sequence[CountedSet], groups: Sequence[Group], free: Sequence[Label]
) -> PairMap:
    """Return the map of label against label: groups in order, then free labels."""
    found = [label for group in groups for label in group.labels] + list(free)
    owners = [g.group_id if g.rule != "any" else -1 for g in groups for _ in g.labels]
    owner = np.array(owners + [-1] * len(free), np.int64)
    exclusive = (owner[:, None] == owner) & (owner >= 0)[:, None]
    np.fill_diagonal(exclusive, False)
    counts = pair_counts(sets, [label.label_id for label in found])
    return PairMap(tuple(found), counts, exclusive)


def pair_map_of(project: Project) -> PairMap:
    """Return the label map of a project as it is now."""
    return pair_map(label_sets(project), list_groups(project), free_labels(project))
