"""From which probability each label counts as yes, chosen on held-out images.

Pure numpy. Unknown answers (-1) count nowhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.config import TrainConfig
from mlcore.decisions import Limits

Answers = NDArray[np.int8]
Probabilities = NDArray[np.floating]
Numbers = NDArray[np.float64]

# Chosen on fewer images with (or without) a label, a threshold is chance.
FEWEST = 5
LOWEST, HIGHEST = 0.01, 0.99
BETAS = {"best-f1": 1.0, "best-f2": 2.0}
# Where a miss costs so many times what a false alarm costs; Review alone offers it.
MISS_COST = "miss-cost"
CHOSEN_ON_IMAGES = (*BETAS, "target-recall", "target-precision", MISS_COST)
# Said of figures whose own pictures decided what counts as yes.
FLATTERED = (
    "The thresholds were chosen on these same pictures, so the figures are a little "
    "too good."
)


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Limits, the rule they were set by, and the recall or precision it aimed at.

    By the rule "miss-cost" `target` is how many false alarms a miss is worth.
    """

    limits: Limits
    rule: str
    target: float = 0.9

    @property
    def is_chosen_on_images(self) -> bool:
        """Whether validation images decided; they judge such limits too well."""
        return self.rule in CHOSEN_ON_IMAGES

    def as_json(self) -> dict[str, Any]:
        """Return what model.json says of them."""
        return {
            "thresholds": list(self.limits.thresholds),
            "top_k": self.limits.top_k,
            "threshold_rule": self.rule,
            "threshold_target": self.target,
        }


def choose_limits(
    y: Answers, probabilities: Probabilities, config: TrainConfig
) -> RunLimits:
    """Return what counts as yes as the settings ask, from held-out images (n, L)."""
    thresholds = tuple(choose_thresholds(y, probabilities, config))
    limits = replace(live_limits(config, y.shape[1]), thresholds=thresholds)
    return RunLimits(limits, config.thresholds, config.threshold_target)


def choose_by_cost(
    y: Answers, probabilities: Probabilities, misses: float, default: float = 0.5
) -> RunLimits:
    """Return the limits with the least cost where a miss is worth so many false alarms.

    A label with fewer than 5 yes or 5 no answers keeps `default`.
    """

    def pick(hits: Numbers, said: Numbers, yes: int) -> NDArray[np.bool_]:
        return _is_most(-(said - hits) - misses * (yes - hits))

    thresholds = tuple(
        _choose_one(y[:, at], probabilities[:, at], default, pick)
        for at in range(y.shape[1])
    )
    return RunLimits(Limits(thresholds), MISS_COST, misses)


def live_limits(config: TrainConfig, labels: int) -> Limits:
    """Return what counts as yes while a run trains, before anything is chosen."""
    top_k = config.top_k if config.thresholds == "top-k" else 0
    return replace(Limits.of(config.threshold, labels), top_k=top_k)


def choose_thresholds(
    y: Answers, probabilities: Probabilities, config: TrainConfig
) -> list[float]:
    """Return one threshold per label for answers and probabilities (n, L).

    A label with fewer than 5 yes or 5 no answers keeps `config.threshold`, and so
    do all with thresholds 'fixed' and 'top-k', which look at no held-out image.
    """
    pick = _picker(config)
    if pick is None:
        return [config.threshold] * y.shape[1]
    return [
        _choose_one(y[:, at], probabilities[:, at], config.threshold, pick)
        for at in range(y.shape[1])
    ]


Picker = Callable[[Numbers, Numbers, int], NDArray[np.bool_]]


def _picker(config: TrainConfig) -> Picker | None:
    """Which cuts are best, given hits and pictures said yes at each, and all yes."""
    target = config.threshold_target
    if config.thresholds in BETAS:
        weight = BETAS[config.thresholds] ** 2
        return lambda hits, said, yes: _is_most(hits / (weight * yes + said))
    if config.thresholds == "target-recall":
        return lambda hits, said, yes: _is_first(hits >= target * yes - 1e-9)
    if config.thresholds == "target-precision":
        return lambda hits, said, yes: _is_last(hits / said, target - 1e-9)
    return None


def _choose_one(
    y: Answers, scores: Probabilities, default: float, pick: Picker
) -> float:
    known = y >= 0
    yes, scores = y[known] == 1, scores[known].astype(np.float64)
    if not _is_enough(y):
        return default
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    # Equal scores cannot be told apart: a cut lies between different ones.
    is_cut = np.append(np.diff(ordered) != 0, True)
    hits = np.cumsum(yes[order])[is_cut].astype(np.float64)
    said = (np.flatnonzero(is_cut) + 1).astype(np.float64)
    below = np.append(ordered[1:], 0.0)[is_cut]
    # Halfway: as far as can be from the images on either side.
    cuts = (ordered[is_cut] + below) / 2
    best = cuts[pick(hits, said, int(yes.sum()))]
    nearest = best[np.argmin(np.abs(best - default))]
    return float(np.clip(nearest, LOWEST, HIGHEST))


def too_few(y: Answers) -> list[int]:
    """Return the columns with fewer than 5 yes or 5 no answers."""
    return [at for at in range(y.shape[1]) if not _is_enough(y[:, at])]


def _is_enough(y: Answers) -> bool:
    return bool(min((y == 1).sum(), (y == 0).sum()) >= FEWEST)


def _is_most(values: Numbers) -> NDArray[np.bool_]:
    return np.asarray(values >= values.max() - 1e-12)


def _is_first(fits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the first place that fits: the highest threshold."""
    return np.asarray(np.arange(len(fits)) == np.argmax(fits))


def _is_last(share: Numbers, target: float) -> NDArray[np.bool_]:
    """Return the last place that reaches the target; where none does, the best."""
    fits = np.flatnonzero(share >= target)
    if not len(fits):
        return _is_most(share)
    return np.asarray(np.arange(len(share)) == fits[-1])
