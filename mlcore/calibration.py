"""How sure a run may be: one temperature a group, fitted on validation pictures.

A network that is right nine times in ten says 99 %. Its logits divided by the right
number, what it says comes true about as often as it says; the strongest answer of a
group stays the strongest. Works on probabilities: dividing logits is raising those to
a power. No TensorFlow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

# Its parts load when they are first used: answering needs none of them.
import scipy
from numpy.typing import NDArray

from mlcore.decisions import NamedLabel, RuledGroup
from mlcore.errors import PredictionError
from mlcore.head_questions import (
    AT_MOST_ONE,
    FREE,
    ONE,
    Question,
    allowed_answers,
    is_known,
)

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Probabilities = NDArray[np.floating]
Answers = NDArray[np.int8]

# Fewer answered pictures say nothing about a probability of 95 %.
FEWEST_IMAGES = 50
LOWEST, HIGHEST = 0.25, 20.0
# What float32 can tell from 0, and from 1.
TINY, NEARLY_ONE = 1e-30, 1 - 1e-8


class NamedGroup(RuledGroup, Protocol):
    """A group as it is frozen."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Temperature:
    """By what the logits of some labels are divided, fitted on so many images.

    `kind` is "exactly-one" or "at-most-one" where the labels share out one yes, else
    "free"; `group` is "" for the labels without one.
    """

    group: str
    kind: str
    columns: tuple[int, ...]
    value: float = 1.0
    images: int = 0


def ask_temperatures(
    labels: Sequence[NamedLabel], groups: Sequence[NamedGroup], output: str
) -> list[Temperature]:
    """Return what has a temperature of its own, still at 1: groups, free labels."""
    place = {label.label_id: at for at, label in enumerate(labels)}
    if output == "softmax":
        name = groups[0].name if len(groups) == 1 else ""
        return [Temperature(name, ONE, tuple(place.values()))]
    found = []
    for group in groups:
        columns = tuple(place.pop(i) for i in group.label_ids if i in place)
        is_shared = output == "groups" and group.rule in (ONE, AT_MOST_ONE)
        kind = group.rule if is_shared and len(columns) > 1 else FREE
        found += [Temperature(group.name, kind, columns)] if columns else []
    free = [Temperature("", FREE, tuple(place.values()))] if place else []
    return found + free


def fit_temperatures(
    asked: Sequence[Temperature], y: Answers, probabilities: Probabilities
) -> list[Temperature]:
    """Fit each to answers (n, L) of 1 / 0 / -1 and probabilities (n, L).

    It stays 1 with fewer than 50 answered images, and where 1 is likelier.
    """
    return [_fit(one, y, probabilities) for one in asked]


def _fit(one: Temperature, y: Answers, probabilities: Probabilities) -> Temperature:
    columns = list(one.columns)
    possible, known = _possible_answers(one, y)
    images = int(known.any(axis=1).sum())
    if images < FEWEST_IMAGES:
        return replace(one, images=images)
    own = probabilities[:, columns]

    def loss(log_value: float) -> float:
        tempered = _temper(one.kind, own, float(np.exp(log_value)))
        return _loss(one.kind, tempered, possible, known)

    found = scipy.optimize.minimize_scalar(
        loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded"
    )
    value = float(np.exp(found.x)) if found.fun < loss(0.0) else 1.0
    # Without a single mistake nothing says how much surer it may be.
    if value < 1 and not _has_mistake(one.kind, own, possible, known):
        value = 1.0
    return replace(one, value=round(value, 4), images=images)


def _possible_answers(
    one: Temperature, y: Answers
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where an answer may be true (n, answers), and what is known (n, 1 or answers)."""
    if one.kind == FREE:
        own = y[:, list(one.columns)]
        return own == 1, own >= 0
    question = Question(one.kind, one.columns)
    return allowed_answers(question, y), is_known(question, y)[:, None]


def _loss(
    kind: str,
    tempered: Doubles,
    possible: NDArray[np.bool_],
    known: NDArray[np.bool_],
) -> float:
    """Return the mean negative log-likelihood of what is known."""
    if kind == FREE:
        right = np.where(possible, tempered, 1 - tempered)[known]
    else:
        right = (_with_none(kind, tempered) * possible).sum(axis=1)[known[:, 0]]
    return float(-np.log(np.maximum(right, TINY)).mean())


def _has_mistake(
    kind: str,
    own: Probabilities,
    possible: NDArray[np.bool_],
    known: NDArray[np.bool_],
) -> bool:
    if kind == FREE:
        return bool((((own >= 0.5) != possible) & known).any())
    best = _with_none(kind, own.astype(np.float64)).argmax(axis=1)
    is_right = possible[np.arange(len(best)), best]
    return bool((~is_right & known[:, 0]).any())


def temper(found: Sequence[Temperature], probabilities: Probabilities) -> Floats:
    """float32 (n, L) probabilities as sure as they may be."""
    tempered = np.array(probabilities, np.float32)
    for one in found:
        columns = list(one.columns)
        if one.value != 1.0:
            # Of what came, not of what is rounded to float32 already.
            own = probabilities[:, columns]
            tempered[:, columns] = _temper(one.kind, own, one.value)
    return tempered


def untemper(found: Sequence[Temperature], probabilities: Probabilities) -> Floats:
    """Return what the network said before `temper`."""
    back = [replace(one, value=1 / one.value) for one in found]
    return temper(back, probabilities)


def _temper(kind: str, own: Probabilities, value: float) -> Doubles:
    own = own.astype(np.float64)
    if kind == FREE:
        own = np.clip(own, TINY, NEARLY_ONE)
        return np.asarray(1 / (1 + np.exp((np.log1p(-own) - np.log(own)) / value)))
    logs = np.log(np.maximum(_with_none(kind, np.asarray(own, float)), TINY)) / value
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares = raised / raised.sum(axis=1, keepdims=True)
    return np.asarray(shares[:, : own.shape[1]])


def _with_none(kind: str, own: Doubles) -> Doubles:
    """Add the share of "none of them" where that is an answer."""
    if kind != AT_MOST_ONE:
        return own
    none = np.maximum(1 - NEARLY_ONE, 1 - own.sum(axis=1, keepdims=True))
    return np.hstack([own, none])


def temperatures_as_json(
    found: Sequence[Temperature], labels: Sequence[NamedLabel]
) -> list[dict[str, Any]]:
    """Return what model.json says of them."""
    return [
        {
            "group": one.group,
            "kind": one.kind,
            "label_ids": [labels[at].label_id for at in one.columns],
            "value": one.value,
            "images": one.images,
        }
        for one in found
    ]


def read_temperatures(facts: Mapping[str, Any]) -> list[Temperature]:
    """The temperatures of a model.json; none where it is older than they are.

    Raises `PredictionError` if they make no sense.
    """
    try:
        place = {row["label_id"]: at for at, row in enumerate(facts["labels"])}
        found = [
            Temperature(
                str(row["group"]),
                str(row["kind"]),
                tuple(place[label_id] for label_id in row["label_ids"]),
                float(row["value"]),
                int(row["images"]),
            )
            for row in facts.get("temperatures", ())
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _not_understood(error) from error
    if any(not LOWEST <= one.value <= HIGHEST for one in found):
        raise _not_understood(f"not all between {LOWEST} and {HIGHEST}")
    if {one.kind for one in found} - {ONE, AT_MOST_ONE, FREE}:
        raise _not_understood("an unknown kind of group")
    return found


def _not_understood(why: object) -> PredictionError:
    return PredictionError(
        f"The temperatures of this model cannot be understood ({why}). Train a new run."
    )
