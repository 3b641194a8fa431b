"""What the frozen blocks make of every picture, computed once and kept in a file.

Epochs then cost what the blocks cost that train. No TensorFlow here: whoever asks
brings the function that computes.
"""

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mlcore.dataset import (
    FROZEN_ABOUT_NAME,
    FROZEN_NAME,
    Pixels,
    in_batches,
    read_rows,
    remove_frozen,
)
from mlcore.errors import TrainingError
from storage.files import explained_disk, write_durably

Half = npt.NDArray[np.float16]
Rows = npt.NDArray[np.intp]
# Pictures, and which draw of random changes (0 for none), to float16 outputs.
Compute = Callable[[Pixels, int], Half]

BATCH = 32
HALF_BYTES = 2
# Kept free for checkpoints and the database.
SPARE_BYTES = 200 * 10**6


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """What is to be computed: `variants` of each training picture, validation once.

    `shape` is that of one picture's output; `fingerprint` names pictures and weights.
    """

    train: Rows
    validation: Rows
    variants: int
    shape: tuple[int, ...]
    seed: int
    fingerprint: str

    @property
    def rows(self) -> int:
        """Outputs in the file: the variants one after another, then validation."""
        return self.variants * len(self.train) + len(self.validation)

    @property
    def row_bytes(self) -> int:
        """Size of one output."""
        return math.prod(self.shape) * HALF_BYTES

    def batches(self) -> list[tuple[int, Rows]]:
        """Pieces of work in the order of the file: draw (0 for none) and rows."""
        train = list(in_batches(self.train, BATCH))
        found = [(0, rows) for rows in train]
        for variant in range(1, self.variants):
            first = 1 + (variant - 1) * len(train)
            found += [(first + at, rows) for at, rows in enumerate(train)]
        return found + [(0, rows) for rows in in_batches(self.validation, BATCH)]


@dataclass(frozen=True, slots=True)
class FrozenOutputs:
    """The finished file: float16 outputs by row of the picture."""

    plan: FrozenPlan
    outputs: Half
    place: Rows
    first_variant: Rows

    @classmethod
    def open(cls, folder: Path, plan: FrozenPlan) -> "FrozenOutputs":
        """Map the file of a plan that was carried out."""
        path = folder / FROZEN_NAME
        outputs = np.memmap(path, np.float16, "r", shape=(plan.rows, *plan.shape))
        count = len(plan.train)
        last = max([-1, *plan.train.tolist(), *plan.validation.tolist()])
        place = np.full(last + 1, -1, np.intp)
        place[plan.train] = np.arange(count)
        place[plan.validation] = np.arange(plan.variants * count, plan.rows)
        chance = np.random.default_rng(plan.seed)
        return cls(plan, outputs, place, chance.integers(0, plan.variants, count))

    def training_batch(self, rows: Rows, epoch: int) -> Half:
        """One variant of each training picture.

        From its own start each goes through all its variants, one an epoch, so seed,
        epoch and picture alone decide.
        """
        at = self.place[rows]
        variant = (self.first_variant[at] + epoch) % self.plan.variants
        return read_rows(self.outputs, variant * len(self.plan.train) + at)

    def validation_batch(self, rows: Rows) -> Half:
        """The outputs of unchanged validation pictures."""
        return read_rows(self.outputs, self.place[rows])


def prepare_frozen(
    folder: Path,
    plan: FrozenPlan,
    read: Callable[[Rows], Pixels],
    compute: Compute,
    on_progress: Callable[[int, int], None],
) -> FrozenOutputs:
    """Compute what is missing of the plan's file in `folder`; whole pieces are kept.

    `on_progress` hears of outputs and may raise to end it. TrainingError when the
    disk cannot hold the file.
    """
    batches = plan.batches()
    ends = list(accumulate(len(rows) for _, rows in batches))
    done = _go_on(folder, plan, ends)
    _check_space(folder, plan, plan.rows - (ends[done - 1] if done else 0))
    on_progress(ends[done - 1] if done else 0, plan.rows)
    with explained_disk(), (folder / FROZEN_NAME).open("ab") as file:
        for (draw, rows), end in _from(done, batches, ends):
            file.write(compute(read(rows), draw).tobytes())
            file.flush()
            # Only what is on the disk counts after a power cut.
            os.fsync(file.fileno())
            on_progress(end, plan.rows)
    return FrozenOutputs.open(folder, plan)


def _from(
    done: int, batches: list[tuple[int, Rows]], ends: list[int]
) -> Iterator[tuple[tuple[int, Rows], int]]:
    return zip(batches[done:], ends[done:], strict=True)


def _go_on(folder: Path, plan: FrozenPlan, ends: list[int]) -> int:
    """How many pieces the file holds already; cut to these, or begun anew."""
    about = {
        "fingerprint": plan.fingerprint,
        "shape": [plan.rows, *plan.shape],
        "variants": plan.variants,
    }
    path = folder / FROZEN_NAME
    if _read_about(folder) != about or not path.exists():
        remove_frozen(folder)
        write_durably(folder / FROZEN_ABOUT_NAME, json.dumps(about).encode())
        return 0
    rows = path.stat().st_size // plan.row_bytes
    done = sum(end <= rows for end in ends)
    with path.open("r+b") as file:
        file.truncate((ends[done - 1] if done else 0) * plan.row_bytes)
    return done


def _read_about(folder: Path) -> object:
    try:
        return json.loads((folder / FROZEN_ABOUT_NAME).read_bytes())
    except (OSError, ValueError):
        return None


def _check_space(folder: Path, plan: FrozenPlan, rows: int) -> None:
    needed = rows * plan.row_bytes
    free = shutil.disk_usage(folder).free - SPARE_BYTES
    if needed <= free:
        return
    raise TrainingError(
        f"The outputs of the frozen blocks for {plan.variants} cached variants of "
        f"{len(plan.train)} pictures need {needed / 1e9:.1f} GB, and the disk of "
        f"{folder} has {max(0, free) / 1e9:.1f} GB to spare. Use fewer cached "
        "variants or smaller images, or free some space."
    )
