"""How strongly to pull weights to zero: chosen by cross-validation, per question."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from mlcore.head_loss import Target, loss_and_slope
from mlcore.head_solver import Axes, Doubles, Solution, solve

# From strong to weak: each fit starts where the one before it ended.
PULLS = (10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003)
FOLDS = 3
# Cross-validation only ranks; the final fit is exact.
ROUGH = 1e-4

Rows = npt.NDArray[np.intp]


def choose_pulls(
    axes: Axes,
    targets: Sequence[Target],
    folds: Sequence[Rows],
    on_step: Callable[[], None],
    on_fit: Callable[[], None],
) -> list[float]:
    """For each question the pull with the least loss on the folds left out."""
    losses = np.zeros((len(PULLS), len(targets)))
    for held_out in folds:
        rest = np.setdiff1d(np.arange(len(axes.turned)), held_out)
        losses += _judge(axes, targets, rest, held_out, on_step, on_fit)
    return [PULLS[at] for at in losses.argmin(axis=0).tolist()]


def _judge(
    axes: Axes,
    targets: Sequence[Target],
    rest: Rows,
    held_out: Rows,
    on_step: Callable[[], None],
    on_fit: Callable[[], None],
) -> Doubles:
    """(pulls, questions) losses on `held_out` of fits on `rest`."""
    known, asked = axes.rows(rest), axes.rows(held_out)
    learned = [target.rows(rest) for target in targets]
    judged = [target.rows(held_out) for target in targets]
    width = targets[-1].columns.stop
    losses = np.zeros((len(PULLS), len(targets)))
    found: Solution | None = None
    for at, pull in enumerate(PULLS):
        pulls = np.full(width, pull)
        found = solve(known, learned, pulls, found, on_step, ROUGH)
        logits = found.logits(asked.turned)
        losses[at] = [loss_and_slope(logits[:, t.columns], t)[0] for t in judged]
        on_fit()
    return losses


def make_folds(y: npt.NDArray[np.int8], seed: int) -> list[Rows]:
    """Row numbers in parts; pictures with the same answers are dealt out evenly."""
    _, kinds = np.unique(y, axis=0, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(kinds.ravel()[order], kind="stable")]
    return [np.sort(order[start::FOLDS]) for start in range(min(FOLDS, len(y)))]
