"""What joins two branches, inside a network's graph: two_branch_fusion in float32."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from mlcore.head_questions import FREE, Question
from mlcore.two_branch_fusion import LEAST, Fusion
from mlcore.whole_answers import Shares, answer_labels, multiply

Array = npt.NDArray[Any]


def fused_shares(fusion: Fusion, raw: Any) -> tuple[list[Shares], Any]:
    """What (n, 2L) of the network says, and (n,) that it was never trained."""
    labels = raw.shape[1] // 2
    plain, branches = raw[:, :labels], raw[:, labels:]
    # Free labels belong to no combination: what both say counts the same.
    free = [question for question in fusion.questions if question.kind == FREE]
    found = answer_labels(free, (plain + branches) * 0.5)
    if not (fusion.asked and len(fusion.seen)):
        found += answer_labels(fusion.asked, (plain + branches) * 0.5)
        return found, ops.sum(raw, axis=1) * 0.0
    shares, unseen = _shares(fusion, plain, branches)
    for question, share in zip(fusion.asked, shares, strict=True):
        kept = ops.maximum(share, LEAST)
        logs = ops.log(kept) - ops.log(ops.sum(kept, axis=1, keepdims=True))
        found.append(Shares(question, logs))
    return found, unseen[:, 0]


def _shares(fusion: Fusion, plain: Any, branches: Any) -> tuple[list[Any], Any]:
    """Probabilities (n, width) of each exclusive question; (n, 1) of unseen."""
    alone = _share_out(fusion.asked, branches)
    possible = _joint(alone, fusion.seen)
    trained = ops.sum(possible, axis=1, keepdims=True)
    agreed = _joint(_share_out(fusion.asked, plain), fusion.seen)
    agreed *= trained / ops.maximum(ops.sum(agreed, axis=1, keepdims=True), LEAST)
    factor = float(np.exp(fusion.plan.offset))
    has_impossible = len(fusion.impossible) > 0
    cannot = _joint(alone, fusion.impossible) if has_impossible else None
    left = 1.0 - trained
    if cannot is not None:
        left -= ops.sum(cannot, axis=1, keepdims=True)
    unseen = factor * ops.clip(left, 0.0, 1.0)
    total = ops.maximum(unseen + trained, LEAST)
    found = []
    for at, share in enumerate(alone):
        width = share.shape[1]
        rest = share - _marginal(possible, fusion.seen, at, width)
        if cannot is not None:
            rest -= _marginal(cannot, fusion.impossible, at, width)
        own = _marginal(agreed, fusion.seen, at, width)
        found.append((factor * ops.clip(rest, 0.0, 1.0) + own) / total)
    return found, unseen / total


def _share_out(questions: Sequence[Question], logits: Any) -> list[Any]:
    return [ops.exp(one.logs) for one in answer_labels(questions, logits)]


def _joint(shares: Sequence[Any], choices: Array) -> Any:
    """(n, m) the probability of each combination, its groups taken as independent."""
    parts = [
        multiply(share, np.eye(share.shape[1])[choices[:, at]].T)
        for at, share in enumerate(shares)
    ]
    found = parts[0]
    for part in parts[1:]:
        found = found * part
    return found


def _marginal(joint: Any, choices: Array, at: int, width: int) -> Any:
    """(n, width) the probability of each choice of one question."""
    return multiply(joint, np.eye(width)[choices[:, at]])
