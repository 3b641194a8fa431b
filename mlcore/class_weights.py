"""How much a yes and a no of each label count, from the answers trained on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# One picture of a very rare label would otherwise drown all others.
MOST = 20.0

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelWeights:
    """float32 (L,) factors of the loss for a yes and for a no."""

    yes: Weights
    no: Weights


def balance(y: npt.NDArray[np.int8], output: str) -> LabelWeights:
    """The weights under which yes and no of every label weigh the same in all.

    sigmoid: known / (2 * yes) and known / (2 * no), label by label. softmax:
    images / (labels * yes), so that every class weighs the same. None above 20; a
    side without any example counts 1.
    """
    yes, no = (y == 1).sum(axis=0), (y == 0).sum(axis=0)
    if output == "softmax":
        among = (y == 1).sum(axis=1, keepdims=True)
        shares = ((y == 1) / np.maximum(1, among)).sum(axis=0)
        whole = np.full(len(shares), shares.sum())
        no = np.ones(len(shares), np.float32)
        return LabelWeights(_ratio(whole, shares * len(shares)), no)
    return LabelWeights(_ratio(yes + no, 2 * yes), _ratio(yes + no, 2 * no))


def _ratio(whole: npt.NDArray[np.number], part: npt.NDArray[np.number]) -> Weights:
    ratios = np.ones(len(whole), np.float64)
    np.divide(whole, part, out=ratios, where=part > 0)
    return np.minimum(ratios, MOST).astype(np.float32)
