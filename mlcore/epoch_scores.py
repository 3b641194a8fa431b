"""The few numbers written after every epoch, cheap enough to have each time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mlcore.config import TrainConfig
from mlcore.decisions import Decisions, Limits, decide
from mlcore.head_questions import AT_MOST_ONE, FREE, ONE, Question
from mlcore.loss_figures import loss_of
from mlcore.metrics import f_beta_macro, f_beta_micro, f_beta_of_samples
from mlcore.thresholds import live_limits

Floats = npt.NDArray[np.float32]
Answers = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How the logits of a run are judged."""

    output: str
    threshold: float = 0.5
    beta: float = 2.0
    loss: str = "auto"
    top_k: int = 0
    questions: tuple[Question, ...] = ()

    @classmethod
    def of(
        cls, config: TrainConfig, output: str, questions: tuple[Question, ...] = ()
    ) -> "Scoring":
        """The scoring a run's settings ask for; `questions` count with 'groups'."""
        limits = live_limits(config, 1)
        live = limits.thresholds[0]
        return cls(output, live, config.beta, config.loss, limits.top_k, questions)


def to_probabilities(
    logits: Floats, output: str, questions: Sequence[Question] = ()
) -> Floats:
    """float32 (n, L) probabilities: sigmoid per label, or softmax per row.

    With 'groups' each of the `questions` with several labels shares out one yes.
    """
    return np.asarray(exact_probabilities(logits, output, questions), np.float32)


def exact_probabilities(
    logits: npt.NDArray[np.floating], output: str, questions: Sequence[Question] = ()
) -> npt.NDArray[np.floating]:
    """The same with the digits of `logits`: float64 stays float64.

    A temperature needs them: near 1, float32 has three different numbers left.
    """
    if output == "softmax":
        return _softmax(logits)
    # exp of a positive number could overflow: use the side that shrinks.
    shrunk = np.exp(-np.abs(logits))
    each = np.where(logits >= 0, 1.0, shrunk) / (1.0 + shrunk)
    if output == "groups":
        for question in questions:
            if question.kind != FREE:
                columns = list(question.columns)
                each[:, columns] = _shares(logits[:, columns], question.kind)
    return np.asarray(each)


def _shares(logits: npt.NDArray[np.floating], kind: str) -> npt.NDArray[np.floating]:
    """What independent yes-or-no answers give, once two cannot be true together."""
    if kind != AT_MOST_ONE:
        return _softmax(logits)
    # "None of them" has the odds 1.
    return _softmax(np.pad(logits, ((0, 0), (0, 1))))[:, :-1]


def _softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def score(logits: Floats, y: Answers, how: Scoring) -> dict[str, float]:
    """Loss, binary accuracy, exact match and three F-betas over the known answers.

    An F-beta that is undefined (no yes asked or given anywhere) is 0. `f_beta` is
    the mean over pictures, micro counts answers, macro is the mean over labels.
    """
    probabilities = to_probabilities(logits, how.output, how.questions)
    limits = replace(Limits.of(how.threshold, y.shape[1]), top_k=how.top_k)
    exclusive = [(q.columns, q.kind == ONE) for q in how.questions if q.kind != FREE]
    said = decide(probabilities, limits, how.output, exclusive)
    loss = loss_of(logits, y, how.output, how.loss)
    return {"loss": loss} | score_answers(y, said, how.beta)


def score_answers(y: Answers, said: Decisions, beta: float) -> dict[str, float]:
    """Binary accuracy, exact match and three F-betas of what was said (n, L)."""
    known = y >= 0
    right = said == (y == 1)
    return {
        "binary_accuracy": float(right[known].sum() / max(1, known.sum())),
        "exact_match": float((right | ~known).all(axis=1).mean()),
        "f_beta": f_beta_of_samples(y, said, beta=beta) or 0.0,
        "f_beta_micro": f_beta_micro(y, said, beta=beta) or 0.0,
        "f_beta_macro": f_beta_macro(y, said, beta=beta) or 0.0,
    }
