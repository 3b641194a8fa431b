"""Runs with two branches: they learn what a plain network cannot, and are resumed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_mlcore_train_resume import Killed, kill_after, timeless
from test_mlcore_two_branch import QUESTIONS, SIDE_PX, draw_all, is_left_out
from tiny_training import TINY, make_project, make_single_project, read_run

from mlcore import snapshot, splits
from mlcore.config import TrainConfig
from mlcore.dataset import PixelStore, fit_image, shuffled_batches
from mlcore.images import open_rgb
from mlcore.model_files import load_model
from mlcore.model_json import MODEL_NAME, PREDICTIONS_NAME
from mlcore.network import Network
from mlcore.pixel_hashes import image_file
from mlcore.recipes import RECIPES
from mlcore.snapshot import load_snapshot
from mlcore.training import Reporter, RunData, Trainer
from mlcore.two_branch_evidence import choose_evidence
from mlcore.two_branch_fusion import Fusion
from mlcore.two_branch_plan import BOTH, COLOUR, SHAPE, make_plan
from mlcore.worker import main
from storage.images import get_images
from storage.projects import open_project
from storage.runs import claim_next, create_run, run_dir

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SMALL = RECIPES["compositional-scratch"].config.with_changes(
    image_size_px=SIDE_PX,
    conv_blocks="8 16,16 32",
    head_units=32,
    epochs=12,
    batch_size=16,
)


def train(
    network: Network, pixels: np.ndarray, y: np.ndarray, rows: np.ndarray
) -> None:
    for epoch in range(1, network.config.epochs + 1):
        network.start_epoch(epoch)
        for step, batch in enumerate(shuffled_batches(rows, 16, 1, epoch)):
            network.train(pixels[batch], y[batch], epoch, step)


def share_right(logits: np.ndarray, y: np.ndarray) -> float:
    """The part of which both colour and shape are answered right."""
    groups = [slice(0, 3), slice(3, 6)]
    right = [logits[:, g].argmax(axis=1) == y[:, g].argmax(axis=1) for g in groups]
    return float(np.logical_and(*right).mean())


def test_two_branches_answer_a_combination_that_a_plain_network_misses() -> None:
    pixels, y = draw_all(each=40)
    others = np.flatnonzero(~is_left_out(y))
    asked, asked_y = draw_all(each=20, seed=10_000)
    unseen = is_left_out(asked_y)
    evidence = choose_evidence(pixels[others], y[others], QUESTIONS)
    fusion = Fusion(make_plan(evidence, QUESTIONS, y[others], []), QUESTIONS)
    found = {}
    for name in ("plain", "two"):
        steps = -(-len(others) // 16)
        given = fusion if name == "two" else None
        network = Network(SMALL, 7, "groups", steps, y[others], given)
        train(network, pixels, y, others)
        if given:
            raw = network.predict_raw(asked[~unseen])
            network.fusion = Fusion(given.settled(raw, asked_y[~unseen]), QUESTIONS)
        logits = network.predict(asked)
        found[name] = [share_right(logits[r], asked_y[r]) for r in (~unseen, unseen)]
    assert found["plain"][0] >= 0.95 and found["plain"][1] <= 0.4
    assert found["two"][0] >= 0.95 and found["two"][1] >= 0.8


def make_trainer(folder: Path, on_batch=lambda done, total: None) -> tuple:
    records: list = []
    pixels, y = draw_all(each=3)
    rows = np.arange(len(y))
    data = RunData(PixelStore(pixels, {}), y, rows[:18], rows[18:], questions=QUESTIONS)
    plan = make_plan([COLOUR] * 3 + [SHAPE] * 3 + [BOTH], QUESTIONS, y[:18], [])
    config = SMALL.with_changes(conv_blocks="4", epochs=3, batch_size=6)
    network = Network(config, 7, "groups", 3, y[:18], Fusion(plan, QUESTIONS))
    reporter = Reporter(on_batch, records.append)
    return Trainer(config, network, data, folder, reporter), records


def test_two_branches_broken_and_resumed_equal_an_unbroken_run(tmp_path: Path) -> None:
    whole, records = make_trainer(tmp_path / "whole")
    whole.run()
    # An epoch has five batches, two of them validation.
    broken, before = make_trainer(tmp_path / "broken", kill_after(7))
    with pytest.raises(Killed):
        broken.run()
    # The same network again, whose weights went on after the last complete epoch.
    broken.reporter = Reporter(lambda done, total: None, before.append)
    assert broken.restore()
    broken.run()
    for ours, theirs in zip(before, records, strict=True):
        expected = pytest.approx(timeless(theirs["metrics"]), abs=1e-6)
        assert timeless(ours["metrics"]) == expected
    for name, array in whole.network.weights().items():
        np.testing.assert_allclose(broken.network.weights()[name], array, atol=1e-6)


def train_here(name: str, config: TrainConfig) -> Path:
    """The folder of a run that this process trained."""
    with open_project(name) as project:
        splits.assign_project(project, config)
        run = create_run(project, recipe="t", config=config.as_json(), epochs_total=2)
        snapshot.freeze(project, run, config)
        assert claim_next(project) is not None
        folder = run_dir(project, run.run_id)
    assert main([name, run.run_id]) == 0
    assert read_run(name, run.run_id).state == "finished"
    return folder


def test_a_run_with_two_branches_leaves_a_model_that_answers_as_it_did() -> None:
    config = TINY.with_changes(branches="two", epochs=2)
    name = make_project(each=10)
    folder = train_here(name, config)
    assert load_snapshot(folder).output == "groups"
    model = load_model(folder)
    assert model.model_json["branches"]["evidence"] == [COLOUR] * 2 + [SHAPE] * 2
    kept = pd.read_parquet(folder / PREDICTIONS_NAME)
    with open_project(name) as project:
        ids = kept["image_id"].tolist()
        paths = [image_file(project, i.sha256, i.ext) for i in get_images(project, ids)]
    pixels = np.stack([fit_image(open_rgb(path), TINY.image_size_px) for path in paths])
    expected = kept.filter(regex=r"^p\d").to_numpy()
    np.testing.assert_allclose(model.predict(pixels), expected, atol=1e-5)


def test_without_two_groups_there_is_one_branch() -> None:
    config = TINY.with_changes(branches="two", output="sigmoid", epochs=1)
    name = make_single_project(each=6)
    folder = train_here(name, config)
    assert "branches" not in json.loads((folder / MODEL_NAME).read_text())


def test_branches_count_only_where_there_is_colour_to_tell_apart() -> None:
    config = RECIPES["compositional-scratch"].config
    assert config.has_branches
    for other in ({"colour": "gray"}, {"network": "vgg16"}, {"branches": "one"}):
        assert not config.with_changes(**other).has_branches
