"""What mending suspected labels is worth, measured. Pure numpy.

Heads are fitted out of fold three times: with the suspected pictures as they are,
without them, and with their labels as read. They are judged on all other pictures,
whose labels nobody suspects, so only what is learned differs.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mlcore.head_questions import Answers, Question
from mlcore.head_solver import Floats
from mlcore.label_errors import Mask, OutOfFold, Tell, correct, read_answers
from mlcore.metrics import wilson


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to `images` pictures: so many right before and after.

    `low` and `high` hold the difference of the shares with 95 % certainty.
    """

    images: int
    before: int
    after: int
    gained: int
    lost: int
    low: float
    high: float

    @property
    def difference(self) -> float:
        """By how much the share of right pictures rises."""
        return (self.after - self.before) / self.images if self.images else 0.0

    @property
    def is_told(self) -> bool:
        """Whether it is more than chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Worth:
    """What comes of leaving the suspected pictures out, and of correcting them."""

    left_out: Change
    corrected: Change

    def as_json(self) -> dict[str, Any]:
        """Plain numbers."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Worth":
        """What `as_json` wrote."""
        return cls(Change(**data["left_out"]), Change(**data["corrected"]))


def measure_worth(
    fitting: OutOfFold, y: Answers, p: Floats, wrong: Mask, tell: Tell
) -> Worth:
    """Fit again without and with corrected labels; `wrong` (n, L) are suspected."""
    rest: Mask = np.logical_not(wrong.any(axis=1))
    everything: Mask = np.ones(len(y), bool)
    before = are_right(y, p, fitting.questions)[rest]
    steps = len(fitting.folds)

    def refit(answers: Answers, learned: Mask, done: int) -> Mask:
        found = fitting.answer(
            answers, learned, lambda at, _: tell(done + at, 2 * steps)
        )
        return np.asarray(are_right(y, found, fitting.questions)[rest])

    without = refit(y, rest, 0)
    mended = correct(y, p, fitting.questions, wrong)
    corrected = refit(mended, everything, steps)
    return Worth(compare(before, without), compare(before, corrected))


def are_right(y: Answers, p: Floats, questions: Sequence[Question]) -> Mask:
    """(n,) pictures of which every known answer is read as it is."""
    right = np.ones(len(y), bool)
    for question in questions:
        own = y[:, list(question.columns)]
        right &= ((read_answers(p, question) == own) | (own < 0)).all(axis=1)
    return right


def compare(before: Mask, after: Mask) -> Change:
    """What changed between two judgements of the same pictures.

    The interval of a difference of paired shares, by Newcombe's method 10 (1998):
    it stays honest where nothing or nearly nothing changed.
    """
    images = len(before)
    gained = int((after & ~before).sum())
    lost = int((before & ~after).sum())
    low, high = _newcombe(before, after)
    return Change(images, int(before.sum()), int(after.sum()), gained, lost, low, high)


def _newcombe(before: Mask, after: Mask) -> tuple[float, float]:
    n = len(before)
    if not n:
        return 0.0, 0.0
    one, two = float(after.mean()), float(before.mean())
    l1, u1 = wilson(int(after.sum()), n)
    l2, u2 = wilson(int(before.sum()), n)
    phi = _correlation(before, after)
    difference = one - two
    down = (one - l1) ** 2 - 2 * phi * (one - l1) * (u2 - two) + (u2 - two) ** 2
    up = (two - l2) ** 2 - 2 * phi * (two - l2) * (u1 - one) + (u1 - one) ** 2
    return difference - math.sqrt(max(down, 0)), difference + math.sqrt(max(up, 0))


def _correlation(before: Mask, after: Mask) -> float:
    """Phi of the two judgements; 0 where one of them never differs."""
    both = int((before & after).sum())
    neither = int((~before & ~after).sum())
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    product = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    return (both * neither - gained * lost) / math.sqrt(product) if product else 0.0
