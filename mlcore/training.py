"""The epoch loop: train, validate, remember the best, checkpoint, report."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore import checkpoints
from mlcore.checkpoints import Progress
from mlcore.config import TrainConfig
from mlcore.dataset import PixelStore, in_batches, shuffled_batches
from mlcore.epoch_scores import Answers, Floats, Scoring, score
from mlcore.errors import TrainingError
from mlcore.frozen_blocks import FrozenOutputs
from mlcore.head_questions import Question
from mlcore.network import Inputs, Network
from mlcore.processes import memory_mb

Rows = npt.NDArray[np.intp]

# Of a batch that broke the run; a person looks at a few, not at a thousand.
NAMED = 32
RAN_AWAY = "The numbers ran away in {place} (not-a-number)."
LOWER_RATE = " Lower the learning rate and start again; a tenth is a good try."


def _numbers_of(rows: Sequence[int]) -> list[str]:
    return [f"row {row}" for row in rows]


@dataclass(frozen=True, slots=True)
class RunData:
    """Pictures and answers of one run; `train` and `validation` are row numbers.

    `names_of` tells a person which pictures some rows are. Where `frozen` is there,
    the network is given what its frozen blocks made of the pictures. `questions` are
    the groups, for the output 'groups'.
    """

    store: PixelStore
    y: Answers
    train: Rows
    validation: Rows
    names_of: Callable[[Sequence[int]], list[str]] = _numbers_of
    frozen: FrozenOutputs | None = None
    questions: tuple[Question, ...] = ()

    def training_batch(self, rows: Rows, epoch: int) -> Inputs:
        """What the network learns these rows from in that epoch."""
        if self.frozen is None:
            return self.store.batch(rows)
        return self.frozen.training_batch(rows, epoch)

    def validation_batch(self, rows: Rows) -> Inputs:
        """What the network is judged on for these rows."""
        if self.frozen is None:
            return self.store.batch(rows)
        return self.frozen.validation_batch(rows)


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
        self.network.cuts = self.progress.plateau.cuts
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
        metrics["memory_mb"] = memory_mb()
        seconds = round(time.monotonic() - started, 3)
        record = {"epoch": epoch, "seconds": seconds, "metrics": metrics}
        weights = self.network.weights()
        # oneDNN's ReLU makes zero of not-a-number: answers alone may hide it.
        if not all(np.isfinite(array).all() for array in weights.values()):
            raise TrainingError(RAN_AWAY.format(place=f"epoch {epoch}") + LOWER_RATE)
        self._remember(record)
        # Checkpoint before the row: a row without its checkpoint would be
        # trained and written a second time after a kill.
        state = self.network.optimizer_state()
        checkpoints.save(self.folder, self.progress, weights, state)
        self.reporter.epoch(record)

    def _train_epoch(self, epoch: int) -> dict[str, float]:
        self.network.start_epoch(epoch)
        rows = self.data.train
        batches = shuffled_batches(
            rows, self.config.batch_size, self.config.seed, epoch
        )
        logits: list[Floats] = []
        started = time.monotonic()
        for step, batch in enumerate(batches):
            inputs, y = self.data.training_batch(batch, epoch), self.data.y[batch]
            found = self.network.train(inputs, y, epoch, step)
            if not (found.is_finite and np.isfinite(found.logits).all()):
                raise self._ran_away(epoch, step, batch)
            logits.append(found.logits)
            self.reporter.batch(step + 1, self.batches_total())
        metrics = self._score(np.concatenate(logits), np.concatenate(batches))
        metrics["learning_rate"] = self.network.rate(epoch, len(batches) - 1)
        metrics["images_per_s"] = round(
            len(rows) / max(1e-6, time.monotonic() - started), 2
        )
        return metrics

    def _validate(self) -> dict[str, float]:
        rows = self.data.validation
        if not len(rows):
            return {}
        done = math.ceil(len(self.data.train) / self.config.batch_size)
        logits = []
        for at, batch in enumerate(in_batches(rows, self.config.batch_size), 1):
            logits.append(self.network.predict(self.data.validation_batch(batch)))
            self.reporter.batch(done + at, self.batches_total())
        return self._score(np.concatenate(logits), rows)

    def batches_total(self) -> int:
        """Batches of one epoch, those of validation included."""
        sizes = (len(self.data.train), len(self.data.validation))
        return sum(math.ceil(size / self.config.batch_size) for size in sizes)

    def _score(self, logits: Floats, rows: Rows) -> dict[str, float]:
        how = Scoring.of(self.config, self.network.output, self.data.questions)
        return score(logits, self.data.y[rows], how)

    def _remember(self, record: dict[str, Any]) -> None:
        self.progress.epoch = record["epoch"]
        self.progress.epochs.append(record)
        value = self._monitored(record["metrics"])
        best = self.progress.best_value
        if best is None or value > best:
            self.progress.best_value = value
            self.progress.best_epoch = record["epoch"]
        self.progress.plateau.note(value, self.config.plateau_patience)
        self.network.cuts = self.progress.plateau.cuts

    def _monitored(self, metrics: dict[str, float]) -> float:
        """The number that decides, larger is better; training's without held-out."""
        name = self.config.monitor
        value = metrics.get(name, metrics[name.removeprefix("val_")])
        return -value if name.endswith("loss") else value

    def _is_patience_out(self) -> bool:
        if not self.config.patience or self.progress.best_epoch is None:
            return False
        return self.progress.epoch - self.progress.best_epoch >= self.config.patience

    def _ran_away(self, epoch: int, step: int, batch: Rows) -> TrainingError:
        names = self.data.names_of([int(row) for row in batch[:NAMED]])
        more = len(batch) - len(names)
        others = f" and {more} more" if more else ""
        return TrainingError(
            RAN_AWAY.format(place=f"epoch {epoch}, batch {step + 1}")
            + f" Its pictures: {', '.join(names)}{others}."
            + LOWER_RATE
            + " If it breaks off at the same pictures, look at them."
        )
