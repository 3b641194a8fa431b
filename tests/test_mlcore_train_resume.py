"""The epoch loop and its checkpoints: resume equals unbroken, the best is kept."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_training import TINY, is_over, make_project, read_run, wait_for

from mlcore import checkpoints, jobs, snapshot, splits
from mlcore.checkpoints import Progress
from mlcore.config import TrainConfig
from mlcore.dataset import PixelStore, shuffled_batches
from mlcore.errors import TrainingError
from mlcore.network import Network
from mlcore.processes import is_same_process
from mlcore.run_session import RunSession
from mlcore.training import Reporter, RunData, Trainer
from mlcore.worker import main
from storage.projects import open_project
from storage.runs import claim_next, create_run, list_epochs

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def make_data(count: int = 40) -> RunData:
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (count, 12, 12, 3), np.uint8)
    y = rng.integers(-1, 2, (count, 3)).astype(np.int8)
    rows = np.arange(count)
    return RunData(PixelStore(pixels, {}), y, rows[: count // 2], rows[count // 2 :])


def make_trainer(
    folder: Path,
    config: TrainConfig = TINY,
    on_batch: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Trainer, list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    data = make_data()
    network = Network(config, 3, "sigmoid", steps=3)
    reporter = Reporter(on_batch, records.append)
    return Trainer(config, network, data, folder, reporter), records


def timeless(metrics: dict[str, float]) -> dict[str, float]:
    """The figures of an epoch that do not depend on the computer's mood."""
    return {
        name: value
        for name, value in metrics.items()
        if name not in ("images_per_s", "memory_mb")
    }


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


def kill_after(batches: int) -> Callable[[int, int], None]:
    left = [batches]

    def count(done: int, total: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    return count


DROPPING = TINY.with_changes(
    epochs=4, flatten_dropout=0.2, head_dropout=0.3, rotation_deg=20, brightness=0.2
)


# An epoch has six batches, three of them validation.
@pytest.mark.parametrize(
    ("batches", "changes"),
    [
        (2, {"schedule": "inverse-time", "class_weights": "balanced"}),
        (7, {"schedule": "one-cycle", "optimizer": "rmsprop", "momentum": 0.9}),
        (19, {"schedule": "reduce-on-plateau", "plateau_patience": 2}),
    ],
)
def test_a_run_broken_anywhere_and_resumed_equals_an_unbroken_one(
    tmp_path: Path, batches: int, changes: dict[str, Any]
) -> None:
    # With such a small rate nothing gets better, and the plateau cuts.
    rate = 1e-7 if "plateau_patience" in changes else 1e-2
    config = DROPPING.with_changes(learning_rate=rate, **changes)
    whole, records = make_trainer(tmp_path / "whole", config)
    whole.run()
    broken, before = make_trainer(tmp_path / "broken", config, kill_after(batches))
    with pytest.raises(Killed):
        broken.run()
    resumed, after = make_trainer(tmp_path / "broken", config)
    assert resumed.restore() == (len(before) > 0)
    resumed.run()
    seen = [record["epoch"] for record in before + after]
    assert seen == [1, 2, 3, 4]
    for ours, theirs in zip(before + after, records, strict=True):
        expected = pytest.approx(timeless(theirs["metrics"]), abs=1e-6)
        assert timeless(ours["metrics"]) == expected
    assert resumed.progress.best_epoch == whole.progress.best_epoch
    assert resumed.progress.plateau == whole.progress.plateau
    if "plateau_patience" in changes:
        assert whole.progress.plateau.cuts == 1
        assert records[3]["metrics"]["learning_rate"] == pytest.approx(1e-8)
    for name, array in whole.network.weights().items():
        np.testing.assert_allclose(resumed.network.weights()[name], array, atol=1e-6)


def test_patience_goes_on_counting_after_a_kill(tmp_path: Path) -> None:
    config = TINY.with_changes(epochs=50, patience=3, learning_rate=1e-7)
    config = config.with_changes(monitor="val_exact_match")
    broken, _ = make_trainer(tmp_path, config, kill_after(15))
    with pytest.raises(Killed):
        broken.run()
    resumed, _ = make_trainer(tmp_path, config)
    resumed.restore()
    resumed.run()
    assert (resumed.progress.epoch, resumed.progress.best_epoch) == (4, 1)


def test_a_worker_killed_for_good_ends_with_the_figures_of_an_unbroken_run() -> None:
    name = make_project()
    config = DROPPING.with_changes(
        epochs=15, schedule="one-cycle", optimizer="rmsprop", learning_rate=1e-3
    )
    run_id = jobs.submit(name, config)
    run = wait_for(name, run_id, lambda r: r.epochs_done >= 2 or is_over(r))
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    wait_for(name, run_id, lambda r: not is_same_process(r.pid, r.process_started))
    jobs.supervise(name)
    assert read_run(name, run_id).state == "interrupted"
    with open_project(name) as project:
        whole = create_run(
            project, recipe="t", config=config.as_json(), epochs_total=15
        )
        snapshot.freeze(project, whole, config)
        assert claim_next(project) is not None
    assert main([name, whole.run_id]) == 0
    jobs.resume(name, run_id)
    broken = wait_for(name, run_id, is_over)
    with open_project(name) as project:
        ours, theirs = (list_epochs(project, i) for i in (run_id, whole.run_id))
    assert [row.epoch for row in ours] == list(range(1, 16))
    for mine, other in zip(ours, theirs, strict=True):
        expected = pytest.approx(timeless(other.metrics), abs=1e-6)
        assert timeless(mine.metrics) == expected
    unbroken = read_run(name, whole.run_id)
    assert broken.best_epoch == unbroken.best_epoch
    assert broken.metrics == pytest.approx(unbroken.metrics, abs=1e-6)


def test_the_best_epoch_is_kept_also_when_later_ones_are_worse(tmp_path: Path) -> None:
    trainer, records = make_trainer(tmp_path, TINY.with_changes(epochs=6))
    trainer.run()
    losses = [record["metrics"]["val_loss"] for record in records]
    best = trainer.use_best()
    assert best == 1 + int(np.argmin(losses))
    found = trainer._validate()
    assert found["loss"] == pytest.approx(min(losses), abs=1e-6)


def test_patience_ends_a_run_that_gets_no_better(tmp_path: Path) -> None:
    config = TINY.with_changes(epochs=50, patience=2, learning_rate=1e-7)
    config = config.with_changes(monitor="val_exact_match")
    trainer, records = make_trainer(tmp_path, config)
    trainer.run()
    assert len(records) == 3 and trainer.progress.best_epoch == 1


def test_without_held_out_pictures_training_figures_decide(tmp_path: Path) -> None:
    trainer, records = make_trainer(tmp_path)
    nobody = trainer.data.validation[:0]
    trainer.data = RunData(trainer.data.store, trainer.data.y, np.arange(40), nobody)
    trainer.run()
    assert "val_loss" not in records[0]["metrics"]
    assert trainer.progress.best_epoch is not None


def test_not_a_number_stops_the_run_with_advice(tmp_path: Path) -> None:
    trainer, _ = make_trainer(tmp_path)
    weights = trainer.network.weights()
    weights[max(weights)][:] = np.nan  # the bias of the answers
    trainer.network.set_weights(weights)
    with pytest.raises(TrainingError, match=r"epoch 1, batch 1.*learning rate") as said:
        trainer.run()
    # The batch's own pictures, whoever looks them up.
    first = shuffled_batches(trainer.data.train, 8, TINY.seed, epoch=1)[0]
    assert "pictures: " + ", ".join(f"row {row}" for row in first) in str(said.value)


def test_weights_that_are_no_numbers_are_never_kept(tmp_path: Path) -> None:
    trainer, _ = make_trainer(tmp_path)
    weights = trainer.network.weights()
    # Behind the first layer's ReLU it may not show in any answer.
    weights["v0000"][0, 0, 0, 0] = np.nan
    trainer.network.set_weights(weights)
    with pytest.raises(TrainingError, match=r"ran away in epoch 1.*learning rate"):
        trainer.run()
    assert checkpoints.load_latest(trainer.folder) is None


def test_checkpoints_keep_two_generations_and_the_best(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    arrays = {"v0000": np.arange(3.0)}
    for epoch in range(1, 6):
        progress = Progress(epoch, best_epoch=min(epoch, 2), best_value=1.0)
        checkpoints.save(folder, progress, arrays, {})
    assert sorted(path.name for path in folder.iterdir()) == [
        "best-0002",
        "epoch-0004",
        "epoch-0005",
    ]


def test_a_damaged_or_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    for epoch in (1, 2):
        arrays = {"v0000": np.full(3, float(epoch))}
        checkpoints.save(folder, Progress(epoch, best_epoch=1), arrays, arrays)
    half = folder / ".writing-epoch-0003-1"
    half.mkdir()
    damaged = folder / "epoch-0002" / "weights.npz"
    damaged.write_bytes(damaged.read_bytes()[:-30])
    found = checkpoints.load_latest(folder)
    assert found is not None and found.progress.epoch == 1
    assert found.weights["v0000"].tolist() == [1, 1, 1]
    assert not half.exists()
    assert checkpoints.load_best(folder, 1)["v0000"].tolist() == [1, 1, 1]
    assert checkpoints.load_latest(tmp_path / "none") is None


def test_an_epoch_row_lost_to_a_kill_is_written_on_resume() -> None:
    name = make_project()
    with open_project(name) as project:
        splits.assign_project(project, TINY)
        run = create_run(project, recipe="t", config=TINY.as_json(), epochs_total=3)
        snapshot.freeze(project, run, TINY)
        claimed = claim_next(project)
        assert claimed is not None
        # As after a kill between the checkpoint of epoch 2 and its row.
        session = RunSession(project, claimed, print)
        trainer = session._make_trainer()
        # What a batch that runs away would be told as.
        assert trainer.data.names_of([1, 0]) == ["1.png", "0.png"]
        trainer.reporter = Reporter(lambda done, total: None, lambda record: None)
        trainer.config = TINY.with_changes(epochs=2)
        trainer.run()
        assert list_epochs(project, run.run_id) == []
    assert main([name, run.run_id]) == 0
    with open_project(name) as project:
        rows = list_epochs(project, run.run_id)
    assert [row.epoch for row in rows] == [1, 2, 3]
