"""What a run leaves: a model that answers the same, checked files, honest sentences."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tiny_training import (
    TINY,
    make_binary_project,
    make_project,
    make_single_project,
    read_run,
)

from mlcore import model_files, snapshot, splits
from mlcore.config import TrainConfig
from mlcore.dataset import fit_image
from mlcore.errors import PredictionError, TrainingError
from mlcore.images import open_rgb
from mlcore.pixel_hashes import image_file
from mlcore.recipes import RECIPES
from mlcore.run_base import StopRequested
from mlcore.worker import explain, main
from storage.database import immediate
from storage.images import list_images
from storage.projects import open_project
from storage.runs import claim_next, create_run, list_epochs, run_dir
from storage.splits import assign_splits

pytestmark = [
    pytest.mark.slow,
    # keras 3.15 with numpy 2.4, in its own save_weights.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

ONCE = TINY.with_changes(epochs=1)


def train(name: str, config: TrainConfig = ONCE) -> tuple[str, Path]:
    """Train in this process, as the worker would; the run's id and folder."""
    with open_project(name) as project:
        splits.assign_project(project, config)
        with immediate(project.db):
            run = create_run(
                project,
                recipe=config.recipe,
                config=config.as_json(),
                epochs_total=config.epochs,
            )
            snapshot.freeze(project, run, config)
        assert claim_next(project) is not None
        folder = run_dir(project, run.run_id)
    main([name, run.run_id])
    return run.run_id, folder


@pytest.mark.parametrize("output", ["auto", "groups"])
def test_the_saved_model_gives_the_saved_predictions(output: str) -> None:
    name = make_project()
    run_id, folder = train(name, ONCE.with_changes(output=output))
    assert read_run(name, run_id).state == "finished"
    frozen = snapshot.load_snapshot(folder)
    predictions = pd.read_parquet(folder / "predictions.parquet")
    names = [f"p{label.label_id}" for label in frozen.labels]
    assert list(predictions) == ["image_id", "split", *names]
    assert set(predictions["split"]) == {"validation"}
    model = model_files.load_model(folder)
    with open_project(name) as project:
        by_id = {image.image_id: image for image in list_images(project)}
        held = [by_id[image_id] for image_id in predictions["image_id"]]
        paths = [image_file(project, image.sha256, image.ext) for image in held]
    batch = np.stack([fit_image(open_rgb(path), 12) for path in paths])
    np.testing.assert_allclose(model.predict(batch), predictions[names], atol=1e-5)
    assert model.predict(batch[:0]).shape == (0, 4)
    one_each = [predictions[names[:2]].sum(axis=1), predictions[names[2:]].sum(axis=1)]
    assert np.allclose(one_each, 1) == (output == "groups")


def test_model_json_says_what_the_model_has_seen() -> None:
    name = make_project()
    _, folder = train(name)
    facts = json.loads((folder / "model.json").read_text())
    assert [label["name"] for label in facts["labels"]] == [
        "red",
        "blue",
        "tall",
        "wide",
    ]
    assert [group["name"] for group in facts["groups"]] == ["colour", "shape"]
    assert facts["output"] == "sigmoid" and facts["thresholds"] == [0.5] * 4
    frozen = snapshot.load_snapshot(folder)
    assert sum(entry["count"] for entry in facts["seen"]) == len(
        frozen.rows_of("train")
    )
    assert len(facts["seen"]) == 4
    assert facts["snapshot_sha256"] == frozen.sha256


@pytest.mark.parametrize("file", ["weights.weights.h5", "model.json"])
def test_a_changed_model_is_refused(file: str) -> None:
    _, folder = train(make_project())
    path = folder / file
    if file == "model.json":
        path.write_text(path.read_text().replace("convnet", "os.system"))
    else:
        path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(PredictionError, match="cannot be used"):
        model_files.load_model(folder)
    with pytest.raises(PredictionError, match="has no model"):
        model_files.load_model(folder.parent)


def test_one_group_of_all_labels_trains_with_softmax() -> None:
    _, folder = train(make_single_project())
    model = model_files.load_model(folder)
    assert model.model_json["output"] == "softmax"
    batch = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 3), np.uint8)
    np.testing.assert_allclose(model.predict(batch).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("recipe", ["fast", "digits", "catsdogs", "mnist", "apparel"])
def test_a_recipe_trains_and_its_model_answers(recipe: str) -> None:
    config = RECIPES[recipe].config.with_changes(epochs=1)
    size_px = 48 if recipe == "catsdogs" else 28
    name = make_single_project(each=3)
    run_id, folder = train(name, config.with_changes(image_size_px=size_px))
    run = read_run(name, run_id)
    assert (run.state, run.recipe) == ("finished", recipe)
    with open_project(name) as project:
        (epoch,) = list_epochs(project, run_id)
    assert {"f_beta_macro", "val_f_beta_micro", "learning_rate", "memory_mb"} < set(
        epoch.metrics
    )
    model = model_files.load_model(folder)
    assert model.model_json["output"] == (
        "sigmoid" if recipe in ("catsdogs", "mnist") else "softmax"
    )
    batch = np.zeros((2, size_px, size_px, 3), np.uint8)
    assert model.predict(batch).shape == (2, 2)


def test_softmax_over_several_true_labels_trains_and_names_one() -> None:
    _, folder = train(make_project(), ONCE.with_changes(output="softmax"))
    model = model_files.load_model(folder)
    batch = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 3), np.uint8)
    np.testing.assert_allclose(model.predict(batch).sum(axis=1), 1, atol=1e-5)


def test_a_single_label_trains_as_a_yes_no_question() -> None:
    name = make_binary_project()
    run_id, folder = train(name)
    assert model_files.load_model(folder).model_json["output"] == "sigmoid"
    assert read_run(name, run_id).metrics["binary_accuracy"] is not None


def test_test_pictures_are_predicted_but_never_trained_on() -> None:
    config = ONCE.with_changes(test_fraction=0.2)
    name = make_project(each=10)
    run_id, folder = train(name, config)
    predictions = pd.read_parquet(folder / "predictions.parquet")
    assert predictions["split"].value_counts().to_dict() == {
        "validation": 8,
        "test": 8,
    }
    assert read_run(name, run_id).metrics["split"] == "test"


def test_an_unreadable_picture_costs_one_picture_and_is_named() -> None:
    name = make_project()
    damage(name, 1)
    run_id, _ = train(name)
    assert read_run(name, run_id).state == "finished"


def test_many_unreadable_pictures_stop_the_run_in_words() -> None:
    name = make_project()
    damage(name, 3)
    run_id, _ = train(name)
    run = read_run(name, run_id)
    assert run.state == "failed"
    assert "3 of 32 pictures cannot be read" in run.message


def damage(name: str, count: int) -> None:
    with open_project(name) as project:
        for image in list_images(project)[:count]:
            image_file(project, image.sha256, image.ext).write_bytes(b"no picture")


def test_a_run_does_not_see_what_is_changed_after_its_start() -> None:
    name = make_project()
    with open_project(name) as project:
        assign_splits(project, {i.image_id: "train" for i in list_images(project)})
    _, folder = train(name)
    with open_project(name) as project:
        drawn = [i.split for i in list_images(project)]
        assign_splits(project, {i.image_id: "train" for i in list_images(project)})
    frozen = snapshot.load_snapshot(folder)
    table = folder / "snapshot.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"\0")
    with pytest.raises(TrainingError, match="changed after the start"):
        snapshot.load_snapshot(folder)
    assert list(frozen.images["split"]) == drawn
    assert drawn.count("validation") == 6


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "out of memory"),
        (OSError(28, "No space left on device"), "No space left"),
        (ImportError("no tensorflow"), "library"),
        (ZeroDivisionError(), "the log has the details"),
        (StopRequested(discard=True), "unexpectedly"),
    ],
)
def test_any_failure_becomes_a_sentence(error: Exception, said: str) -> None:
    assert said in explain(error)
