"""A head with one hidden layer: Adam, dropout, a rate that rises and falls."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from mlcore.head_loss import Target, loss_and_slope

Floats = npt.NDArray[np.float32]
Layer = tuple[Floats, Floats]

EPOCHS = 40
BATCH = 64
RATE = 2e-3
WARM = 0.2
MOMENTUM, SPREAD, TINY = 0.9, 0.99, 1e-8


def train_hidden(
    turned: Floats,
    targets: Sequence[Target],
    sizes: tuple[int, int],
    habits: tuple[float, float, int],
    report: Callable[[int, int], None],
) -> tuple[Layer, Layer]:
    """Both layers for features on their axes.

    `sizes` are hidden units and logits; `habits` the pull of all weights to zero,
    the part of the hidden units dropped at each step, and the seed.
    """
    chance = np.random.default_rng(habits[2])
    # Rows are about 1 long: brought to the size that the start values are made for.
    scale = np.float32(np.sqrt(turned.shape[1]))
    network = _Network(turned.shape[1], sizes, habits[:2], chance)
    steps = -(-len(turned) // BATCH)
    for epoch in range(EPOCHS):
        order = chance.permutation(len(turned))
        for step in range(steps):
            rows = order[step * BATCH : (step + 1) * BATCH]
            own = [target.rows(rows) for target in targets]
            network.step(turned[rows] * scale, own, (epoch + step / steps) / EPOCHS)
            report(epoch, EPOCHS)
    first, bias, second, last = network.values
    return (first * scale, bias), (second, last)


class _Network:
    """Weights, bias, weights, bias with their Adam averages."""

    def __init__(
        self,
        width: int,
        sizes: tuple[int, int],
        habits: tuple[float, float],
        chance: np.random.Generator,
    ):
        units, logits = sizes
        self.pull, self.dropout = habits
        self.chance = chance
        first = chance.standard_normal((width, units), np.float32)
        second = chance.standard_normal((units, logits), np.float32)
        self.values = [
            first * np.float32(np.sqrt(2 / width)),
            np.zeros(units, np.float32),
            second * np.float32(np.sqrt(1 / units)),
            np.zeros(logits, np.float32),
        ]
        self.means = [np.zeros_like(value) for value in self.values]
        self.squares = [np.zeros_like(value) for value in self.values]
        self.count = 0

    def step(self, x: Floats, targets: Sequence[Target], passed: float) -> None:
        """One step on a batch; `passed` is the part of the training behind it."""
        first, bias, second, last = self.values
        before = x @ first + bias
        kept = self.chance.random(before.shape, np.float32) >= self.dropout
        mask = (kept & (before > 0)) / np.float32(1 - self.dropout)
        hidden = before * mask
        slope = self._slope(hidden @ second + last, targets)
        back = (slope @ second.T) * mask
        slopes = [x.T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0)]
        self._adam(slopes, _rate(passed))

    def _slope(self, logits: Floats, targets: Sequence[Target]) -> Floats:
        slope = np.zeros_like(logits)
        wide = logits.astype(np.float64)
        for target in targets:
            amount = max(target.amount, 1.0)
            own = loss_and_slope(wide[:, target.columns], target)[1]
            slope[:, target.columns] = own / amount
        return slope

    def _adam(self, slopes: list[Floats], rate: float) -> None:
        self.count += 1
        fresh = 1 - MOMENTUM**self.count, 1 - SPREAD**self.count
        rows = zip(self.values, slopes, self.means, self.squares, strict=True)
        for value, slope, mean, square in rows:
            mean += (1 - MOMENTUM) * (slope - mean)
            square += (1 - SPREAD) * (slope * slope - square)
            move = (mean / fresh[0]) / (np.sqrt(square / fresh[1]) + TINY)
            # Pulled apart from the slope (AdamW); biases are left alone.
            decay = self.pull * value if value.ndim == 2 else 0.0
            value -= np.float32(rate) * (move + decay)


def _rate(passed: float) -> float:
    """The rate rises over the first fifth, then falls along a cosine to nothing."""
    if passed < WARM:
        return RATE * (0.1 + 0.9 * passed / WARM)
    return float(RATE * 0.5 * (1 + np.cos(np.pi * (passed - WARM) / (1 - WARM))))
