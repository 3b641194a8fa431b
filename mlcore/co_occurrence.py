"""Count which labels occur together, from distinct label sets with counts.

Pure numpy; shared by coverage, the label map and prediction warnings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

# Its parts load when they are first used: answering needs none of them.
import scipy
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from storage.records import Group, Label

if TYPE_CHECKING:
    from storage.projects import Project

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

COMMA, ZERO = b",0"
# Rows at a time in a dense product, so that it stays in tens of megabytes.
CHUNK_ROWS = 16_384
# A float32 sum of whole numbers is exact below this.
EXACT_BELOW = 2**24
# One step of a sparse product costs as much as about so many of a dense one.
DENSE_STEPS = 300
# Below so many steps neither matters.
FEW_STEPS = 2_000_000
# Label ids up to here are looked up in a table.
LARGEST_NEAR = 1_000_000


class CountedSet(Protocol):
    """Anything with the yes labels of a set and the number of images showing it."""

    @property
    def label_ids(self) -> tuple[int, ...]: ...
    @property
    def count(self) -> int: ...


@dataclass(frozen=True)
class Indicator:
    """Sparse `rows` (sets, columns) of 0/1, `weights` (sets,) images, id → column."""

    rows: Any
    weights: Floats
    columns: dict[int, int]

    @cached_property
    def matrix(self) -> NDArray[np.uint8]:
        """The rows in full."""
        found: NDArray[np.uint8] = self.rows.astype(np.uint8).toarray()
        return found


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
    found = [s.label_ids for s in sets]
    sizes = np.fromiter(map(len, found), np.int64, len(sets))
    flat = np.fromiter(chain.from_iterable(found), np.int64, int(sizes.sum()))
    weights = np.array([s.count for s in sets], np.float64)
    return _index(flat, sizes, weights, label_ids)


def read_keys(sets: Sequence[tuple[str, int]], label_ids: Sequence[int]) -> Indicator:
    """Return the same for keys of label sets with their counts.

    Where nearly every image is a set of its own, that is three times as quick as
    making objects of them first.
    """
    keys = [key for key, _ in sets]
    text = np.frombuffer(",".join(keys).encode("ascii"), np.uint8)
    commas = np.flatnonzero(text == COMMA)
    starts = np.concatenate([[0], commas + 1])
    digits = np.concatenate([commas, [len(text)]]) - starts
    flat = np.zeros(len(starts), np.int64)
    for place in range(int(digits.max())):
        has = digits > place
        flat[has] = flat[has] * 10 + text[starts[has] + place] - ZERO
    ends = np.cumsum(np.fromiter(map(len, keys), np.int64, len(keys)) + 1)
    # The empty set has no number; between its commas stands nothing.
    numbers = np.concatenate([[0], np.cumsum(digits > 0)])
    last = np.concatenate([[0], np.searchsorted(commas, ends - 1) + 1])
    sizes = np.diff(numbers[last])[: len(keys)]
    weights = np.array([count for _, count in sets], np.float64)
    return _index(flat[digits > 0], sizes, weights, label_ids)


def _index(
    flat: Places, sizes: Places, weights: Floats, label_ids: Sequence[int]
) -> Indicator:
    columns = {label_id: place for place, label_id in enumerate(label_ids)}
    places = _places_of(flat, columns)
    known = places >= 0
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if not known.all():
        starts = np.concatenate([[0], np.cumsum(known)])[starts]
        places = places[known]
    rows = scipy.sparse.csr_array(
        (np.ones(len(places), np.float32), places.astype(np.int32), starts),
        shape=(len(sizes), len(columns)),
    )
    return Indicator(rows, weights, columns)


def _places_of(flat: Places, columns: Mapping[int, int]) -> Places:
    """The column of each label id, -1 where there is none."""
    # Labels a project does not have (model_labels.FOREIGN) would need gigabytes.
    near = {i: place for i, place in columns.items() if i <= LARGEST_NEAR}
    flat_near = np.minimum(flat, LARGEST_NEAR + 1)
    place_of = np.full(max(flat_near.max(initial=0), max(near, default=0)) + 1, -1)
    place_of[list(near)] = list(near.values())
    places = place_of[flat_near]
    for label_id in columns.keys() - near.keys():
        places[flat == label_id] = columns[label_id]
    return places


def count_pairs(rows: Any, weights: Floats) -> Floats:
    """Return images showing both columns, shape (K, K); exact up to 2**53 images."""
    total, width = rows.shape
    steps = total * float(width) ** 2
    if steps <= FEW_STEPS:
        return _multiply_dense(rows, weights)
    sizes = np.diff(rows.indptr).astype(np.float64)
    if np.square(sizes).sum() * DENSE_STEPS <= steps:
        return _multiply_sparse(rows, weights)
    # On busy cores BLAS threads wait for one another: the same product took from 2
    # to 330 ms.
    with _blas().limit(limits=1, user_api="blas"):
        return _multiply_dense(rows, weights)


@cache
def _blas() -> ThreadpoolController:
    # Looking for the loaded libraries takes longer than most products.
    return ThreadpoolController()


def _multiply_sparse(rows: Any, weights: Floats) -> Floats:
    exact = rows.astype(np.float64)
    found: Floats = (exact.T.multiply(weights).tocsr() @ exact).toarray()
    return found


def _multiply_dense(rows: Any, weights: Floats) -> Floats:
    total = np.zeros((rows.shape[1], rows.shape[1]))
    for start in range(0, rows.shape[0], CHUNK_ROWS):
        own = weights[start : start + CHUNK_ROWS]
        part = rows[start : start + CHUNK_ROWS].toarray()
        if own.sum() >= EXACT_BELOW:
            part, own = part.astype(np.float64), own.astype(np.float64)
        total += part.T @ (part * own.astype(part.dtype)[:, None])
    return total


def pair_counts(
    sets: Sequence[CountedSet], label_ids: Sequence[int]
) -> NDArray[np.int64]:
    """Return how many images show both labels; the diagonal holds label counts."""
    indicator = read_label_sets(sets, label_ids)
    return count_pairs(indicator.rows, indicator.weights).astype(np.int64)


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


def pair_map_of(project: "Project") -> PairMap:
    """Return the label map of a project as it is now."""
    # Here, as in `coverage_of`: who only reads answers needs no database.
    from storage.label_sets import label_sets
    from storage.labels import free_labels, list_groups

    return pair_map(label_sets(project), list_groups(project), free_labels(project))
