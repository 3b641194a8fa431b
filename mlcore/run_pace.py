"""How fast a run goes and when it will be done. Pure.

The first epoch is slow at its start and says little; the estimate leans on the rate
of its batches, then on whole epochs, and does not wander after the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from storage.records import Epoch, Run

RECENT = 5
# The first batches of an epoch wait for the graph to be built or for files.
WARM_UP_BATCHES = 3
# Judging a picture is the forward half of learning from it, or less.
JUDGING_COST = 1 / 3


@dataclass(slots=True)
class PaceMeter:
    """Training pictures a second of the present epoch, once it has warmed up."""

    batch_size: int
    train_batches: int
    images_per_s: float | None = None
    _from: tuple[int, float] | None = None
    _last: int = 0

    def note(self, batches_done: int, now_s: float) -> float | None:
        """Take in that a batch is done; the rate known by now, None before."""
        if batches_done < self._last:
            self._from = None
        self._last = batches_done
        if batches_done > self.train_batches:
            return self.images_per_s
        if self._from is None:
            if batches_done >= min(WARM_UP_BATCHES, max(1, self.train_batches // 2)):
                self._from = (batches_done, now_s)
            return self.images_per_s
        began, began_s = self._from
        if now_s > began_s:
            images = (batches_done - began) * self.batch_size
            self.images_per_s = round(images / (now_s - began_s), 1)
        return self.images_per_s


def seconds_left(run: Run, epochs: Sequence[Epoch]) -> float | None:
    """Seconds until the last epoch is done; None while nobody can tell.

    For a run in a stage without epochs: until the end of that stage.
    """
    if run.stage:
        return _stage_seconds_left(run)
    seconds = epoch_seconds(run, epochs)
    if seconds is None:
        return None
    share = run.batches_done / run.batches_total if run.batches_total else 0.0
    # The last batch of an epoch is said until the first of the next one.
    share = 0.0 if share >= 1.0 and epochs else share
    return max(0.0, (run.epochs_total - run.epochs_done - share) * seconds)


def epoch_seconds(run: Run, epochs: Sequence[Epoch]) -> float | None:
    """How long an epoch takes: by its batches at first, by whole epochs later."""
    now = _by_batches(run)
    if not epochs:
        return now
    if len(epochs) == 1:
        first = epochs[0].seconds
        return first if now is None else (first + 3 * min(first, now)) / 4
    return median(epoch.seconds for epoch in epochs[1:][-RECENT:])


def _by_batches(run: Run) -> float | None:
    if not run.images_per_s or not run.batches_total:
        return None
    validation = float(run.config.get("validation_fraction") or 0.0)
    test = float(run.config.get("test_fraction") or 0.0)
    judged = run.batches_total * validation / max(0.01, 1.0 - test)
    batches = run.batches_total - judged * (1 - JUDGING_COST)
    return batches * float(run.config.get("batch_size") or 1) / run.images_per_s


def _stage_seconds_left(run: Run) -> float | None:
    if not run.images_per_s or not run.batches_total:
        return None
    return max(0, run.batches_total - run.batches_done) / run.images_per_s


def rounded(seconds: float) -> float:
    """Seconds no finer than an estimate can be, so that the words stand still."""
    if seconds < 20:
        return float(round(seconds))
    step = 5 if seconds < 120 else 60 if seconds < 3600 else 300
    return float(step * round(seconds / step))
