"""How wrong logits are, and in which direction: cross-entropy of each question.

A picture with a half-known group counts too: what is possible shares the blame.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.head_questions import (
    FREE,
    Answers,
    Mask,
    Question,
    allowed_answers,
    is_known,
    slices_of,
)

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Target:
    """What is known about one question: `weights` (n,) are 0 where nothing is."""

    question: Question
    columns: slice
    allowed: Mask
    weights: Doubles

    @property
    def amount(self) -> float:
        """The weight of all pictures that say something."""
        return float(self.weights.sum())

    def rows(self, chosen: npt.NDArray[np.intp]) -> "Target":
        """The same for some of the pictures."""
        return Target(
            self.question, self.columns, self.allowed[chosen], self.weights[chosen]
        )


def make_targets(
    questions: Sequence[Question], y: Answers, class_weights: str
) -> list[Target]:
    """What `y` (n, L) of 1/0/-1 says; "balanced" counts rare answers more."""
    targets = []
    for question, columns in zip(questions, slices_of(questions), strict=True):
        allowed, known = allowed_answers(question, y), is_known(question, y)
        weights = known.astype(np.float64)
        if class_weights == "balanced":
            weights *= _balance(question, allowed, known)
        targets.append(Target(question, columns, allowed, weights))
    return targets


def _balance(question: Question, allowed: Mask, known: Mask) -> Doubles:
    """Weights (n,) by which every answer that occurs counts the same in total."""
    shown = allowed
    if question.kind == FREE:
        shown = np.hstack([allowed, ~allowed])
    shares = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    counts = shares[known].sum(axis=0)
    each = known.sum() / max(1, (counts > 0).sum()) / np.maximum(counts, 1e-9)
    return np.asarray(shares @ np.where(counts > 0, each, 0.0))


def loss_and_slope(logits: Doubles, target: Target) -> tuple[float, Doubles]:
    """Summed loss of one question and its slope (n, width) by the logits."""
    if target.question.kind == FREE:
        return _of_free(logits, target)
    top = logits.max(axis=1, keepdims=True)
    raised = np.exp(logits - top)
    possible = np.where(target.allowed, raised, 0.0)
    whole, part = raised.sum(axis=1), possible.sum(axis=1)
    # Rows that break their rule have no possible answer, and no weight.
    part = np.maximum(part, 1e-300)
    loss = float(target.weights @ (np.log(whole) - np.log(part)))
    slope = raised / whole[:, None] - possible / part[:, None]
    return loss, slope * target.weights[:, None]


def _of_free(logits: Doubles, target: Target) -> tuple[float, Doubles]:
    yes = target.allowed.astype(np.float64)
    shrunk = np.exp(-np.abs(logits))
    losses = np.maximum(logits, 0) - logits * yes + np.log1p(shrunk)
    likely = np.where(logits >= 0, 1.0, shrunk) / (1.0 + shrunk)
    weights = target.weights[:, None]
    return float((losses * weights).sum()), (likely - yes) * weights
