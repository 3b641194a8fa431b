"""The epochs of a run as event files that TensorBoard draws.

`tf.summary` wants the package tensorboard, which TensorFlow does not bring; the
records themselves it can write. Only worker processes import this.
"""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tensorflow as tf

from mlcore.tensorboard import LOG_FOLDER
from storage.records import Epoch

# TensorBoard shows each folder as a line of its own colour in the same chart.
TRAINING, VALIDATION = "train", "validation"


class EventLog:
    """Writes scalars of epochs into runs/<id>/tensorboard.

    It begins anew with the epochs there are: after a resume none stands there twice.
    """

    def __init__(self, run_folder: Path, epochs: Iterable[Epoch]):
        folder = run_folder / LOG_FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        self._writers = {part: _open(folder / part) for part in (TRAINING, VALIDATION)}
        for epoch in epochs:
            self.add(epoch)

    def add(self, epoch: Epoch) -> None:
        """Write the figures of an epoch; they can be read at once."""
        training = {"seconds": epoch.seconds}
        validation = {}
        for name, value in epoch.metrics.items():
            if name.startswith("val_"):
                validation[name.removeprefix("val_")] = value
            else:
                training[name] = value
        for part, figures in ((TRAINING, training), (VALIDATION, validation)):
            if figures:
                self._writers[part].write(_scalars(epoch.epoch, figures))
                self._writers[part].flush()

    def close(self) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()


def _open(folder: Path) -> Any:
    folder.mkdir(parents=True)
    # The name must hold "tfevents"; the first record says the version.
    path = folder / f"events.out.tfevents.{time.time():.0f}.unseen"
    writer = tf.io.TFRecordWriter(str(path))
    first = tf.compat.v1.Event(wall_time=time.time(), file_version="brain.Event:2")
    writer.write(first.SerializeToString())
    return writer


def _scalars(step: int, figures: dict[str, float]) -> bytes:
    values = [
        tf.compat.v1.Summary.Value(tag=name, simple_value=float(value))
        for name, value in figures.items()
    ]
    summary = tf.compat.v1.Summary(value=values)
    event = tf.compat.v1.Event(wall_time=time.time(), step=step, summary=summary)
    encoded: bytes = event.SerializeToString()
    return encoded
