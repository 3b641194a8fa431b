"""The epoch loop: train, validate, remember the best, checkpoint, report."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore import checkpoints
from mlcore.checkpoints import Progress
from mlcore.config import TrainConfig
from mlcore.dataset import PixelStore, in_batches, shuffled_batches
from mlcore.epoch_scores import Answers, Floats, score
from mlcore.errors import TrainingError
from mlcore.network import Network

Rows = npt.NDArray[np.intp]


class StopRequested(Exception):
    """A person asked the run to end; `discard` says not to keep anything."""

    def __init__(self, discard: bool):
        super().__init__("discard" if discard else "stop")
        self.discard = discard


@dataclass(frozen=True, slots=True)
class RunData:
    """Pictures and answers of one run; `train` and `validation` are row numbers."""

    store: PixelStore
    y: Answers
    train: Rows
    validation: Rows


@dataclass(frozen=True, slots=True)
class Reporter:
    """Whom the loop tells; `batch` may raise StopRequested."""

    batch: Callable[[int, int], None]
    epoch: Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Trainer:
    """One run from wherever its checkpoints stand to its last epoch."""

    config: TrainConfig
    network: Network
    data: RunData
    folder: Path
    reporter: Reporter
    progress: Progress = field(default_factory=Progress)

    def restore(self) -> bool:
        """Go back to the last complete epoch, if there is one."""
        checkpoint = checkpoints.load_latest(self.folder)
        if checkpoint is None:
            return False
        self.progress = checkpoint.progress
        self.network.set_weights(checkpoint.weights)
        self.network.set_optimizer_state(checkpoint.optimizer)
        return True

    def run(self) -> None:
        """Train until the last epoch, or until patience runs out."""
        while self.progress.epoch < self.config.epochs and not self._is_patience_out():
            self._run_epoch(self.progress.epoch + 1)

    def use_best(self) -> int | None:
        """Put the best epoch's weights into the network; its number."""
        best = self.progress.best_epoch
        # Also when the best is the last: a stop may have come amid the next epoch.
        if best is not None:
            self.network.set_weights(checkpoints.load_best(self.folder, best))
        return best

    def _run_epoch(self, epoch: int) -> None:
        started = time.monotonic()
        metrics = self._train_epoch(epoch)
        for name, value in self._validate().items():
            metrics[f"val_{name}"] = value
        seconds = round(time.monotonic() - started, 3)
        record = {"epoch": epoch, "seconds": seconds, "metrics": metrics}
        self._remember(record)
        # Checkpoint before the row: a row without its checkpoint would be
        # trained and written a second time after a kill.
        checkpoints.save(
            self.folder,
            self.progress,
            self.network.weights(),
            self.network.optimizer_state(),
        )
        self.reporter.epoch(record)

    def _train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.start_epoch(epoch)
        rows = self.data.train
        batches = shuffled_batches(
            rows, self.config.batch_size, self.config.seed, epoch
        )
        logits: list[Floats] = []
        for step, batch in enumerate(batches):
            images, y = self.data.store.batch(batch), self.data.y[batch]
            logits.append(self.network.train(images, y, epoch, step))
            _check_finite(logits[-1], epoch, step)
            self.reporter.batch(step + 1, self.batches_total())
        return self._score(np.concatenate(logits), np.concatenate(batches))

    def _validate(self) -> dict[str, float]:
        rows = self.data.validation
        if not len(rows):
            return {}
        done = math.ceil(len(self.data.train) / self.config.batch_size)
        logits = []
        for at, batch in enumerate(in_batches(rows, self.config.batch_size), 1):
            logits.append(self.network.predict(self.data.store.batch(batch)))
            self.reporter.batch(done + at, self.batches_total())
        return self._score(np.concatenate(logits), rows)

    def batches_total(self) -> int:
        """Batches of one epoch, those of validation included."""
        sizes = (len(self.data.train), len(self.data.validation))
        return sum(math.ceil(size / self.config.batch_size) for size in sizes)

    def _score(self, logits: Floats, rows: Rows) -> dict[str, float]:
        threshold = self.config.threshold
        return score(logits, self.data.y[rows], self.network.output, threshold)

    def _remember(self, record: dict[str, Any]) -> None:
        self.progress.epoch = record["epoch"]
        self.progress.epochs.append(record)
        value = self._monitored(record["metrics"])
        best = self.progress.best_value
        if best is None or value > best:
            self.progress.best_value = value
            self.progress.best_epoch = record["epoch"]

    def _monitored(self, metrics: dict[str, float]) -> float:
        """The number that decides, larger is better; training's without held-out."""
        name = self.config.monitor
        value = metrics.get(name, metrics[name.removeprefix("val_")])
        return -value if name.endswith("loss") else value

    def _is_patience_out(self) -> bool:
        if not self.config.patience or self.progress.best_epoch is None:
            return False
        return self.progress.epoch - self.progress.best_epoch >= self.config.patience


def _check_finite(logits: Floats, epoch: int, step: int) -> None:
    if not np.isfinite(logits).all():
        raise TrainingError(
            f"The numbers ran away in epoch {epoch}, batch {step + 1} (not-a-number). "
            "Lower the learning rate and start again; a tenth is a good try."
        )
