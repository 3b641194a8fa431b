"""Learning rates as plain numbers: one rule a step, one for plateaus. No TensorFlow."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from mlcore.config import TrainConfig

# One-cycle after Smith (2018), with the usual numbers of its implementations.
RISE_PART = 0.3
START_DIVISOR = 25.0
END_DIVISOR = 1e4
# A loss that falls by less than this is as good as one that stays.
PLATEAU_DELTA = 1e-4


@dataclass(slots=True)
class Plateau:
    """What reduce-on-plateau remembers between epochs; part of every checkpoint.

    `best` is larger-is-better, `waited` counts epochs since, `cuts` the reductions.
    """

    best: float | None = None
    waited: int = 0
    cuts: int = 0

    def note(self, value: float, patience: int) -> None:
        """Take in an epoch's value; after `patience` epochs without a better, cut."""
        if self.best is None or value > self.best + PLATEAU_DELTA:
            self.best = value
            self.waited = 0
            return
        self.waited += 1
        if self.waited >= patience:
            self.cuts += 1
            self.waited = 0


def rate_at(config: TrainConfig, step: int, steps_total: int, cuts: int = 0) -> float:
    """The learning rate of training step `step` (from 0) of `steps_total`.

    `cuts` is how often a plateau has reduced it; only that schedule has any.
    """
    rule = _RULES.get(config.schedule)
    if rule is not None:
        return rule(config, step, steps_total)
    return config.learning_rate * config.plateau_factor**cuts


def _inverse_time(config: TrainConfig, step: int, steps_total: int) -> float:
    # What `decay=lr / epochs` meant to the optimizers of 2018.
    decay = config.learning_rate / config.epochs
    return config.learning_rate / (1.0 + decay * step)


def _cosine(config: TrainConfig, step: int, steps_total: int) -> float:
    return _between(config.learning_rate, 0.0, step / max(1, steps_total))


def _one_cycle(config: TrainConfig, step: int, steps_total: int) -> float:
    peak = config.learning_rate
    start = peak / START_DIVISOR
    last = max(1, steps_total - 1)
    top = RISE_PART * last
    if step < top:
        return _between(start, peak, step / top)
    part = min(1.0, (step - top) / (last - top))
    return _between(peak, start / END_DIVISOR, part)


def _between(begin: float, end: float, part: float) -> float:
    """From `begin` to `end` along half a cosine wave."""
    return end + (begin - end) * 0.5 * (1.0 + math.cos(math.pi * part))


_RULES: dict[str, Callable[[TrainConfig, int, int], float]] = {
    "constant": lambda config, step, steps_total: config.learning_rate,
    "inverse-time": _inverse_time,
    "cosine": _cosine,
    "one-cycle": _one_cycle,
}
