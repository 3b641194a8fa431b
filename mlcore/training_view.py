"""What a run's training images showed, as prediction needs it. Pure numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.co_occurrence import Indicator, read_label_sets
from mlcore.combinations import Combination, Coverage
from mlcore.coverage import choose_factors, summarise
from mlcore.decisions import (
    EXCLUSIVE_RULES,
    Decisions,
    Exclusive,
    Limits,
    counting_thresholds,
    decide,
    reach,
)
from mlcore.errors import PredictionError
from storage.records import Group, Label, LabelSet

COUNTS_KEPT = 50_000
DOUBT_ABOVE = 0.05
# What labels without a group are called where groups are named.
FREE_LABELS = "free labels"


@dataclass(frozen=True, slots=True)
class Choice:
    """A group's columns, of which a reading takes one; a free label is one column."""

    name: str
    rule: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class TrainingView:
    """Labels, groups, thresholds and label sets with counts of one run's training.

    Columns are places in `labels`, the order in which the model answers. An answer is
    doubted when more than `doubt_above` of the probability lies on unseen readings;
    `is_doubt_measured` says that held-out pictures set this limit.
    """

    labels: tuple[Label, ...]
    groups: tuple[Group, ...]
    output: str
    thresholds: NDArray[np.float64]
    sets: tuple[LabelSet, ...]
    impossible: frozenset[tuple[int, ...]] = frozenset()
    doubt_above: float = DOUBT_ABOVE
    top_k: int = 0
    is_doubt_measured: bool = False
    temperatures: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def limits(self) -> Limits:
        """What counts as yes."""
        return Limits(tuple(self.thresholds.tolist()), self.top_k)

    @cached_property
    def counting(self) -> tuple[float | None, ...]:
        """Each label's threshold, None where the strongest label is the answer."""
        return tuple(counting_thresholds(self.limits, self.output, self.exclusive))

    @property
    def is_limited(self) -> bool:
        """Whether any threshold counts, or the k strongest are the answer."""
        return self.top_k > 0 or any(one is not None for one in self.counting)

    def decide(self, rows: NDArray[np.floating]) -> Decisions:
        """Return (n, L) what the run says for probabilities (n, L)."""
        return decide(rows, self.limits, self.output, self.exclusive)

    def reach(self, rows: NDArray[np.floating]) -> Decisions:
        """Return (n, L) what is strong enough, whichever label is the strongest."""
        if self.output == "groups" and self.top_k:
            return self.decide(rows)
        return reach(rows, self.limits)

    @cached_property
    def exclusive(self) -> list[Exclusive]:
        """Columns of each exclusive group, and whether one of them must be yes."""
        place = {label.label_id: at for at, label in enumerate(self.labels)}
        return [
            (
                [place[label.label_id] for label in group.labels],
                EXCLUSIVE_RULES[group.rule],
            )
            for group in self.groups
            if group.labels and group.rule in EXCLUSIVE_RULES
        ]

    @cached_property
    def images(self) -> int:
        """Number of training images."""
        return sum(found.count for found in self.sets)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Label names, one a column."""
        return tuple(label.name for label in self.labels)

    @cached_property
    def coverage(self) -> Coverage:
        """Pairs of labels in the training images."""
        free = [label for label in self.labels if label.group_id is None]
        return summarise(self.sets, self.groups, free, impossible=self.impossible)

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """What a combination is made of, in group order."""
        place = {label.label_id: at for at, label in enumerate(self.labels)}
        rules = {group.name: group.rule for group in self.groups}
        free = [label for label in self.labels if label.group_id is None]
        return tuple(
            Choice(
                factor.name,
                rules[factor.name] if factor.is_group else "any",
                tuple(place[label.label_id] for label in factor.labels),
            )
            for factor in choose_factors(self.groups, free, strength=2)
        )

    @cached_property
    def _indicator(self) -> Indicator:
        return read_label_sets(self.sets, [label.label_id for label in self.labels])

    @cached_property
    def _counted(self) -> dict[frozenset[int], int]:
        return {}

    def count_images(self, columns: Sequence[int]) -> int:
        """Return how many training images show all these labels."""
        key = frozenset(columns)
        if len(self._counted) > COUNTS_KEPT:
            self._counted.clear()
        if key not in self._counted:
            shown = self._indicator.matrix[:, list(columns)].all(axis=1)
            self._counted[key] = int(self._indicator.weights[shown].sum())
        return self._counted[key]

    def are_seen(self, shown: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (n,) where training shows the reading that labels (n, L) make."""
        columns = np.array([c for choice in self.choices for c in choice.columns], int)
        patterns, which = np.unique(shown[:, columns], axis=0, return_inverse=True)
        seen = [self.count_images(columns[p].tolist()) > 0 for p in patterns]
        return np.array(seen, bool)[which.ravel()]

    def pair(self, one: int, other: int) -> Combination | None:
        """Return two columns' combination, None within one group."""
        ids = self.labels[one].label_id, self.labels[other].label_id
        return self.coverage.find(ids)

    def is_impossible(self, columns: Sequence[int]) -> bool:
        """True if the reading holds a combination a person marked impossible."""
        ids = {self.labels[column].label_id for column in columns}
        return any(ids.issuperset(marked) for marked in self.impossible)

    def in_group_order(self, columns: Sequence[int]) -> tuple[int, ...]:
        """Return the columns in the order of their groups: black before dress."""
        order = [column for choice in self.choices for column in choice.columns]
        return tuple(sorted(columns, key=order.index))

    def name_all(self, columns: Sequence[int]) -> list[str]:
        """Return the names of these columns."""
        return [self.names[column] for column in columns]

    @cached_property
    def separator(self) -> str:
        """What stands between labels: "black dress", but "cars, trees" of free ones."""
        return " " if all(choice.rule != "any" for choice in self.choices) else ", "

    def write_all(self, columns: Sequence[int]) -> str:
        """Return the names of these columns as one piece of text."""
        return self.separator.join(self.name_all(columns))


def view_of_model(facts: Mapping[str, Any]) -> TrainingView:
    """Return the view a run's model.json describes; `PredictionError` if it cannot."""
    try:
        return _read_view(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise PredictionError(
            f"The description of this model cannot be understood ({error!r}). "
            "Train a new run."
        ) from error


def _read_view(facts: Mapping[str, Any]) -> TrainingView:
    owner = {
        label_id: number
        for number, group in enumerate(facts["groups"], start=1)
        for label_id in group["label_ids"]
    }
    labels = tuple(
        Label(row["label_id"], row["name"], owner.get(row["label_id"]), place)
        for place, row in enumerate(facts["labels"])
    )
    groups = tuple(
        Group(
            number,
            group["name"],
            group["rule"],
            tuple(label for label in labels if label.group_id == number),
        )
        for number, group in enumerate(facts["groups"], start=1)
    )
    limit = facts.get("doubt_above")
    thresholds = np.broadcast_to(np.asarray(facts["thresholds"], float), len(labels))
    return TrainingView(
        labels,
        groups,
        facts["output"],
        thresholds,
        tuple(_read_set(row) for row in facts["seen"]),
        frozenset(tuple(ids) for ids in facts["impossible"]),
        top_k=int(facts.get("top_k", 0)),
        doubt_above=DOUBT_ABOVE if limit is None else float(limit),
        is_doubt_measured=limit is not None,
        temperatures={
            row["group"] or FREE_LABELS: float(row["value"])
            for row in facts.get("temperatures", ())
        },
    )


def _read_set(row: Mapping[str, Any]) -> LabelSet:
    ids = tuple(row["label_ids"])
    return LabelSet(",".join(map(str, ids)), ids, row["count"])
