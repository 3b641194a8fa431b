"""The few numbers written after every epoch, cheap enough to have each time."""

import numpy as np
import numpy.typing as npt

from mlcore.metrics import decide, f_beta_of_samples

Floats = npt.NDArray[np.float32]
Answers = npt.NDArray[np.int8]


def to_probabilities(logits: Floats, output: str) -> Floats:
    """float32 (n, L) probabilities: sigmoid per label, or softmax per row."""
    if output == "softmax":
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
    # exp of a positive number could overflow: use the side that shrinks.
    shrunk = np.exp(-np.abs(logits))
    return np.asarray(np.where(logits >= 0, 1.0, shrunk) / (1.0 + shrunk), np.float32)


def loss_of(logits: Floats, y: Answers, output: str) -> float:
    """Mean cross-entropy over known answers, as the training step computes it."""
    wide = logits.astype(np.float64)
    if output == "softmax":
        shifted = wide - wide.max(axis=1, keepdims=True)
        log_sums = np.log(np.exp(shifted).sum(axis=1))
        return float(np.mean(log_sums - (shifted * (y == 1)).sum(axis=1)))
    losses = np.maximum(wide, 0) - wide * (y == 1) + np.log1p(np.exp(-np.abs(wide)))
    known = y >= 0
    return float(losses[known].sum() / max(1, known.sum()))


def score(
    logits: Floats, y: Answers, output: str, threshold: float
) -> dict[str, float]:
    """loss, binary_accuracy, exact_match and f2 over the known answers.

    An f2 that is undefined (no yes asked or given anywhere) is 0.
    """
    probabilities = to_probabilities(logits, output)
    said = decide(probabilities, np.full(y.shape[1], threshold), output)
    known = y >= 0
    right = said == (y == 1)
    return {
        "loss": loss_of(logits, y, output),
        "binary_accuracy": float(right[known].sum() / max(1, known.sum())),
        "exact_match": float((right | ~known).all(axis=1).mean()),
        "f_beta": f_beta_of_samples(y, said, beta=2.0) or 0.0,
    }
