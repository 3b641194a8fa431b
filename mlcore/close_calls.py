"""Which labels of an answer were close to being decided otherwise. Pure."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mlcore.predictions import CLOSE_CALL, write_share
from mlcore.training_view import Choice, TrainingView

Row = NDArray[np.floating]
Bools = NDArray[np.bool_]
# A sigmoid in float32 saturates at exactly 0 or 1, whose odds are infinite.
NEARLY_ZERO = 1e-6
HALF = 0.5


def name_close_calls(view: TrainingView, row: Row, best: tuple[int, ...]) -> list[str]:
    """Return "cars 52 % (yes from 59 %)" of each, the closest first.

    A free label is close to its threshold, whichever that is: three times the odds are
    as far as .25 and .75 are from one half. Of a group the likeliest may be weak.
    """
    distances = _distances(view, row)
    named = [*_close_in_groups(view, row, best, distances), *_free(view, distances)]
    return [_describe(view, row, columns) for _, columns in sorted(named)]


def all_right_chance(view: TrainingView, row: Row, said: Bools) -> float:
    """Return how likely no label of the answer is wrong, were they independent."""
    shares = np.where(said, row, 1 - row).astype(float)
    grouped = sorted(_grouped(view))
    # the others of a group follow from the one that was said
    shares[[column for column in grouped if not said[column]]] = 1.0
    return float(np.prod(shares))


def close_limits(view: TrainingView) -> list[tuple[float, float]]:
    """Return between which probabilities each label is close to its limit."""
    odds = np.array([_log_odds(_limits(view)) + by for by in (-_reach(), _reach())])
    low, high = 1 / (1 + np.exp(-odds))
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _distances(view: TrainingView, row: Row) -> NDArray[np.float64]:
    """How far each label is from yes and no, in log odds."""
    found: NDArray[np.float64] = np.abs(_log_odds(row) - _log_odds(_limits(view)))
    return found


def _limits(view: TrainingView) -> NDArray[np.float64]:
    """From where each label is yes, one half of those that share out one yes."""
    limits = np.full(len(view.labels), HALF)
    grouped = _grouped(view)
    free = [column for column in range(len(view.labels)) if column not in grouped]
    if not view.top_k:
        limits[free] = view.thresholds[free]
    return limits


def _log_odds(shares: Row) -> NDArray[np.float64]:
    kept = np.clip(shares.astype(float), NEARLY_ZERO, 1 - NEARLY_ZERO)
    found: NDArray[np.float64] = np.log(kept / (1 - kept))
    return found


def _reach() -> float:
    return float(_log_odds(np.array([CLOSE_CALL[1]]))[0])


def _free(
    view: TrainingView, distances: NDArray[np.float64]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    for column in np.flatnonzero(distances < _reach()).tolist():
        if column not in _grouped(view):
            yield float(distances[column]), (column,)


def _close_in_groups(
    view: TrainingView,
    row: Row,
    best: tuple[int, ...],
    distances: NDArray[np.float64],
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield the two likeliest of a group where they, or the best, are unclear."""
    for choice in _groups(view):
        ranked = sorted(choice.columns, key=lambda c: -float(row[c]))[:2]
        is_weak = any(row[c] < CLOSE_CALL[1] for c in set(choice.columns) & set(best))
        closest = float(min(distances[list(choice.columns)]))
        if is_weak or closest < _reach():
            yield closest, tuple(ranked)


def _describe(view: TrainingView, row: Row, columns: tuple[int, ...]) -> str:
    shares = [f"{view.names[c]} {write_share(float(row[c]))}" for c in columns]
    if columns[0] in _grouped(view) or view.top_k:
        return " or ".join(shares)
    return f"{shares[0]} (yes from {write_share(float(view.thresholds[columns[0]]))})"


def _groups(view: TrainingView) -> list[Choice]:
    return [choice for choice in view.choices if choice.rule != "any"]


def _grouped(view: TrainingView) -> set[int]:
    return {column for choice in _groups(view) for column in choice.columns}
