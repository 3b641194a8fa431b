"""The numbers behind the map: every pair's count, what to expect, and its tier."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlcore.combinations import TRACE_BELOW, least_surprising

if TYPE_CHECKING:
    from mlcore.coverage import PairMap
    from storage.records import Group, Label

# An empty pair with a free label is a gap only if chance alone would have filled it.
EXPECTED_FOR_A_GAP = least_surprising()

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Letters = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every label against every other: the counts, what to expect, and one letter.

    Letters: x cannot go together, d the label itself, i marked impossible,
    u unseen, r none but none expected, t trace, h thin, f fine.
    """

    labels: tuple[Label, ...]
    owner: NDArray[np.int64]
    counts: Counts
    expected: Floats
    letters: Letters


def build_matrix(
    pairs: PairMap,
    groups: Sequence[Group],
    *,
    images: int,
    thin_below: int,
    impossible: Collection[tuple[int, ...]] = (),
) -> Matrix:
    """Return the table of a project's labels; groups with the rule any own none."""
    exclusive = {g.group_id for g in groups if g.rule != "any"}
    owner = np.array(
        [x.group_id if x.group_id in exclusive else 0 for x in pairs.labels], np.int64
    )
    expected = expect(pairs.counts, owner, images)
    letters = np.select(
        [pairs.counts == 0, pairs.counts < TRACE_BELOW, pairs.counts < thin_below],
        ["u", "t", "h"],
        "f",
    )
    free = (owner == 0)[:, None] | (owner == 0)[None, :]
    hardly = (letters == "u") & free & (expected < EXPECTED_FOR_A_GAP)
    letters[hardly] = "r"
    _mark_impossible(letters, pairs.labels, impossible)
    letters[pairs.exclusive] = "x"
    np.fill_diagonal(letters, "d")
    return Matrix(pairs.labels, owner, pairs.counts, expected, letters)


def expect(counts: Counts, owner: NDArray[np.int64], images: int) -> Floats:
    """Return how many images would show each pair, were they mixed evenly.

    Counted among images on which both groups are answered; a free label always is.
    """
    totals = np.diag(counts).astype(np.float64)
    free = owner == 0
    own = {int(group): owner == group for group in np.unique(owner[~free])}
    # of each label, the images on which that group is answered
    answered = {g: counts[:, mask].sum(axis=1) for g, mask in own.items()}
    expected = np.outer(totals, totals) / max(1, images)
    for one, rows in own.items():
        size = max(1.0, float(totals[rows].sum()))
        mixed = np.outer(totals[rows], answered[one][free]) / size
        expected[np.ix_(rows, free)] = mixed
        expected[np.ix_(free, rows)] = mixed.T
        for two, columns in own.items():
            both = max(1.0, float(answered[two][rows].sum()))
            expected[np.ix_(rows, columns)] = (
                np.outer(answered[two][rows], answered[one][columns]) / both
            )
    return expected


def _mark_impossible(
    letters: Letters, labels: Sequence[Label], impossible: Collection[tuple[int, ...]]
) -> None:
    places = {label.label_id: place for place, label in enumerate(labels)}
    for ids in impossible:
        at = [places[label_id] for label_id in ids if label_id in places]
        if len(at) == len(ids) == 2:
            letters[at[0], at[1]] = letters[at[1], at[0]] = "i"
