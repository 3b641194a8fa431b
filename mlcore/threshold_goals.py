"""Labels whose threshold cannot bring the recall or precision that was asked for. Pure.

Too few pictures, or the lowest threshold there is, can keep a label from its goal.
"""

import numpy as np

from mlcore.snapshot import UNKNOWN, YES
from mlcore.thresholds import Answers, Probabilities, RunLimits, too_few

GOALS = ("target-recall", "target-precision")


def list_short(
    y: Answers, probabilities: Probabilities, chosen: RunLimits
) -> dict[int, float]:
    """Return the best share that each label falls short with, by column.

    `y` and `probabilities` are of the pictures on which `chosen` was chosen. Labels
    with too few of them have no threshold of their own, and are left out.
    """
    if chosen.rule not in GOALS:
        return {}
    few = set(too_few(y))
    shares = {
        at: _share(y[:, at], probabilities[:, at] >= threshold, chosen.rule)
        for at, threshold in enumerate(chosen.limits.thresholds)
        if at not in few
    }
    return {at: x for at, x in shares.items() if x < chosen.target - 1e-9}


def _share(y: Answers, said: np.ndarray, rule: str) -> float:
    yes, said = y == YES, said & (y != UNKNOWN)
    asked = yes if rule == "target-recall" else said
    return float((yes & said).sum() / max(int(asked.sum()), 1))
