"""Linear heads fitted by L-BFGS: cross-entropy plus a pull of the weights to zero.

The features are standardised and turned into their principal axes first. Along these
the curvature is known well enough to scale every step: some twenty steps suffice
where the plain problem takes hundreds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

# Its parts load when they are first used: answering needs none of them.
import scipy

from mlcore.head_loss import Target, loss_and_slope

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

MOST_STEPS = 500
REMEMBERED_STEPS = 20
# Below this share of the widest axis float32 holds only noise.
NARROWEST = 1e-7
MOST_AXES = 1024
SPARE_AXES = 32
# How much a step of probability curves: p (1 - p) of answers that fit well already.
CURVATURE = 0.05


@dataclass(frozen=True, slots=True)
class Axes:
    """Features (n, r) on principal axes, and how to come back from there.

    `turned = (x - mean) @ there`, with `there` (d, r).
    """

    turned: Floats
    mean: Floats
    there: Floats

    def rows(self, chosen: npt.NDArray[np.intp]) -> "Axes":
        """The same axes with some of the pictures."""
        return replace(self, turned=self.turned[chosen])

    def unfold(self, weights: Doubles, bias: Doubles) -> tuple[Floats, Floats]:
        """Weights (d, C) and bias (C,) for features as they came."""
        plain = (self.there.astype(np.float64) @ weights).astype(np.float32)
        moved = bias - self.mean.astype(np.float64) @ plain
        return plain, moved.astype(np.float32)


def find_axes(x: Floats, most: int = MOST_AXES) -> Axes:
    """Standardise the columns, make rows about 1 long, turn to the principal axes."""
    mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = x.std(axis=0, dtype=np.float64).astype(np.float32)
    useful = spread > 1e-6
    count = max(1, int(useful.sum()))
    scale = np.where(useful, 1 / np.where(useful, spread, 1), 0) / np.sqrt(count)
    scale = scale.astype(np.float32)
    standard = (x - mean) * scale
    turn = _principal(standard, most)
    return Axes(standard @ turn, mean, scale[:, None] * turn)


def _principal(standard: Floats, most: int) -> Floats:
    """(d, r) orthonormal columns that hold the rows, by falling variance.

    With more than `most`, those of the most variance, found by projecting on
    random directions: the rest would cost most of the time and says next to nothing.
    """
    n, d = standard.shape
    if min(n, d) > most:
        base = _main_directions(standard, most + SPARE_AXES)
    elif n < d:
        base, _ = scipy.linalg.qr(standard.T, mode="economic")
    else:
        base = np.eye(d, dtype=np.float32)
    small = standard @ base
    values, vectors = scipy.linalg.eigh(small.T @ small)
    kept = values > NARROWEST * max(float(values[-1]), 1e-30)
    found = (base @ vectors[:, kept])[:, ::-1][:, :most]
    # With equal rows nothing varies: one axis keeps the shapes alive.
    return np.ascontiguousarray(found if kept.any() else base @ vectors[:, :1])


def _main_directions(standard: Floats, count: int) -> Floats:
    """(d, count) orthonormal columns near those of the most variance."""
    chance = np.random.default_rng(0)
    probes = chance.standard_normal((len(standard), count), np.float32)
    base, _ = scipy.linalg.qr(standard.T @ probes, mode="economic")
    base, _ = scipy.linalg.qr(standard.T @ (standard @ base), mode="economic")
    return np.asarray(base, np.float32)


@dataclass(frozen=True, slots=True)
class Solution:
    """Weights (r, C) and bias (C,) on the axes."""

    weights: Doubles
    bias: Doubles

    def logits(self, turned: Floats) -> Doubles:
        """(n, C) of features on the axes."""
        return turned @ self.weights.astype(np.float32) + self.bias


def solve(
    axes: Axes,
    targets: Sequence[Target],
    pulls: Doubles,
    start: Solution | None,
    on_step: Callable[[], None],
    tolerance: float = 1e-6,
) -> Solution:
    """The weights of least loss + pull / 2 * weights²; `pulls` (C,) has one a column.

    `on_step` may raise to end it.
    """
    turned = axes.turned
    width = len(pulls)
    steps = _step_sizes(turned, targets, pulls)
    rows = max(1.0, sum(target.amount for target in targets))

    def judge(flat: Doubles) -> tuple[float, Doubles]:
        on_step()
        table = flat.reshape(-1, width) * steps
        weights, bias = table[:-1], table[-1]
        logits = Solution(weights, bias).logits(turned)
        total = 0.5 * float((pulls * weights**2).sum())
        slope = np.zeros_like(logits)
        for target in targets:
            loss, own = loss_and_slope(logits[:, target.columns], target)
            total += loss
            slope[:, target.columns] = own
        by_weights = turned.T @ slope.astype(np.float32) + pulls * weights
        downhill = np.vstack([by_weights, slope.sum(axis=0)]) * steps
        return total / rows, downhill.ravel() / rows

    begin = np.zeros_like(steps)
    if start is not None:
        begin = np.vstack([start.weights, start.bias]) / steps
    # Float32 sums end a line search early near the bottom: that is good enough.
    found = scipy.optimize.minimize(
        judge,
        begin.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": MOST_STEPS,
            "maxcor": REMEMBERED_STEPS,
            "gtol": tolerance,
            "ftol": tolerance * 1e-2,
        },
    )
    table = np.asarray(found.x).reshape(-1, width) * steps
    return Solution(table[:-1], table[-1])


def _step_sizes(turned: Floats, targets: Sequence[Target], pulls: Doubles) -> Doubles:
    """(r + 1, C): one over the root of the curvature along each axis, bias last."""
    spread = np.einsum("ij,ij->j", turned, turned).astype(np.float64)
    axes = np.append(spread, len(turned))[:, None]
    pulled = np.vstack([np.tile(pulls, (len(spread), 1)), np.zeros(len(pulls))])
    return np.asarray(1 / np.sqrt(CURVATURE * axes + pulled + 1e-9))
