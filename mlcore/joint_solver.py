"""The joint additive loss: softmax over the combinations that training showed.

Combinations never shown are not in the denominator, so nothing pushes "black" away
from "dress" (Compositional Risk Minimization, ICML 2025). Written from its formulas.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Its parts load when they are first used: answering needs none of them.
import scipy

from mlcore.head_solver import CURVATURE, Axes, Doubles

Values = npt.NDArray[np.intp]

MOST_STEPS = 300
REMEMBERED_STEPS = 20
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class JointSolution:
    """Weights (r, values) of each group on its axes, and a bias of each combination."""

    weights: tuple[Doubles, ...]
    bias: Doubles

    def evidence(self, turned: Sequence[npt.NDArray[np.float32]]) -> list[Doubles]:
        """(n, values) of each group for features on its axes."""
        pairs = zip(turned, self.weights, strict=True)
        return [np.asarray(x @ w.astype(np.float32), np.float64) for x, w in pairs]


def sum_evidence(evidence: Sequence[Doubles], combinations: Values) -> Doubles:
    """(n, K) scores of combinations (K, G): the sum of what speaks for their parts."""
    columns = zip(evidence, combinations.T, strict=True)
    return np.asarray(sum(part[:, values] for part, values in columns))


def log_sum(scores: Doubles) -> Doubles:
    """(n,) log of the summed exponentials of rows."""
    top = scores.max(axis=1)
    return np.asarray(top + np.log(np.exp(scores - top[:, None]).sum(axis=1)))


def solve_joint(
    axes: Sequence[Axes],
    shown: Values,
    places: Values,
    widths: Sequence[int],
    pull: float,
    on_step: Callable[[], None],
) -> JointSolution:
    """Fit one evidence a group so that the shown combinations (S, G) are told apart.

    `axes` are each group's features of the n pictures, `places` (n,) the row of
    `shown` that each picture shows, `widths` the number of values of each group.
    """
    problem = _Problem(axes, shown, places, widths, pull)

    def judge(flat: Doubles) -> tuple[float, Doubles]:
        on_step()
        return problem.judge(flat)

    found = scipy.optimize.minimize(
        judge,
        np.zeros(problem.size),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": MOST_STEPS,
            "maxcor": REMEMBERED_STEPS,
            "gtol": TOLERANCE,
            "ftol": TOLERANCE * 1e-2,
        },
    )
    return problem.read(np.asarray(found.x))


class _Problem:
    """Loss and slope, each number scaled by the curvature along its axis."""

    def __init__(
        self,
        axes: Sequence[Axes],
        shown: Values,
        places: Values,
        widths: Sequence[int],
        pull: float,
    ):
        self.turned = [one.turned for one in axes]
        self.shown, self.places, self.pull = shown, places, pull
        self.rows = np.arange(len(places))
        self.tables = [
            np.eye(width)[values] for width, values in zip(widths, shown.T, strict=True)
        ]
        self.shapes = [
            (x.shape[1], w) for x, w in zip(self.turned, widths, strict=True)
        ]
        self.ends = np.cumsum([rows * columns for rows, columns in self.shapes])
        self.size = int(self.ends[-1]) + len(shown)
        self.steps = [_step_sizes(x, pull) for x in self.turned]
        self.bias_step = 1 / np.sqrt(CURVATURE * max(1, len(places)))

    def read(self, flat: Doubles) -> JointSolution:
        parts = np.split(flat, self.ends)
        weights = tuple(
            part.reshape(shape) * steps
            for part, shape, steps in zip(
                parts[:-1], self.shapes, self.steps, strict=True
            )
        )
        return JointSolution(weights, parts[-1] * self.bias_step)

    def judge(self, flat: Doubles) -> tuple[float, Doubles]:
        found = self.read(flat)
        scores = sum_evidence(found.evidence(self.turned), self.shown) + found.bias
        whole = log_sum(scores)
        loss = float((whole - scores[self.rows, self.places]).sum())
        loss += 0.5 * self.pull * sum(float((w**2).sum()) for w in found.weights)
        slope = np.exp(scores - whole[:, None])
        slope[self.rows, self.places] -= 1
        downhill = [
            (x.T @ (slope @ table).astype(np.float32) + self.pull * w) * steps
            for x, table, w, steps in zip(
                self.turned, self.tables, found.weights, self.steps, strict=True
            )
        ]
        downhill.append(slope.sum(axis=0) * self.bias_step)
        count = max(1, len(self.rows))
        return loss / count, np.concatenate([d.ravel() for d in downhill]) / count


def _step_sizes(turned: npt.NDArray[np.float32], pull: float) -> Doubles:
    spread = np.einsum("ij,ij->j", turned, turned).astype(np.float64)
    return np.asarray(1 / np.sqrt(CURVATURE * spread + pull + 1e-9))[:, None]


def correct_for_shown(
    evidence: Sequence[Doubles], shown: Values, bias: Doubles, combinations: Values
) -> Doubles:
    """(K,) B*: what each combination's score is on average beside the shown ones.

    log mean_i exp(s(x_i, z) - logsumexp over shown of (s + b)), over training pictures
    as they come; subtracted, shown and unseen combinations can be compared.
    """
    whole = log_sum(sum_evidence(evidence, shown) + bias)
    beside = sum_evidence(evidence, combinations) - whole[:, None]
    return np.asarray(log_sum(beside.T) - np.log(max(1, len(whole))))
