"""An attempt at a run that trains epoch by epoch: prepare, train, write."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mlcore.dataset import PixelStore, Source, prepare_pixels
from mlcore.errors import TrainingError
from mlcore.event_log import EventLog
from mlcore.frozen_blocks import FrozenOutputs, FrozenPlan, prepare_frozen
from mlcore.frozen_part import FrozenPart
from mlcore.model_outputs import summarise
from mlcore.network import Network
from mlcore.pixel_hashes import image_file
from mlcore.processes import memory_mb
from mlcore.run_base import BaseSession
from mlcore.run_outputs import write_outputs
from mlcore.run_pace import PaceMeter
from mlcore.training import Reporter, RunData, Trainer
from mlcore.two_branch import describe_branches, open_fusion
from mlcore.two_branch_fusion import Fusion
from storage.images import get_images
from storage.records import Epoch, Pulse
from storage.runs import list_epochs

LOOKING = "Preparing the pictures"
CHOOSING = "Looking what colour and shape tell"
BUILDING = "Building the network"
FREEZING = "Running the frozen blocks once"


class RunSession(BaseSession):
    """Carries one run from its snapshot to its model, reporting as it goes."""

    trainer: Trainer | None = None
    pace: PaceMeter
    events: EventLog | None = None

    def work(self) -> None:
        """Train to the last epoch, or until patience runs out."""
        self.trainer = self._make_trainer()
        self._note_missed_epochs(self.trainer)
        if self.snapshot.config.tensorboard:
            self.events = EventLog(
                self.folder, list_epochs(self.project, self.run.run_id)
            )
        self.trainer.run()
        self._finish(self.trainer, "finished", "")

    def _make_trainer(self) -> Trainer:
        config = self.snapshot.config
        self.say(f"Run {self.run.run_id}: {len(self.snapshot.images)} pictures")
        data = self._load_data()
        steps = math.ceil(len(data.train) / config.batch_size)
        self.pace = PaceMeter(config.batch_size, steps)
        labels = len(self.snapshot.labels)
        answers = data.y[data.train]
        fusion = self._choose_branches(data)
        self.report(Pulse(0, 0, BUILDING))
        network = Network(config, labels, self.snapshot.output, steps, answers, fusion)
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
        # Only now: what the frozen blocks make of pictures is their weights' doing.
        if network.frozen is not None:
            trainer.data = replace(data, frozen=self._freeze(network.frozen, data))
        return trainer

    def _choose_branches(self, data: RunData) -> Fusion | None:
        if not self.snapshot.config.has_branches:
            return None
        self.report(Pulse(0, 0, CHOOSING))
        fusion = open_fusion(self.folder, self.snapshot, data.store, data.train)
        self.say(describe_branches(fusion, self.snapshot))
        return fusion

    def _freeze(self, frozen: FrozenPart, data: RunData) -> FrozenOutputs:
        plan = FrozenPlan(
            train=data.train,
            validation=data.validation,
            variants=frozen.variants,
            shape=frozen.shape,
            seed=self.snapshot.config.seed,
            fingerprint=f"{self.snapshot.sha256}-{frozen.digest()}",
        )
        size_mb = plan.rows * plan.row_bytes / 1e6
        self.say(f"{FREEZING}: {plan.rows} outputs, {size_mb:,.0f} MB")
        read = data.store.batch
        return prepare_frozen(self.folder, plan, read, frozen.compute, self._on_frozen)

    def _on_frozen(self, done: int, total: int) -> None:
        self.report(Pulse(done, total, FREEZING))

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
        return RunData(
            store,
            self.snapshot.y,
            train,
            held_out,
            self._names_of,
            questions=self.snapshot.questions(),
        )

    def _names_of(self, rows: Sequence[int]) -> list[str]:
        ids = self.snapshot.images["image_id"].iloc[list(rows)].tolist()
        names = {image.image_id: image.name for image in get_images(self.project, ids)}
        return [names.get(image_id, f"image {image_id}") for image_id in ids]

    def _rows(self, split: str, store: PixelStore) -> Any:
        rows = self.snapshot.rows_of(split)
        return rows[~np.isin(rows, list(store.unreadable))]

    def _on_prepared(self, done: int, total: int) -> None:
        self.report(Pulse(done, total, LOOKING))
        if done == total or done % 1024 == 0:
            self.say(f"Prepared {done} of {total} pictures")

    def _on_batch(self, done: int, total: int) -> None:
        rate = self.pace.note(done, time.monotonic())
        self.report(Pulse(done, total, "", rate, memory_mb()))

    def _on_epoch(self, record: dict[str, Any]) -> None:
        self.add_epoch(record)
        if self.events is not None:
            numbers = (record["epoch"], record["seconds"], record["metrics"])
            self.events.add(Epoch(*numbers))
        shown = ", ".join(f"{k} {v:.4f}" for k, v in record["metrics"].items())
        total = self.snapshot.config.epochs
        self.say(
            f"Epoch {record['epoch']} of {total}, {record['seconds']:.1f} s: {shown}"
        )

    def _note_missed_epochs(self, trainer: Trainer) -> None:
        """A kill between checkpoint and row leaves an epoch without its row."""
        known = {epoch.epoch for epoch in list_epochs(self.project, self.run.run_id)}
        for record in trainer.progress.epochs:
            if record["epoch"] not in known:
                self.add_epoch(record)

    def end_early(self, discard: bool) -> None:
        """Keep the best epoch so far, unless there is none or it is to be discarded."""
        trainer = self.trainer
        if discard:
            self.drop("Cancelled by hand; nothing is kept.")
        elif trainer is None or not trainer.progress.epoch:
            self.drop(
                "Stopped before the first epoch ended, so there is nothing to keep."
            )
        else:
            epochs = trainer.progress.epoch
            self._finish(trainer, "stopped", f"Stopped by hand after {epochs} epochs.")

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
        self.settle(state, best, metrics, message)
