"""What every attempt at a run shares: say how far it is, end, settle. No TensorFlow."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcore import checkpoints
from mlcore.dataset import remove_pixels
from mlcore.model_outputs import remove_outputs
from mlcore.snapshot import Snapshot, load_snapshot
from storage.projects import Project
from storage.records import Epoch, Pulse, Run
from storage.runs import add_epoch, beat, finish_run, run_dir

# Progress is written at most this often: each write is a durable transaction.
BEAT_S = 0.5


class StopRequested(Exception):
    """A person asked the run to end; `discard` says not to keep anything."""

    def __init__(self, discard: bool):
        super().__init__("discard" if discard else "stop")
        self.discard = discard


class BaseSession:
    """One attempt at a run; subclasses say what `work` is and what a stop leaves."""

    def __init__(self, project: Project, run: Run, say: Callable[[str], None]):
        self.project = project
        self.run = run
        self.say = say
        self.folder: Path = run_dir(project, run.run_id)
        self.snapshot: Snapshot = load_snapshot(self.folder)
        self.last_beat = -math.inf
        self.last_stage = ""
        self.started = time.monotonic()
        self.earlier_s = 0.0

    def execute(self) -> None:
        """Work to the end and settle the run's state; errors pass through."""
        try:
            self.work()
        except StopRequested as request:
            self.end_early(request.discard)

    def work(self) -> None:
        """Train and settle; StopRequested comes from `report`."""
        raise NotImplementedError

    def end_early(self, discard: bool) -> None:
        """Settle a run a person ended; without more, nothing is kept."""
        self.drop("Cancelled by hand; nothing is kept.")

    def drop(self, why: str) -> None:
        """Settle as cancelled and remove what was written."""
        remove_outputs(self.folder)
        self.settle("cancelled", None, {}, why)

    def report(self, pulse: Pulse) -> bool:
        """Write progress and read requests, if the last time is long enough ago.

        A new stage is written at once. StopRequested when a person asked for it.
        """
        now = time.monotonic()
        is_new = pulse.stage != self.last_stage
        if now - self.last_beat < BEAT_S and not is_new:
            return False
        self.last_beat, self.last_stage = now, pulse.stage
        request = beat(self.project, self.run.run_id, self.run.attempt, pulse)
        if request is not None:
            raise StopRequested(discard=request == "discard")
        return True

    def add_epoch(self, record: dict[str, Any]) -> None:
        """Note a finished epoch: {"epoch", "seconds", "metrics"}."""
        epoch = Epoch(record["epoch"], record["seconds"], record["metrics"])
        add_epoch(self.project, self.run.run_id, self.run.attempt, epoch)

    def settle(
        self,
        state: str,
        best_epoch: int | None,
        metrics: dict[str, Any],
        message: str,
    ) -> None:
        """Write the end of the run and give the disk space back."""
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
