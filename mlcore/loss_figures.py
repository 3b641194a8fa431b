"""The losses in numpy, for the figures after an epoch. No TensorFlow."""

import numpy as np
import numpy.typing as npt

# Lin et al. 2017: how strongly what is already right is passed over.
FOCUS = 2.0
# Ridnik et al. 2021: the same for a no, and the probability that counts as nought.
NEGATIVE_FOCUS = 4.0
MARGIN = 0.05

Wide = npt.NDArray[np.float64]


def loss_of(
    logits: npt.NDArray[np.float32],
    y: npt.NDArray[np.int8],
    output: str,
    kind: str = "auto",
) -> float:
    """The mean loss over known answers, without the weights of rare labels.

    Without weights, so that runs with and without them can be compared.
    """
    wide = logits.astype(np.float64)
    if output == "softmax":
        return _softmax_loss(wide, y == 1, kind)
    known = y >= 0
    losses = _sigmoid_losses(wide, y == 1, kind)
    return float(losses[known].sum() / max(1, known.sum()))


def _sigmoid_losses(wide: Wide, yes: npt.NDArray[np.bool_], kind: str) -> Wide:
    entropy: Wide = np.maximum(wide, 0) - wide * yes + np.log1p(np.exp(-np.abs(wide)))
    if kind == "focal":
        # exp(-cross-entropy) is the probability of the right answer.
        return np.asarray((-np.expm1(-entropy)) ** FOCUS * entropy)
    if kind == "asymmetric":
        probability = np.exp(-np.logaddexp(0, -wide))
        shifted = np.maximum(probability - MARGIN, 0)
        easy = -(shifted**NEGATIVE_FOCUS) * np.log1p(-shifted)
        return np.where(yes, entropy, easy)
    return entropy


def _softmax_loss(wide: Wide, yes: npt.NDArray[np.bool_], kind: str) -> float:
    shifted = wide - wide.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    target = yes / np.maximum(1, yes.sum(axis=1, keepdims=True))
    if kind == "focal":
        logs = (-np.expm1(logs)) ** FOCUS * logs
    return float(-(target * logs).sum(axis=1).mean()) if len(wide) else 0.0
