"""From logits to probabilities inside a network's graph: questions and temperatures.

What calibration, epoch_scores and head_questions do with numpy, as keras operations
in float32 that every runtime has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import layers, ops

from mlcore.calibration import NEARLY_ONE, TINY, Temperature
from mlcore.errors import PredictionError
from mlcore.head_questions import AT_MOST_ONE, FREE, ONE, Question

Array = npt.NDArray[Any]

# The logit at which calibration takes a probability to be as sure as can be told.
SUREST = float(np.log(NEARLY_ONE) - np.log1p(-NEARLY_ONE))
LEAST_LOGIT = float(np.log(TINY))


@dataclass(frozen=True, slots=True)
class Shares:
    """What one question is answered: logarithms (n, width) of probabilities.

    Of a free label (n, 1), they are its logit instead.
    """

    question: Question
    logs: Any

    @property
    def probabilities(self) -> Any:
        """(n, labels) without the share of "none of them"."""
        if self.question.kind == FREE:
            return ops.sigmoid(self.logs)
        return ops.exp(self.logs)[:, : len(self.question.columns)]


def answer(question: Question, logits: Any) -> Shares:
    """The shares of one question by its own logits (n, width)."""
    if question.kind == FREE:
        return Shares(question, logits)
    return Shares(question, ops.log_softmax(logits, axis=-1))


def multiply(values: Any, weights: Array, bias: Array | None = None) -> Any:
    """(n, out) of values (n, in): the numbers become weights, kept as weights are."""
    layer = layers.Dense(
        weights.shape[1],
        use_bias=bias is not None,
        kernel_initializer="zeros",
        dtype="float32",
        trainable=False,
    )
    found = layer(values)
    kept = [weights] if bias is None else [weights, bias]
    layer.set_weights([np.asarray(one, np.float32) for one in kept])
    return found


def pick(values: Any, columns: Sequence[int]) -> Any:
    """The columns of (n, c) in that order."""
    places = list(columns)
    if places == list(range(places[0], places[0] + len(places))):
        return values[:, places[0] : places[0] + len(places)]
    # Not ops.take: tf2onnx makes an input of the model of one of its constants.
    return multiply(values, np.eye(values.shape[1])[:, places])


def questions_of_output(
    questions: Sequence[Question], output: str, labels: int
) -> list[Question]:
    """What the logits of a trained network are about, one column a label."""
    if output == "softmax":
        return [Question(ONE, tuple(range(labels)))]
    if output == "groups":
        return list(questions)
    return [Question(FREE, (at,)) for at in range(labels)]


def answer_labels(questions: Sequence[Question], logits: Any) -> list[Shares]:
    """The shares by logits (n, L) of labels: "none of them" has the logit 0."""
    found = []
    for question in questions:
        own = pick(logits, question.columns)
        if question.kind == AT_MOST_ONE:
            own = ops.concatenate([own, ops.zeros_like(own[:, :1])], axis=1)
        found.append(answer(question, own))
    return found


def to_probabilities(shares: Sequence[Shares], found: Sequence[Temperature]) -> Any:
    """(n, L) probabilities of all labels in their order, as sure as they may be."""
    parts = [_temper(one, found).probabilities for one in shares]
    together = ops.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]
    columns = [column for one in shares for column in one.question.columns]
    return pick(together, np.argsort(columns).tolist())


def _temper(shares: Shares, found: Sequence[Temperature]) -> Shares:
    question = shares.question
    own = next((o for o in found if set(question.columns) & set(o.columns)), None)
    if own is None or own.value == 1.0:
        return shares
    if own.kind != question.kind:
        raise PredictionError("Its temperatures do not fit its groups. Train again.")
    if question.kind == FREE:
        logs = ops.clip(shares.logs, LEAST_LOGIT, SUREST)
        return Shares(question, logs / own.value)
    logs = ops.maximum(shares.logs, LEAST_LOGIT)
    if question.kind == AT_MOST_ONE:
        none = ops.maximum(logs[:, -1:], float(np.log(1 - NEARLY_ONE)))
        logs = ops.concatenate([logs[:, :-1], none], axis=1)
    return Shares(question, ops.log_softmax(logs / own.value, axis=-1))
