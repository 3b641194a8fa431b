"""How well probabilities rank pictures, label by label, whatever the threshold. Pure.

Precision over recall, the ROC curve, their areas with likely ranges, and how the
probabilities of pictures with and without the label lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.decisions import NamedLabel
from mlcore.intervals import draw_weights, likely
from mlcore.metrics import UNKNOWN, Answers
from mlcore.scores import Interval, wilson

Doubles = NDArray[np.float64]
Booleans = NDArray[np.bool_]

POINTS_AT_MOST = 200
SHAPE_BINS = 20


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a curve, x ascending; equal lengths."""

    x: Doubles
    y: Doubles


@dataclass(frozen=True, slots=True)
class Ranking:
    """How one label's pictures are ranked; what is undefined is None.

    `with_label` and `without` count pictures by twentieths of the probability; `draws`
    holds the average precision in each draw of the bootstrap.
    """

    label_id: int
    name: str
    precision_recall: Curve | None
    roc: Curve | None
    average_precision: float | None
    average_precision_range: Interval | None
    roc_auc: float | None
    roc_auc_range: Interval | None
    with_label: tuple[int, ...]
    without: tuple[int, ...]
    draws: Doubles


def rank_labels(
    y: Answers, probabilities: NDArray[np.floating], labels: Sequence[NamedLabel]
) -> list[Ranking]:
    """Return the ranking of each label, from answers and probabilities (n, L)."""
    weights = draw_weights(len(y))
    return [
        _rank(label, y[:, at], probabilities[:, at], weights)
        for at, label in enumerate(labels)
    ]


def mean_range(rankings: Sequence[Ranking]) -> Interval | None:
    """Return the range of the mean average precision; all labels share their draws."""
    drawn = [ranking.draws for ranking in rankings if ranking.draws.size]
    return likely(np.mean(drawn, axis=0)) if drawn else None


def _rank(
    label: NamedLabel,
    answers: NDArray[np.int8],
    probabilities: NDArray[np.floating],
    weights: NDArray[np.float32],
) -> Ranking:
    known = answers != UNKNOWN
    order = np.flatnonzero(known)
    order = order[np.argsort(-probabilities[order], kind="stable")]
    yes, scores = answers[order] == 1, probabilities[order]
    last = _ends_of_ties(scores)
    ones = np.ones((len(order), 1), np.float32)
    both = bool(yes.any() and not yes.all())
    drawn = _areas(yes, last, weights[order]) if both else None
    areas = _areas(yes, last, ones) if yes.any() else None
    precision = float(areas[0][0]) if areas and both else None
    area = float(areas[1][0]) if areas and both else None
    return Ranking(
        label.label_id,
        label.name,
        _precision_recall(yes, last),
        _roc(yes, last) if both else None,
        precision,
        _range(precision, drawn[0], int(yes.sum())) if drawn else None,
        area,
        _range(area, drawn[1], int(min(yes.sum(), (~yes).sum()))) if drawn else None,
        _shape(scores[yes]),
        _shape(scores[~yes]),
        drawn[0] if drawn else np.empty(0),
    )


def _ends_of_ties(ordered: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return where a curve has points: equal probabilities cannot be told apart."""
    return np.flatnonzero(np.append(np.diff(ordered) != 0, True)[: len(ordered)])


def _areas(
    yes: Booleans, last: NDArray[np.intp], weights: NDArray[np.float32]
) -> tuple[Doubles, Doubles]:
    """Return (draws,) average precision and area under the ROC curve."""
    # only ties that hold a yes are looked at: between them no figure changes
    rows = np.flatnonzero(yes)
    own, first_row = np.unique(np.searchsorted(last, rows), return_index=True)
    ends = last[own] + 1
    starts = np.where(own > 0, last[own - 1] + 1, 0)
    cuts = np.unique(np.concatenate([[0], starts, ends[ends < len(yes)]]))
    sums = np.add.reduceat(weights, cuts, axis=0)
    said = np.cumsum(sums, axis=0)
    after = said[np.searchsorted(cuts, ends) - 1]
    gained = np.add.reduceat(weights[rows], first_row, axis=0)
    before = after - sums[np.searchsorted(cuts, starts)]
    hits = np.cumsum(gained, axis=0)
    everything = said[-1] - hits[-1]
    # false alarms above a tie, and half of those within it
    false = (before - hits + gained + after - hits) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.where(after > 0, hits / after, 0.0) * gained
        average = steps.sum(axis=0, dtype=np.float64) / hits[-1]
        kept = (gained * (everything - false)).sum(axis=0, dtype=np.float64)
        area = kept / (hits[-1].astype(np.float64) * everything)
    return average, area


def _range(value: float | None, drawn: Doubles, examples: int) -> Interval | None:
    """Return the middle of what was drawn; where all is right, what so few can say."""
    found = likely(drawn)
    if value is None or found is None:
        return None
    if value == 1.0:
        return wilson(examples, examples)[0], 1.0
    return min(found[0], value), max(found[1], value)


def precision_recall(
    yes: Booleans, probabilities: NDArray[np.floating]
) -> Curve | None:
    """Return precision (y) at each recall (x); None without an example."""
    order = np.argsort(-probabilities, kind="stable")
    return _precision_recall(yes[order], _ends_of_ties(probabilities[order]))


def roc(yes: Booleans, probabilities: NDArray[np.floating]) -> Curve | None:
    """Return the share found (y) at each share of false alarms (x); None without
    examples of both kinds.
    """
    if yes.all() or not yes.any():
        return None
    order = np.argsort(-probabilities, kind="stable")
    return _roc(yes[order], _ends_of_ties(probabilities[order]))


def _precision_recall(yes: Booleans, last: NDArray[np.intp]) -> Curve | None:
    if not yes.any():
        return None
    hits = np.cumsum(yes)[last].astype(np.float64)
    precision, recall = hits / (last + 1), hits / hits[-1]
    kept = _thin_out(len(recall))
    return Curve(recall[kept], precision[kept])


def _roc(yes: Booleans, last: NDArray[np.intp]) -> Curve:
    hits = np.cumsum(yes)[last].astype(np.float64)
    false = last + 1 - hits
    found = np.append(0.0, hits / hits[-1])
    alarms = np.append(0.0, false / false[-1])
    kept = _thin_out(len(found))
    return Curve(alarms[kept], found[kept])


def _thin_out(points: int) -> NDArray[np.intp]:
    """Return at most 200 places evenly spread, first and last among them."""
    wanted = min(points, POINTS_AT_MOST)
    return np.unique(np.linspace(0, points - 1, wanted).round().astype(np.intp))


def _shape(probabilities: NDArray[np.floating]) -> tuple[int, ...]:
    place = np.minimum((probabilities * SHAPE_BINS).astype(int), SHAPE_BINS - 1)
    return tuple(np.bincount(place, minlength=SHAPE_BINS).tolist())
