"""One attempt at a run inside the worker: prepare, train, write, settle."""

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mlcore import checkpoints
from mlcore.dataset import PixelStore, Source, prepare_pixels, remove_pixels
from mlcore.errors import TrainingError
from mlcore.metrics import evaluate
from mlcore.network import Network
from mlcore.pixel_hashes import image_file
from mlcore.run_outputs import (
    answers_of,
    probabilities_of,
    remove_outputs,
    write_outputs,
)
from mlcore.snapshot import Snapshot, load_snapshot
from mlcore.training import Reporter, RunData, StopRequested, Trainer
from storage.images import get_images
from storage.projects import Project
from storage.records import Epoch, Pulse, Run
from storage.runs import add_epoch, beat, finish_run, list_epochs, run_dir

# Progress is written at most this often: each write is a durable transaction.
BEAT_S = 0.5
TOTALS = (
    "binary_accuracy",
    "exact_match",
    "micro_f1",
    "macro_f1",
    "f2",
    "mean_average_precision",
)


class RunSession:
    """Carries one run from its snapshot to its model, reporting as it goes."""

    def __init__(self, project: Project, run: Run, say: Callable[[str], None]):
        self.project = project
        self.run = run
        self.say = say
        self.folder: Path = run_dir(project, run.run_id)
        self.snapshot: Snapshot = load_snapshot(self.folder)
        self.last_beat = -math.inf
        self.started = time.monotonic()
        self.earlier_s = 0.0

    def execute(self) -> None:
        """Train to the end and settle the run's state; errors pass through."""
        trainer = None
        try:
            trainer = self._make_trainer()
            self._note_missed_epochs(trainer)
            trainer.run()
            self._finish(trainer, "finished", "")
        except StopRequested as request:
            self._end_early(trainer, request.discard)

    def _make_trainer(self) -> Trainer:
        config = self.snapshot.config
        self.say(f"Run {self.run.run_id}: {len(self.snapshot.images)} pictures")
        data = self._load_data()
        steps = math.ceil(len(data.train) / config.batch_size)
        labels = len(self.snapshot.labels)
        answers = data.y[data.train]
        network = Network(config, labels, self.snapshot.output, steps, answers)
        trainer = Trainer(
            config,
            network,
            data,
            self.folder / "checkpoints",
            Reporter(self._on_batch, self._on_epoch),
        )
        if trainer.restore():
            self.earlier_s = trainer.progress.seconds
            self.say(f"Going on after epoch {trainer.progress.epoch}")
        elif (name := network.load_pretrained()) is not None:
            self.say(f"Loaded ImageNet weights from {name}")
        self.say(f"{network.model.count_params():,} parameters, {steps} steps an epoch")
        return trainer

    def _load_data(self) -> RunData:
        images = self.snapshot.images
        sources = [
            Source(image_file(self.project, sha256, ext), f"image {image_id}")
            for image_id, sha256, ext in zip(
                images["image_id"], images["sha256"], images["ext"], strict=True
            )
        ]
        store = prepare_pixels(
            self.folder,
            sources,
            self.snapshot.config.image_size_px,
            self.snapshot.sha256,
            self._on_prepared,
        )
        for reason in store.unreadable.values():
            self.say(f"Left out, cannot be read: {reason}")
        train = self._rows("train", store)
        if not len(train):
            raise TrainingError("None of the pictures to train on can be read.")
        held_out = self._rows("validation", store)
        return RunData(store, self.snapshot.y, train, held_out, self._names_of)

    def _names_of(self, rows: Sequence[int]) -> list[str]:
        ids = self.snapshot.images["image_id"].iloc[list(rows)].tolist()
        names = {image.image_id: image.name for image in get_images(self.project, ids)}
        return [names.get(image_id, f"image {image_id}") for image_id in ids]

    def _rows(self, split: str, store: PixelStore) -> Any:
        rows = self.snapshot.rows_of(split)
        return rows[~np.isin(rows, list(store.unreadable))]

    def _on_prepared(self, done: int, total: int) -> None:
        self._beat(0, 0)
        if done == total or done % 1024 == 0:
            self.say(f"Prepared {done} of {total} pictures")

    def _on_batch(self, done: int, total: int) -> None:
        self._beat(done, total)

    def _beat(self, done: int, total: int) -> bool:
        """Write progress and read requests, if the last time is long enough ago."""
        now = time.monotonic()
        if now - self.last_beat < BEAT_S:
            return False
        self.last_beat = now
        request = beat(
            self.project,
            self.run.run_id,
            self.run.attempt,
            Pulse(done, total),
        )
        if request is not None:
            raise StopRequested(discard=request == "discard")
        return True

    def _on_epoch(self, record: dict[str, Any]) -> None:
        self._add_epoch(record)
        shown = ", ".join(f"{k} {v:.4f}" for k, v in record["metrics"].items())
        total = self.snapshot.config.epochs
        self.say(
            f"Epoch {record['epoch']} of {total}, {record['seconds']:.1f} s: {shown}"
        )

    def _add_epoch(self, record: dict[str, Any]) -> None:
        epoch = Epoch(record["epoch"], record["seconds"], record["metrics"])
        add_epoch(self.project, self.run.run_id, self.run.attempt, epoch)

    def _note_missed_epochs(self, trainer: Trainer) -> None:
        """A kill between checkpoint and row leaves an epoch without its row."""
        known = {epoch.epoch for epoch in list_epochs(self.project, self.run.run_id)}
        for record in trainer.progress.epochs:
            if record["epoch"] not in known:
                self._add_epoch(record)

    def _end_early(self, trainer: Trainer | None, discard: bool) -> None:
        has_epoch = trainer is not None and trainer.progress.epoch > 0
        if trainer is not None and has_epoch and not discard:
            epochs = trainer.progress.epoch
            self._finish(trainer, "stopped", f"Stopped by hand after {epochs} epochs.")
            return
        remove_outputs(self.folder)
        why = (
            "Cancelled by hand; nothing is kept."
            if discard
            else "Stopped before the first epoch ended, so there is nothing to keep."
        )
        self._settle("cancelled", None, {}, why)

    def _finish(self, trainer: Trainer, state: str, message: str) -> None:
        config, progress = self.snapshot.config, trainer.progress
        best = progress.best_epoch
        if config.keep_best or state == "stopped":
            best = trainer.use_best()
        if best is None:
            raise TrainingError("No epoch was trained, so there is no model.")
        kept = best if config.keep_best or state == "stopped" else progress.epoch
        predictions = write_outputs(
            self.folder, trainer.network, self.snapshot, trainer.data, kept
        )
        metrics = summarise(predictions, self.snapshot)
        self._settle(state, best, metrics, message)

    def _settle(
        self,
        state: str,
        best_epoch: int | None,
        metrics: dict[str, Any],
        message: str,
    ) -> None:
        finish_run(
            self.project,
            self.run.run_id,
            self.run.attempt,
            state,
            seconds=round(self.earlier_s + time.monotonic() - self.started, 1),
            best_epoch=best_epoch,
            metrics=metrics,
            message=message,
        )
        checkpoints.remove_all(self.folder / "checkpoints")
        remove_pixels(self.folder)
        self.say(f"{state.capitalize()}. {message}".strip())


def summarise(predictions: Any, snapshot: Snapshot) -> dict[str, Any]:
    """Totals on the test images if there are any, else on validation."""
    split = "test" if (predictions["split"] == "test").any() else "validation"
    held_out = predictions[predictions["split"] == split]
    if not len(held_out):
        return {}
    evaluation = evaluate(
        answers_of(held_out, snapshot),
        probabilities_of(held_out, snapshot),
        snapshot.labels,
        snapshot.config.threshold,
        snapshot.output,
        snapshot.groups,
    )
    totals: dict[str, Any] = {name: getattr(evaluation, name) for name in TOTALS}
    return {"split": split, "images": len(held_out), **totals}
