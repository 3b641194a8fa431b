"""From a run's probabilities to scores of images, many at a time. Pure numpy.

The reading is what Classify would save (see readings). Uncertainty belongs to the
least certain question: 1 - 2 * |p - .5| for a free label; for an exclusive group
1 - (p1 - p2), its two likeliest answers, of which "none" is one where allowed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlcore.readings import NEARLY_ZERO
from mlcore.training_view import TrainingView
from storage.scores import ImageScore

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def read_scores(
    view: TrainingView,
    run_id: str,
    image_ids: Sequence[int],
    probabilities: NDArray[np.floating],
) -> list[ImageScore]:
    """Return one score an image for `probabilities` (n, L)."""
    rows = np.asarray(probabilities, np.float64)
    reading, is_enough = view.decide(rows), view.reach(rows)
    confidence, uncertainty = np.ones(len(rows)), np.zeros(len(rows))
    for columns, is_forced in view.exclusive:
        taken = _choose(rows[:, columns], is_enough[:, columns], is_forced)
        reading[:, columns] = taken
        shares = _shares(rows[:, columns], view.output, is_forced)
        confidence *= _share_taken(shares, taken)
        uncertainty = np.maximum(uncertainty, 1 - _margin(shares))
    free = _free_columns(view)
    loose = rows[:, free]
    confidence *= np.where(reading[:, free], loose, 1 - loose).prod(axis=1)
    doubt = 1 - 2 * np.abs(loose - 0.5)
    uncertainty = np.maximum(uncertainty, doubt.max(axis=1, initial=0.0))
    seen = view.are_seen(reading)
    label_ids = [label.label_id for label in view.labels]
    return [
        ImageScore(
            image_id=image_id,
            run_id=run_id,
            reading=tuple(sorted(label_ids[at] for at in np.flatnonzero(reading[n]))),
            is_seen=bool(seen[n]),
            confidence=float(confidence[n]),
            uncertainty=float(uncertainty[n]),
            probabilities=dict(zip(label_ids, rows[n].tolist(), strict=True)),
        )
        for n, image_id in enumerate(image_ids)
    ]


def unreadable_score(run_id: str, image_id: int) -> ImageScore:
    """The score of a picture that cannot be read: nothing is said of it."""
    return ImageScore(image_id, run_id, (), False, 0.0, 0.0, {})


def _free_columns(view: TrainingView) -> list[int]:
    grouped = {column for columns, _ in view.exclusive for column in columns}
    return [at for at in range(len(view.labels)) if at not in grouped]


def _choose(own: Floats, is_enough: Mask, is_forced: bool) -> Mask:
    """Return (n, k) True where a label is the group's answer."""
    taken: Mask = own.argmax(axis=1)[:, None] == np.arange(own.shape[1])
    return taken if is_forced else np.logical_and(taken, is_enough)


def _shares(own: Floats, output: str, is_forced: bool) -> Floats:
    """Return (n, k + 1) probabilities of a group's answers, the last of none of them.

    Where one label is yes, independent sigmoids give it the odds p / (1 - p); with
    a softmax they are shares already, and "none" is what is left.
    """
    clipped = np.clip(own, NEARLY_ZERO, 1 - NEARLY_ZERO)
    is_shared = output in ("softmax", "groups")
    odds = clipped if is_shared else clipped / (1 - clipped)
    none = np.full((len(own), 1), 0.0 if is_forced else 1.0)
    if is_shared and not is_forced:
        none = np.maximum(NEARLY_ZERO, 1 - clipped.sum(axis=1, keepdims=True))
    weights = np.hstack([odds, none])
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _share_taken(shares: Floats, taken: Mask) -> Floats:
    has_none = ~taken.any(axis=1, keepdims=True)
    return np.asarray((shares * np.hstack([taken, has_none])).sum(axis=1))


def _margin(shares: Floats) -> Floats:
    ordered = np.sort(shares, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2])
