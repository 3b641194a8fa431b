"""Which labels of an answer count: the run's own, the k likeliest, all above a share.

Probabilities, warnings and the best label of each group stay as the run said them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from mlcore.predictions import Prediction

Kind = Literal["run", "top", "above"]


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """`top` takes the `count` likeliest labels, `above` all of at least `share`."""

    kind: Kind = "run"
    count: int = 3
    share: float = 0.5

    def __call__(self, found: Prediction) -> Prediction:
        """The prediction with the labels that count by this rule."""
        if self.kind == "run" or found.error:
            return found
        ranked = sorted(found.probabilities.items(), key=lambda item: -item[1])
        counts: Callable[[int, float], bool] = (
            (lambda place, _: place < self.count)
            if self.kind == "top"
            else (lambda _, share: share >= self.share)
        )
        labels = [name for at, (name, p) in enumerate(ranked) if counts(at, p)]
        return replace(found, labels=labels)

    def __str__(self) -> str:
        if self.kind == "top":
            return f"the {self.count} likeliest labels"
        if self.kind == "above":
            return f"every label of at least {self.share * 100:.0f} %"
        return "as the run was trained to answer"
