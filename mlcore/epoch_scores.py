"""The few numbers written after every epoch, cheap enough to have each time."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mlcore.config import TrainConfig
from mlcore.decisions import Limits, decide
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

    @classmethod
    def of(cls, config: TrainConfig, output: str) -> "Scoring":
        """The scoring a run's settings ask for."""
        limits = live_limits(config, 1)
        return cls(output, limits.thresholds[0], config.beta, config.loss, limits.top_k)


def to_probabilities(logits: Floats, output: str) -> Floats:
    """float32 (n, L) probabilities: sigmoid per label, or softmax per row."""
    if output == "softmax":
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
    # exp of a positive number could overflow: use the side that shrinks.
    shrunk = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1.0, shrunk) / (1.0 + shrunk), np.float32)


def score(logits: Floats, y: Answers, how: Scoring) -> dict[str, float]:
    """Loss, binary accuracy, exact match and three F-betas over the known answers.

    An F-beta that is undefined (no yes asked or given anywhere) is 0. `f_beta` is
    the mean over pictures, micro counts answers, macro is the mean over labels.
    """
    probabilities = to_probabilities(logits, how.output)
    limits = Limits.of(how.threshold, y.shape[1])
    said = decide(probabilities, replace(limits, top_k=how.top_k), how.output)
    known = y >= 0
    right = said == (y == 1)
    return {
        "loss": loss_of(logits, y, how.output, how.loss),
        "binary_accuracy": float(right[known].sum() / max(1, known.sum())),
        "exact_match": float((right | ~known).all(axis=1).mean()),
        "f_beta": f_beta_of_samples(y, said, beta=how.beta) or 0.0,
        "f_beta_micro": f_beta_micro(y, said, beta=how.beta) or 0.0,
        "f_beta_macro": f_beta_macro(y, said, beta=how.beta) or 0.0,
    }
