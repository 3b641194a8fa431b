"""How far a picture is from everything a run was trained on. No TensorFlow.

A model answers whatever it is shown: a shoe is a dress or a shirt to it. So the
features of some training pictures are kept, and the distance to the nearest of them is
compared with that of held-out pictures, which are as new as a picture may be.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Its parts load when they are first used: answering needs none of them.
import scipy
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mlcore.errors import PredictionError
from mlcore.row_draws import draw_some

Floats = NDArray[np.float32]

NOVELTY_NAME = "novelty.npz"
ROWS_AT_MOST = 2000
AXES_AT_MOST = 64
NEIGHBOUR = 5
FAR_ABOVE = 0.99
# Fewer do not have a 99th part in a hundred to speak of.
FEWEST = 50
ARRAYS = ("mean", "scale", "axes", "rows", "usual")


@dataclass(frozen=True, slots=True)
class Strangeness:
    """How far one picture is: `percentile` of held-out pictures are nearer.

    `far` is where that is more than 99 in 100.
    """

    distance: float
    percentile: float
    far: bool


@dataclass(frozen=True, slots=True)
class Novelty:
    """What distances need: how to turn features (n, d), training rows, usual distances.

    `rows` (m, k + 1) are on k principal axes, the last column says how far off these
    axes a picture lies; `usual` are the sorted distances of pictures that belong.
    """

    mean: Floats
    scale: Floats
    axes: Floats
    rows: Floats
    usual: Floats

    def measure(self, features: Floats) -> Floats:
        """Return (n,) distances of features (n, d) to the fifth nearest row."""
        return self._to_neighbour(self._turn(features), NEIGHBOUR)

    @property
    def far_above(self) -> float:
        """The distance that 99 of 100 pictures that belong stay below."""
        return float(np.quantile(self.usual, FAR_ABOVE))

    def judge(self, distance: float) -> Strangeness:
        """Return how unusual a distance is."""
        nearer = float(np.searchsorted(self.usual, distance) / len(self.usual))
        is_far = distance > self.far_above
        return Strangeness(round(distance, 4), round(nearer, 4), is_far)

    def _turn(self, features: Floats) -> Floats:
        standard = (features - self.mean) * self.scale
        turned = standard @ self.axes
        rest = np.square(standard).sum(axis=1) - np.square(turned).sum(axis=1)
        return np.column_stack([turned, np.sqrt(np.maximum(rest, 0))])

    def _to_neighbour(self, turned: Floats, place: int) -> Floats:
        """Distance to the row that is the `place`-th nearest, 1 the nearest."""
        place = min(place, len(self.rows))
        own = np.square(self.rows).sum(axis=1)
        found = [np.zeros(0, np.float32)]
        for start in range(0, len(turned), ROWS_AT_MOST):
            part = turned[start : start + ROWS_AT_MOST]
            squares = (
                np.square(part).sum(axis=1)[:, None] + own - 2 * part @ self.rows.T
            )
            nearest = np.partition(squares, place - 1, axis=1)[:, place - 1]
            found.append(np.sqrt(np.maximum(nearest, 0)))
        return np.concatenate(found)


def learn_novelty(train: Floats, held_out: Floats, seed: int) -> Novelty | None:
    """Return it for features of training (n, d) and of held-out pictures (h, d).

    With fewer than 50 of the latter the training pictures' own distances count, each
    without itself. None with fewer than 50 training pictures.
    """
    if len(train) < FEWEST:
        return None
    train = train[draw_some(np.arange(len(train)), ROWS_AT_MOST, seed)]
    chance = np.random.default_rng(seed)
    mean = train.mean(axis=0)
    spread = train.std(axis=0)
    count = np.sqrt(max(1, int((spread > 1e-6).sum())))
    scale = np.where(spread > 1e-6, 1 / np.maximum(spread, 1e-6), 0) / count
    # OpenBLAS' threads wait for each other spinning.
    with threadpool_limits(1, user_api="blas"):
        axes = _main_axes((train - mean) * scale, chance)
        empty = np.zeros((0, len(axes[0]) + 1), np.float32)
        found = Novelty(mean, scale.astype(np.float32), axes, empty, empty[:, 0])
        rows = found._turn(train)
        found = Novelty(mean, found.scale, axes, rows, found.usual)
        if len(held_out) >= FEWEST:
            usual = found.measure(
                held_out[draw_some(np.arange(len(held_out)), ROWS_AT_MOST, seed)]
            )
        else:
            usual = found._to_neighbour(rows, NEIGHBOUR + 1)
    return Novelty(mean, found.scale, axes, rows, np.sort(usual))


def _main_axes(standard: Floats, chance: np.random.Generator) -> Floats:
    """(d, k) orthonormal directions of the most variance, found from random ones."""
    n, d = standard.shape
    wanted = min(AXES_AT_MOST, n - 1, d)
    probes = chance.standard_normal((n, min(n, d, wanted + 16)), np.float32)
    base, _ = scipy.linalg.qr(standard.T @ probes, mode="economic")
    base, _ = scipy.linalg.qr(standard.T @ (standard @ base), mode="economic")
    _, _, turns = np.linalg.svd(standard @ base, full_matrices=False)
    return np.ascontiguousarray((base @ turns.T)[:, :wanted], np.float32)


def novelty_as_bytes(found: Novelty) -> bytes:
    """An .npz of plain numbers."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{n: getattr(found, n) for n in ARRAYS})
    return buffer.getvalue()


def read_novelty(run_dir: Path, width: int) -> Novelty | None:
    """The novelty of a model folder whose files were checked; None if it has none.

    Raises `PredictionError` if it is damaged or made for other than `width` features.
    """
    path = run_dir / NOVELTY_NAME
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as table:
            found = Novelty(*(np.asarray(table[name], np.float32) for name in ARRAYS))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise _damaged(run_dir, str(error)) from error
    if len(found.axes) != width or found.rows.shape[1] != found.axes.shape[1] + 1:
        raise _damaged(run_dir, "its numbers do not fit the model")
    return found


def _damaged(run_dir: Path, why: str) -> PredictionError:
    return PredictionError(
        f"{NOVELTY_NAME} of run {run_dir.name} cannot be read: {why}. Train again."
    )
