"""From probabilities to yes and no: thresholds, the k strongest, groups. Pure numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Decisions = NDArray[np.bool_]
Probabilities = NDArray[np.floating]
Numbers = float | Sequence[float] | NDArray[np.floating]
# The columns of an exclusive group, and whether one of them must be yes.
Exclusive = tuple[Sequence[int], bool]
EXCLUSIVE_RULES = {"exactly-one": True, "at-most-one": False}


class NamedLabel(Protocol):
    """A label as figures need it."""

    @property
    def label_id(self) -> int: ...
    @property
    def name(self) -> str: ...


class RuledGroup(Protocol):
    """A group as figures need it."""

    @property
    def rule(self) -> str: ...
    @property
    def label_ids(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """From which probability each label is yes.

    With `top_k` above 0 the k strongest labels are yes instead, however weak.
    """

    thresholds: tuple[float, ...]
    top_k: int = 0

    @classmethod
    def of(cls, value: "Numbers | Limits", labels: int) -> "Limits":
        """Limits for so many labels, of one threshold for all, one each, or limits."""
        if isinstance(value, Limits):
            return value
        return cls(tuple(map(float, np.broadcast_to(np.asarray(value), (labels,)))))


def decide(
    probabilities: Probabilities,
    limits: Limits,
    output: str,
    exclusive: Sequence[Exclusive] = (),
) -> Decisions:
    """Return what the model says: (n, L) True where a label is answered yes.

    With output 'softmax' the strongest label is the answer. `exclusive` counts with
    output 'groups': a group with exactly one yes answers its strongest label, one with
    at most one only that, if it is strong enough; the k strongest are the answers of
    the former, then the strongest other labels.
    """
    if output == "softmax":
        return _strongest(probabilities, 1)
    if output != "groups" or not exclusive:
        return reach(probabilities, limits)
    said = np.zeros(probabilities.shape, bool)
    forced = [columns for columns, is_forced in exclusive if is_forced]
    settled = {column for columns in forced for column in columns}
    free = [at for at in range(probabilities.shape[1]) if at not in settled]
    if limits.top_k:
        left = max(0, limits.top_k - len(forced))
        said[:, free] = _strongest(probabilities[:, free], left)
    else:
        said[:, free] = probabilities[:, free] >= np.asarray(limits.thresholds)[free]
    for columns, is_forced in exclusive:
        strongest = _strongest(probabilities[:, columns], 1)
        if is_forced:
            said[:, columns] = strongest
        elif not limits.top_k:
            said[:, columns] &= strongest
    return said


def reach(probabilities: Probabilities, limits: Limits) -> Decisions:
    """Return where a label is at its threshold, or among the k strongest.

    No group is looked at.
    """
    if limits.top_k:
        return _strongest(probabilities, limits.top_k)
    return np.asarray(probabilities >= np.asarray(limits.thresholds))


def counting_thresholds(
    limits: Limits, output: str, exclusive: Sequence[Exclusive] = ()
) -> list[float | None]:
    """Return each label's threshold, None where the strongest label is the answer."""
    if output == "softmax" or limits.top_k:
        return [None] * len(limits.thresholds)
    forced = [columns for columns, is_forced in exclusive if is_forced]
    settled = {at for columns in forced for at in columns if output == "groups"}
    return [None if at in settled else t for at, t in enumerate(limits.thresholds)]


def _strongest(probabilities: Probabilities, count: int) -> Decisions:
    """True for exactly `count` labels of a row; of equal ones, the first."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
    said = np.zeros(probabilities.shape, bool)
    np.put_along_axis(said, order, True, axis=1)
    return said


def exclusive_columns(
    labels: Sequence[NamedLabel], groups: Sequence[RuledGroup]
) -> list[Exclusive]:
    """Return the columns of each group of which at most, or exactly, one is yes."""
    place = {label.label_id: at for at, label in enumerate(labels)}
    found: list[Exclusive] = []
    for group in groups:
        columns = [place[i] for i in group.label_ids if i in place]
        if columns and group.rule in EXCLUSIVE_RULES:
            found.append((columns, EXCLUSIVE_RULES[group.rule]))
    return found
