"""How a score grows with examples: a power law, and how sure it is. Pure numpy.

The error 1 - F1 of a label is taken to fall as a * n**-b with the number n of its
training images, as it does over wide ranges for most networks. Held-out images are
drawn again many times (bootstrap), the same ones for every run, so what chance does
to a comparison is measured, not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DRAWS = 400
# An improvement counts as one when so many of the draws agree.
SURE = 0.9
# Under a half a mistake among the examples nobody can tell errors apart.
HALF_A_MISTAKE = 0.5


@dataclass(frozen=True, slots=True)
class Forecast:
    """What doubling the examples would bring, and whether that is more than chance.

    `improves` is the share of draws in which more examples went with a better score;
    `low` and `high` bound the gain in nine of ten draws.
    """

    gain: float
    low: float
    high: float
    improves: float

    @property
    def is_clear(self) -> bool:
        """Whether the runs differ by more than chance, one way or the other."""
        return self.improves >= SURE or self.improves <= 1 - SURE


def forecast_doubling(
    counts: Sequence[int], yes: Mask, said: Sequence[Mask], draws: int = DRAWS
) -> Forecast:
    """Return what twice the largest of `counts` would bring a label.

    `yes` (n,) is the truth on held-out images, `said` the answers of each run on the
    same images, in the order of `counts`.
    """
    weights = _draw(len(yes), draws)
    errors = np.stack([1 - f1_of_draws(yes, one, weights) for one in said])
    floor = HALF_A_MISTAKE / max(int(yes.sum()), 1)
    rates, gains = _fit_all(counts, np.maximum(errors, floor))
    # The first draw is the data as they are.
    low, high = np.quantile(gains, [0.05, 0.95])
    return Forecast(
        gain=float(gains[0]),
        low=float(low),
        high=float(high),
        # No difference speaks for neither side.
        improves=float(((np.sign(rates[1:]) + 1) / 2).mean()),
    )


def f1_of_draws(yes: Mask, said: Mask, weights: Floats) -> Floats:
    """Return F1 under each row of image weights (d, n); 0 where nothing is yes."""
    hits = weights @ (yes & said)
    wrong = weights @ (yes ^ said)
    total = 2 * hits + wrong
    return np.asarray(
        np.divide(2 * hits, total, out=np.zeros_like(total), where=total > 0)
    )


def _draw(images: int, draws: int) -> Floats:
    """Return (draws + 1, images) how often each image was drawn; first row: once."""
    generator = np.random.default_rng(0)
    drawn = generator.multinomial(images, np.full(images, 1 / images), draws)
    return np.vstack([np.ones(images), drawn.astype(float)])


def _fit_all(counts: Sequence[int], errors: Floats) -> tuple[Floats, Floats]:
    """Return rate and gain of doubling for errors (runs, draws)."""
    x, y = np.log(np.asarray(counts, float)), np.log(errors)
    off = (x - x.mean())[:, None]
    rates = -(off * (y - y.mean(axis=0))).sum(axis=0) / (off**2).sum()
    at_most = np.exp(y.mean(axis=0) - rates * (x.max() - x.mean()))
    gains = np.minimum(at_most, 1.0) * (1 - 2.0**-rates)
    return np.asarray(rates), np.asarray(gains)
