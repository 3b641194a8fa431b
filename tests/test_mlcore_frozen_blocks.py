"""Frozen blocks that run once: equal to running them always, whole after a kill."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from tiny_training import TINY, make_project, read_run

from mlcore import snapshot, splits
from mlcore.config import TrainConfig
from mlcore.dataset import FROZEN_NAME, PixelStore, remove_pixels
from mlcore.errors import TrainingError
from mlcore.frozen_blocks import FrozenOutputs, FrozenPlan, Half, prepare_frozen
from mlcore.network import Network
from mlcore.training import Reporter, RunData, Trainer
from mlcore.worker import main
from storage.projects import open_project
from storage.runs import claim_next, create_run, run_dir

SIZE_PX = 32
STILL = TINY.with_changes(
    network="vgg16",
    image_size_px=SIZE_PX,
    frozen_blocks=4,
    head_units=8,
    conv_dropout=0.0,
    head_dropout=0.3,
    learning_rate=1e-4,
    rotation_deg=0.0,
    shift=0.0,
    shear_deg=0.0,
    zoom=0.0,
    flip_horizontal=False,
    mixed_precision="float32",
    epochs=1,
)


def nothing(done: int, total: int) -> None:
    return None


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it."""


class Counted(NamedTuple):
    """A stand-in for frozen blocks that tells what it was asked."""

    asked: list[tuple[int, int]]

    def compute(self, pictures: np.ndarray, draw: int) -> Half:
        self.asked.append((len(pictures), draw))
        means = pictures.mean(axis=(1, 2)).astype(np.float16)
        return means + np.float16(draw * 1000)


def make_plan(train: int = 70, held_out: int = 40, variants: int = 3) -> FrozenPlan:
    rows = np.random.default_rng(3).permutation(train + held_out)
    return FrozenPlan(rows[:train], rows[train:], variants, (3,), 7, "these weights")


def make_pixels(count: int = 110, size_px: int = 4) -> PixelStore:
    chance = np.random.default_rng(4)
    return PixelStore(chance.integers(0, 256, (count, size_px, size_px, 3), "u1"), {})


def test_each_picture_goes_through_its_variants_and_validation_is_unchanged(
    tmp_path: Path,
) -> None:
    plan, store, blocks = make_plan(), make_pixels(), Counted([])
    outputs = prepare_frozen(tmp_path, plan, store.batch, blocks.compute, nothing)
    assert sum(count for count, _ in blocks.asked) == plan.rows == 3 * 70 + 40
    assert len({draw for _, draw in blocks.asked}) == 1 + 2 * 3
    means = store.pixels.mean(axis=(1, 2)).astype(np.float16)
    np.testing.assert_array_equal(
        outputs.validation_batch(plan.validation), means[plan.validation]
    )
    shown = [outputs.training_batch(plan.train, epoch) for epoch in (1, 2, 3, 4)]
    draws = [np.round((s - means[plan.train]).mean(axis=1) / 1000) for s in shown]
    # Three epochs show all three, one of them unchanged; then it begins again.
    assert all((np.sort(d)[:1] == 0).all() for d in np.stack(draws[:3], 1))
    assert all(len(set(d)) == 3 for d in np.stack(draws[:3], 1).tolist())
    np.testing.assert_array_equal(shown[0], shown[3])
    assert 10 < (draws[0] == 0).sum() < 40
    again = FrozenOutputs.open(tmp_path, plan)
    np.testing.assert_array_equal(again.training_batch(plan.train, 2), shown[1])
    remove_pixels(tmp_path)
    assert list(tmp_path.glob("frozen*")) == []


def kill_after(outputs: int) -> Callable[[int, int], None]:
    def count(done: int, total: int) -> None:
        if done >= outputs:
            raise Killed

    return count


def test_a_kill_keeps_whole_pieces_and_other_weights_begin_anew(
    tmp_path: Path,
) -> None:
    plan, store = make_plan(), make_pixels()
    (tmp_path / "whole").mkdir()
    whole = prepare_frozen(
        tmp_path / "whole", plan, store.batch, Counted([]).compute, nothing
    )
    with pytest.raises(Killed):
        prepare_frozen(
            tmp_path, plan, store.batch, Counted([]).compute, kill_after(100)
        )
    path = tmp_path / FROZEN_NAME
    path.write_bytes(path.read_bytes() + b"half a row")
    blocks, heard = Counted([]), []
    resumed = prepare_frozen(
        tmp_path, plan, store.batch, blocks.compute, lambda *n: heard.append(n)
    )
    assert heard[0] == (102, plan.rows) and heard[-1] == (plan.rows, plan.rows)
    assert sum(count for count, _ in blocks.asked) == plan.rows - 102
    np.testing.assert_array_equal(resumed.outputs, whole.outputs)
    other = FrozenPlan(*(plan.train, plan.validation, 3, (3,), 7, "other weights"))
    blocks = Counted([])
    prepare_frozen(tmp_path, other, store.batch, blocks.compute, nothing)
    assert sum(count for count, _ in blocks.asked) == plan.rows


def test_a_disk_too_small_is_said_before_anything_is_computed(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    plan = make_plan()
    enormous = FrozenPlan(plan.train, plan.validation, 3, (free // 500,), 7, "w")
    blocks = Counted([])
    with pytest.raises(TrainingError, match=r"3 cached variants of 70 .* GB to spare"):
        prepare_frozen(tmp_path, enormous, make_pixels().batch, blocks.compute, nothing)
    assert blocks.asked == []


def train(folder: Path, config: TrainConfig, cached: int) -> tuple[Trainer, list[Any]]:
    config = config.with_changes(cached_augmentations=cached)
    store = make_pixels(36, SIZE_PX)
    answers = np.random.default_rng(5).integers(-1, 2, (36, 3)).astype(np.int8)
    data = RunData(store, answers, np.arange(24), np.arange(24, 36))
    network = Network(config, 3, "sigmoid", steps=3)
    if network.frozen is not None:
        part = network.frozen
        plan = FrozenPlan(
            data.train, data.validation, part.variants, part.shape, 1, part.digest()
        )
        outputs = prepare_frozen(folder, plan, store.batch, part.compute, nothing)
        data = RunData(*(store, answers, data.train, data.validation), frozen=outputs)
    records: list[Any] = []
    reporter = Reporter(nothing, records.append)
    trainer = Trainer(config, network, data, folder / "checkpoints", reporter)
    trainer.run()
    return trainer, records


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_cached_epochs_equal_uncached_ones(tmp_path: Path) -> None:
    always, wanted = train(tmp_path / "always", STILL, cached=0)
    (tmp_path / "once").mkdir()
    # Without changes at random all variants would be one: only one is computed.
    once, found = train(tmp_path / "once", STILL, cached=4)
    assert once.data.frozen is not None and once.data.frozen.plan.variants == 1
    for mine, other in zip(found, wanted, strict=True):
        for name in ("loss", "val_loss", "binary_accuracy"):
            expected = pytest.approx(other["metrics"][name], rel=2e-3)
            assert mine["metrics"][name] == expected
    # One network: its checkpoints fit, and whole pictures give what halves give.
    mine, other = once.network.weights(), always.network.weights()
    assert mine.keys() == other.keys()
    for name in mine:
        np.testing.assert_allclose(mine[name], other[name], atol=5e-4)
    rows = once.data.validation
    np.testing.assert_allclose(
        once.network.predict(once.data.store.batch(rows)),
        once.network.predict(once.data.validation_batch(rows)),
        atol=1e-2,
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_variants_are_drawn_from_the_seed(tmp_path: Path) -> None:
    config = STILL.with_changes(rotate_90=True, cached_augmentations=3)
    network = Network(config, 3, "sigmoid", steps=3)
    part, pictures = network.frozen, make_pixels(6, SIZE_PX).pixels
    assert part is not None and part.variants == 3 and part.shape == (2, 2, 512)
    unchanged = part.compute(pictures, 0)
    assert unchanged.dtype == np.float16
    np.testing.assert_array_equal(part.compute(pictures, 5), part.compute(pictures, 5))
    assert not np.array_equal(part.compute(pictures, 5), part.compute(pictures, 6))
    quarter = np.rot90(pictures, axes=(1, 2))
    turned = [part.compute(np.rot90(quarter, at, (1, 2)), 0)[0] for at in range(4)]
    changed = part.compute(pictures, 5)[0]
    differences = [float(np.abs(changed - one).max()) for one in turned]
    assert min(differences) < 1e-2 * float(np.abs(changed).max()) + 1e-3


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_run_with_cached_blocks_ends_as_any_other_and_leaves_no_cache(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = make_project(each=4)
    config = STILL.with_changes(cached_augmentations=2, flip_vertical=True)
    with open_project(name) as project:
        splits.assign_project(project, config)
        run = create_run(project, recipe="t", config=config.as_json(), epochs_total=1)
        snapshot.freeze(project, run, config)
        assert claim_next(project) is not None
        folder = run_dir(project, run.run_id)
    assert main([name, run.run_id]) == 0
    run = read_run(name, run.run_id)
    assert (run.state, run.best_epoch) == ("finished", 1)
    assert {"model.json", "weights.weights.h5"} <= {p.name for p in folder.iterdir()}
    assert list(folder.glob("frozen*")) == []
    assert "Running the frozen blocks once: 29 outputs, 0 MB" in capsys.readouterr().out
