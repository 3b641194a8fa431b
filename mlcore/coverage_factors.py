"""What a combination is made of: groups with a rule, and labels standing alone. Pure.

A group gives one of its labels. A free label is a factor of two values, there or not;
it is always answered, as nothing tells a no from an unknown in a label set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

# Its parts load when they are first used: answering needs none of them.
import scipy
from numpy.typing import NDArray

from mlcore.co_occurrence import (
    CountedSet,
    Floats,
    Indicator,
    read_keys,
    read_label_sets,
)
from storage.records import Group, Label

# All free labels together, where factors are named.
FREE = "free labels"


@dataclass(frozen=True, slots=True)
class Factor:
    """A group with a rule, or a free label standing alone."""

    name: str
    labels: tuple[Label, ...]
    is_group: bool = True
    rule: str = "any"


def choose_factors(
    groups: Sequence[Group], free_labels: Sequence[Label], strength: int
) -> list[Factor]:
    """Return the exclusive groups, and free labels where groups are too few."""
    factors = list_factors(groups, free_labels)
    exclusive = [factor for factor in factors if factor.is_group]
    return exclusive if len(exclusive) >= strength else factors


def list_factors(groups: Sequence[Group], free_labels: Sequence[Label]) -> list[Factor]:
    """Return the groups with a rule, then every free label alone."""
    exclusive = [g for g in groups if g.rule != "any" and g.labels]
    loose = [label for g in groups if g.rule == "any" for label in g.labels]
    alone = [*loose, *free_labels]
    return [
        *(Factor(g.name, tuple(g.labels), rule=g.rule) for g in exclusive),
        *(Factor(x.name, (x,), is_group=False) for x in alone),
    ]


@dataclass(frozen=True)
class Layout:
    """The columns of the counts: labels by factor, then one a group: is it answered.

    `owner` (labels,) is the place of each label's factor, `answered` (labels,) its
    group's column; -1, the very last column, stands for "always".
    """

    factors: tuple[Factor, ...]

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """Every label, in the order of the columns."""
        return tuple(label for factor in self.factors for label in factor.labels)

    @cached_property
    def columns(self) -> dict[int, int]:
        """Label id → column."""
        return {label.label_id: at for at, label in enumerate(self.labels)}

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """Place of the factor of each label."""
        sizes = [len(factor.labels) for factor in self.factors]
        return np.repeat(np.arange(len(sizes)), sizes).astype(np.int64)

    @cached_property
    def group_of(self) -> NDArray[np.int64]:
        """Number of the group of each label, -1 for a free one; groups come first."""
        is_group = np.array([factor.is_group for factor in self.factors], bool)
        number = np.where(is_group, np.cumsum(is_group) - 1, -1)
        return number[self.owner].astype(np.int64)

    @cached_property
    def groups(self) -> tuple[Factor, ...]:
        """The factors that are groups."""
        return tuple(factor for factor in self.factors if factor.is_group)

    @cached_property
    def answered(self) -> NDArray[np.int64]:
        """Column that says whether the factor of each label is answered."""
        found = np.where(self.group_of >= 0, len(self.labels) + self.group_of, -1)
        return found.astype(np.int64)

    def after(self, factor: int) -> tuple["Layout", NDArray[np.int64]]:
        """Return the layout of the factors after this one, and its columns here."""
        rest = replace(self, factors=self.factors[factor + 1 :])
        own = np.flatnonzero(self.owner > factor)
        used = len(self.groups) - len(rest.groups)
        flags = len(self.labels) + np.arange(used, len(self.groups))
        return rest, np.concatenate([own, flags]).astype(np.int64)


def index_factors(sets: Sequence[CountedSet], layout: Layout) -> Indicator:
    """Return the columns of a layout for these sets."""
    return add_answered(read_label_sets(sets, list(layout.columns)), layout)


def index_keys(sets: Sequence[tuple[str, int]], layout: Layout) -> Indicator:
    """Return the same for keys of label sets with their counts."""
    return add_answered(read_keys(sets, list(layout.columns)), layout)


def add_answered(read: Indicator, layout: Layout) -> Indicator:
    """Return it with a column for each group: is it answered."""
    return Indicator(_with_answered(read.rows, layout), read.weights, read.columns)


def _with_answered(rows: Any, layout: Layout) -> Any:
    if not layout.groups:
        return rows
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    group = layout.group_of[rows.indices]
    in_group = group >= 0
    shape = (rows.shape[0], len(layout.groups))
    ones = np.ones(int(in_group.sum()), np.float32)
    flags = scipy.sparse.coo_array(
        (ones, (owner[in_group], group[in_group])), shape=shape
    ).tocsr()
    # Two labels of one group on an image break its rule; it is answered all the same.
    flags.data[:] = 1
    return scipy.sparse.hstack([rows, flags], format="csr")


def mark_one(label_ids: Sequence[int], layout: Layout) -> Floats:
    """Return the columns of one label set, the last one "always"; (columns + 1,)."""
    found = np.zeros(len(layout.labels) + len(layout.groups) + 1)
    places = [layout.columns[i] for i in label_ids if i in layout.columns]
    found[places] = 1
    found[layout.answered[places]] = 1
    found[-1] = 1
    return found
