"""Heads that weigh whole combinations, shown in training or not. No TensorFlow.

Several kinds of evidence each give every combination a probability; their geometric
mean, with a lift for what training never showed, is the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.combination_table import CombinationTable, Values
from mlcore.head_questions import Question
from mlcore.head_solver import Doubles, Floats
from mlcore.heads import Heads, Layer
from mlcore.joint_solver import log_sum, sum_evidence

CHUNK = 512


@dataclass(frozen=True, slots=True)
class Term:
    """One evidence: its logits of all groups start at `start`.

    With a `correction` (K,), B*, it was fitted to combinations; without, to each group.
    """

    start: int
    correction: Doubles | None = None


def weigh(
    evidence: Sequence[Doubles], combinations: Values, correction: Doubles | None
) -> Doubles:
    """(n, K) log-probabilities of combinations by one evidence, (n, values) a group."""
    if correction is None:
        shares = [part - log_sum(part)[:, None] for part in evidence]
        return sum_evidence(shares, combinations)
    scores = sum_evidence(evidence, combinations) - correction
    return np.asarray(scores - log_sum(scores)[:, None])


@dataclass(frozen=True, slots=True)
class JointHeads:
    """Fitted heads; `plain` answers what does not combine, and half-known groups.

    `layer` turns features (n, d) into the logits of all terms; `lift` is added to the
    score of combinations that training never showed.
    """

    plain: Heads
    layer: Layer
    table: CombinationTable
    terms: tuple[Term, ...]
    lift: float

    @property
    def width(self) -> int:
        """How many features it takes."""
        return self.plain.width

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked of a picture."""
        return self.plain.questions

    @property
    def pulls(self) -> tuple[float, ...]:
        """The regularisation of each question."""
        return self.plain.pulls

    def logits(self, x: Floats) -> Floats:
        """(n, C) of the plain heads: what losses are measured by."""
        return self.plain.logits(x)

    def probabilities(self, x: Floats) -> Floats:
        """float32 (n, L); those of a group add up over all its combinations."""
        return self.read(x)[0]

    def read(self, x: Floats) -> tuple[Floats, Floats]:
        """The probabilities, and (n,) what goes to combinations never shown."""
        pieces = [
            self._read(x[at : at + CHUNK]) for at in range(0, max(1, len(x)), CHUNK)
        ]
        probabilities, unseen = zip(*pieces, strict=True)
        return np.concatenate(probabilities), np.concatenate(unseen)

    def posterior(self, x: Floats) -> Doubles:
        """(n, K) probability of each combination of the table."""
        weights, bias = self.layer
        logits = (x @ weights + bias).astype(np.float64)
        combinations = self.table.combinations
        scores = [
            weigh(self._split(logits, term.start), combinations, term.correction)
            for term in self.terms
        ]
        lifted = np.mean(scores, axis=0) + self.lift * ~self.table.seen
        return np.asarray(np.exp(lifted - log_sum(lifted)[:, None]))

    def _split(self, logits: Doubles, start: int) -> list[Doubles]:
        widths = [question.width for question in self.table.questions]
        ends = start + np.cumsum(widths)
        return [logits[:, e - w : e] for e, w in zip(ends, widths, strict=True)]

    def _read(self, x: Floats) -> tuple[Floats, Floats]:
        found, share = self.plain.probabilities(x), self.posterior(x)
        for at, question in enumerate(self.table.questions):
            values = self.table.combinations[:, at]
            for value, column in enumerate(question.columns):
                found[:, column] = share[:, values == value].sum(axis=1)
        unseen = share[:, ~self.table.seen].sum(axis=1)
        return np.clip(found, 0, 1), np.asarray(unseen, np.float32)


def as_arrays(heads: JointHeads) -> dict[str, npt.NDArray[np.generic]]:
    """What has to be kept besides the plain heads."""
    weights, bias = heads.layer
    corrections = [term.correction for term in heads.terms]
    none = np.full(len(heads.table.seen), np.nan)
    return {
        "joint_weights": weights,
        "joint_bias": bias,
        "combinations": heads.table.combinations.astype(np.int32),
        "seen": heads.table.seen,
        "starts": np.array([term.start for term in heads.terms], np.int32),
        "corrections": np.array([none if c is None else c for c in corrections]),
        "lift": np.array(heads.lift),
    }


def from_arrays(
    plain: Heads,
    questions: Sequence[Question],
    arrays: dict[str, npt.NDArray[np.generic]],
) -> JointHeads:
    """The heads that `as_arrays` took apart; KeyError or ValueError if it was not."""
    combinations = np.asarray(arrays["combinations"], np.intp)
    seen = np.asarray(arrays["seen"], bool)
    table = CombinationTable(tuple(questions), combinations, seen)
    kept = np.asarray(arrays["corrections"], np.float64)
    pairs = zip(arrays["starts"], kept, strict=True)
    terms = tuple(
        Term(int(start), None if np.isnan(row).any() else row) for start, row in pairs
    )
    layer = (
        np.asarray(arrays["joint_weights"], np.float32),
        np.asarray(arrays["joint_bias"], np.float32),
    )
    return JointHeads(plain, layer, table, terms, float(arrays["lift"]))
