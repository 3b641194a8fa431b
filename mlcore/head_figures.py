"""The figures of heads on some images, named as those of an epoch. Pure numpy."""

import numpy as np
import numpy.typing as npt

from mlcore.decisions import decide, exclusive_columns
from mlcore.epoch_scores import score_answers
from mlcore.head_loss import loss_and_slope, make_targets
from mlcore.head_solver import Floats
from mlcore.heads import Heads
from mlcore.joint_heads import JointHeads
from mlcore.snapshot import Snapshot
from mlcore.thresholds import live_limits


def judge(
    heads: Heads | JointHeads, x: Floats, rows: npt.NDArray[np.intp], snapshot: Snapshot
) -> dict[str, float]:
    """Loss, binary accuracy, exact match and F-betas of features of those rows.

    The loss is the mean over what is known of each question.
    """
    y, config = snapshot.y[rows], snapshot.config
    limits = live_limits(config, y.shape[1])
    exclusive = exclusive_columns(snapshot.labels, snapshot.groups)
    said = decide(heads.probabilities(x), limits, snapshot.output, exclusive)
    loss = _mean_loss(heads, x, y)
    return {"loss": loss} | score_answers(y, said, config.beta)


def _mean_loss(heads: Heads | JointHeads, x: Floats, y: npt.NDArray[np.int8]) -> float:
    logits = heads.logits(x).astype(np.float64)
    targets = make_targets(heads.questions, y, "none")
    total = sum(loss_and_slope(logits[:, t.columns], t)[0] for t in targets)
    return total / max(1.0, sum(target.amount for target in targets))
