"""Which label of a group is taken for which: a matrix for each exclusive group. Pure.

A row is what a picture shows, a column what the run said of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.decisions import EXCLUSIVE_RULES, Decisions
from mlcore.evaluation import HeldOut
from mlcore.snapshot import UNKNOWN

NOTHING, SEVERAL = "none of them", "several"


@dataclass(frozen=True, slots=True)
class MixUp:
    """`images` of `support` pictures that show one label were said to be another."""

    shown: str
    said: str
    images: int
    support: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts (rows, columns) of a group; `names` its labels, the first of both.

    After the labels come a row of pictures that show none of them, and columns for
    none and for several said, each only where there are such pictures.
    """

    group: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.int_]

    @property
    def images(self) -> int:
        """Pictures whose answer is known."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """Those of which the run said what they show."""
        return sum(
            int(self.counts[at, self.columns.index(name)])
            for at, name in enumerate(self.rows)
            if name in self.columns
        )

    def mix_ups(self) -> list[MixUp]:
        """Return what was taken for what, most often first."""
        found = [
            MixUp(shown, said, int(self.counts[r, c]), int(self.counts[r].sum()))
            for r, shown in enumerate(self.rows)
            for c, said in enumerate(self.columns)
            if shown != said and self.counts[r, c]
        ]
        return sorted(found, key=lambda one: (-one.images, one.shown, one.said))


def confusions(held_out: HeldOut, said: Decisions) -> list[Confusion]:
    """Return the matrix of each exclusive group of which answers (n, L) are known."""
    place = {label.label_id: at for at, label in enumerate(held_out.labels)}
    found = []
    for group in held_out.groups:
        columns = [place[i] for i in group.label_ids if i in place]
        if group.rule in EXCLUSIVE_RULES and len(columns) > 1:
            names = [held_out.labels[at].name for at in columns]
            matrix = _count(group.name, names, held_out.y[:, columns], said[:, columns])
            found += [matrix] if matrix.images else []
    return found


def _count(
    group: str, names: list[str], y: NDArray[np.int8], said: Decisions
) -> Confusion:
    labels = len(names)
    # one yes answers the whole group, as an exclusive group is labelled
    is_known = (y == 1).any(axis=1) | (y != UNKNOWN).all(axis=1)
    truth, answer = y[is_known] == 1, said[is_known]
    rows = np.where(truth.any(axis=1), truth.argmax(axis=1), labels)
    columns = np.where(answer.any(axis=1), answer.argmax(axis=1), labels)
    columns = np.where(answer.sum(axis=1) > 1, labels + 1, columns)
    counts = np.zeros((labels + 1, labels + 2), int)
    np.add.at(counts, (rows, columns), 1)
    kept_rows = [*range(labels), *([labels] if counts[labels].any() else [])]
    others = [at for at in (labels, labels + 1) if counts[:, at].any()]
    all_names = [*names, NOTHING, SEVERAL]
    kept_columns = [*range(labels), *others]
    return Confusion(
        group,
        tuple(all_names[at] for at in kept_rows),
        tuple(all_names[at] for at in kept_columns),
        counts[np.ix_(kept_rows, kept_columns)],
    )
