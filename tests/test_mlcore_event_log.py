"""The log for TensorBoard: what is in it, and that a resume doubles nothing."""

from pathlib import Path

import pytest

from mlcore import tensorboard
from mlcore.errors import TrainingError
from storage.records import Epoch


def read_scalars(folder: Path) -> list[tuple[int, str, float]]:
    """Step, tag and value of every record, as TensorFlow itself reads them."""
    import tensorflow as tf

    [path] = folder.iterdir()
    return [
        (event.step, value.tag, value.simple_value)
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]


@pytest.mark.slow
def test_a_log_holds_each_epoch_once_also_after_a_resume(tmp_path: Path) -> None:
    from mlcore.event_log import EventLog

    epochs = [
        Epoch(n, 2.5, {"loss": 1 / n, "images_per_s": 90.0, "val_loss": 2 / n})
        for n in (1, 2, 3)
    ]
    log = EventLog(tmp_path, [])
    for epoch in epochs[:2]:
        log.add(epoch)
    assert tensorboard.has_log(tmp_path)
    assert len(read_scalars(tmp_path / "tensorboard" / "validation")) == 2
    # The process is killed here: nothing is closed, and another begins.
    resumed = EventLog(tmp_path, epochs[:2])
    resumed.add(epochs[2])
    resumed.close()
    validation = read_scalars(tmp_path / "tensorboard" / "validation")
    assert validation == [
        (n, "loss", pytest.approx(2 / n, rel=1e-6)) for n in (1, 2, 3)
    ]
    training = read_scalars(tmp_path / "tensorboard" / "train")
    assert [tag for step, tag, _ in training if step == 3] == [
        "seconds",
        "loss",
        "images_per_s",
    ]


def test_without_the_package_there_is_a_command_to_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "is_installed", lambda: False)
    with pytest.raises(TrainingError, match="not installed"):
        tensorboard.start_board(tmp_path)
    shown = tensorboard.command(tmp_path / "two words")
    assert "'" in shown and shown.endswith("--host 127.0.0.1")


def test_a_board_ends_when_it_is_stopped_and_when_its_parent_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tensorboard"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "main.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(tensorboard, "is_installed", lambda: True)
    run = tmp_path / "run"
    (run / "tensorboard").mkdir(parents=True)
    board = tensorboard.start_board(run)
    assert tensorboard.start_board(run) == board == tensorboard.find_board(run)
    assert board.url == f"http://127.0.0.1:{board.port}/"
    tensorboard.stop_board(run)
    assert board.process.poll() is not None and tensorboard.find_board(run) is None
    other = tensorboard.start_board(run)
    assert other.process.stdin is not None
    # As the system does when the app is killed.
    other.process.stdin.close()
    assert other.process.wait(30) == 0
    assert tensorboard.find_board(run) is None


STAND_IN = """
import threading

def run_main():
    threading.Event().wait()
"""
