"""Checkpoints as generations: a folder appears complete or not at all.

Each is written to a temporary folder, flushed to disk, then renamed. The two
newest are kept, and the best epoch's weights that a kept one refers to.
"""

import json
import os
import shutil
import zipfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.errors import TrainingError
from mlcore.schedules import Plateau
from storage.files import sync_folder

Arrays = dict[str, npt.NDArray[Any]]

KEPT_GENERATIONS = 2


@dataclass(slots=True)
class Progress:
    """Where a run stands after a complete epoch.

    `epochs` holds one record per epoch: {"epoch", "seconds", "metrics"}.
    """

    epoch: int = 0
    best_epoch: int | None = None
    best_value: float | None = None
    epochs: list[dict[str, Any]] = field(default_factory=list)
    plateau: Plateau = field(default_factory=Plateau)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> "Progress":
        """What `asdict` wrote; checkpoints of earlier versions know no plateau."""
        return cls(**{**facts, "plateau": Plateau(**facts.get("plateau", {}))})

    @property
    def seconds(self) -> float:
        """Time spent in complete epochs, over all attempts."""
        return sum(float(record["seconds"]) for record in self.epochs)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete generation as read back."""

    progress: Progress
    weights: Arrays
    optimizer: Arrays


def save(folder: Path, progress: Progress, weights: Arrays, optimizer: Arrays) -> None:
    """Write the generation of `progress.epoch`, then drop what is too old.

    When this epoch is the best, its weights are written first under their own
    name, so that no generation ever refers to weights that are not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if progress.best_epoch == progress.epoch:
        _write_folder(_best(folder, progress.epoch), {"weights": weights}, None)
    _write_folder(
        _generation(folder, progress.epoch),
        {"weights": weights, "optimizer": optimizer},
        progress,
    )
    _prune(folder)


def load_latest(folder: Path) -> Checkpoint | None:
    """The newest generation that can be read; None to begin at the beginning."""
    sweep(folder)
    for path in sorted(folder.glob("epoch-*"), reverse=True):
        try:
            facts = json.loads((path / "progress.json").read_bytes())
            return Checkpoint(
                Progress.from_json(facts),
                _read_arrays(path / "weights.npz"),
                _read_arrays(path / "optimizer.npz"),
            )
        except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile):
            continue  # damaged on disk: the generation before it still counts
    return None


def load_best(folder: Path, best_epoch: int) -> Arrays:
    """The weights of the best epoch; TrainingError if they are damaged."""
    try:
        return _read_arrays(_best(folder, best_epoch) / "weights.npz")
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f"The weights of the best epoch ({best_epoch}) cannot be read: {error}. "
            "Start the run again."
        ) from error


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for path in folder.glob(".writing-*"):
        shutil.rmtree(path, ignore_errors=True)


def remove_all(folder: Path) -> None:
    """Give the disk space back."""
    shutil.rmtree(folder, ignore_errors=True)


def _generation(folder: Path, epoch: int) -> Path:
    return folder / f"epoch-{epoch:04d}"


def _best(folder: Path, epoch: int) -> Path:
    return folder / f"best-{epoch:04d}"


def _write_folder(
    target: Path, tables: dict[str, Arrays], progress: Progress | None
) -> None:
    writing = target.parent / f".writing-{target.name}-{os.getpid()}"
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    for name, arrays in tables.items():
        with (writing / f"{name}.npz").open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
    if progress is not None:
        with (writing / "progress.json").open("w", encoding="utf-8") as text:
            json.dump(asdict(progress), text)
            text.flush()
            os.fsync(text.fileno())
    sync_folder(writing)
    # A folder cannot replace a full one; the old is of the same epoch.
    shutil.rmtree(target, ignore_errors=True)
    writing.replace(target)
    sync_folder(target.parent)


def _prune(folder: Path) -> None:
    generations = sorted(folder.glob("epoch-*"), reverse=True)
    for path in generations[KEPT_GENERATIONS:]:
        shutil.rmtree(path, ignore_errors=True)
    # The older generation may be all that is left one day: its best stays too.
    referred = {_best_of(path) for path in generations[:KEPT_GENERATIONS]}
    for path in folder.glob("best-*"):
        if path.name not in referred:
            shutil.rmtree(path, ignore_errors=True)


def _best_of(generation: Path) -> str:
    facts = json.loads((generation / "progress.json").read_bytes())
    return _best(generation.parent, facts["best_epoch"] or 0).name


def _read_arrays(path: Path) -> Arrays:
    # numpy leaves its own file open when the archive turns out damaged.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as table:
        return {name: table[name] for name in table.files}
