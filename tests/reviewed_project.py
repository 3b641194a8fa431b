"""A project with a finished run, its folder written as a worker leaves it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.config import TrainConfig
from mlcore.model_json import (
    MODEL_NAME,
    PREDICTIONS_NAME,
    describe_model,
    encode,
)
from mlcore.snapshot import Snapshot, freeze
from storage.answers import set_many
from storage.groups import set_group
from storage.images import add_images
from storage.labels import create_labels
from storage.projects import Project
from storage.records import Epoch, NewImage, Run
from storage.run_states import claim_next, finish_run
from storage.runs import add_epoch, create_run, run_dir
from storage.splits import assign_splits

Combination = tuple[str, str]

SIX: dict[Combination, int] = {
    ("black", "jeans"): 12,
    ("blue", "dress"): 11,
    ("blue", "jeans"): 10,
    ("blue", "shirt"): 9,
    ("red", "dress"): 8,
    ("red", "shirt"): 7,
}

GROUPS = {"colour": ["black", "blue", "red"], "garment": ["dress", "jeans", "shirt"]}


@dataclass
class FakeRun:
    """A project's finished run and what it was made of."""

    run: Run
    snapshot: Snapshot


def fill_project(
    project: Project,
    make_image: Callable[..., bytes],
    counts: dict[Combination, int],
    split_of: Callable[[int, Combination], str],
) -> None:
    """Add tiny pictures of each combination, labelled and put into splits."""
    contents = {
        make_image((number, place, 9), 8): combination
        for place, (combination, count) in enumerate(counts.items())
        for number in range(count)
    }
    batch = [
        (_as_new(data, f"{'_'.join(names)}.png"), data)
        for data, names in contents.items()
    ]
    added = add_images(project, batch).added
    for name, members in GROUPS.items():
        set_group(project, name, members, "exactly-one", who="")
    names = [label for members in GROUPS.values() for label in members]
    labels = create_labels(project, names, who="")
    ids = {label.name: label.label_id for label in labels}
    combination_of = {added[new.sha256]: contents[data] for new, data in batch}
    rows = [
        (image_id, frozenset(ids[name] for name in names))
        for image_id, names in combination_of.items()
    ]
    set_many(project, rows, who="", batch_id="import")
    splits = {
        image_id: split_of(place, combination)
        for place, (image_id, combination) in enumerate(combination_of.items())
    }
    assign_splits(project, splits)


def _as_new(data: bytes, name: str) -> NewImage:
    digest = hashlib.sha256(data).hexdigest()
    return NewImage(digest, name, "png", 8, 8, len(data), "test")


def make_run(
    project: Project, state: str = "finished", *, sharpness: float = 4.0
) -> FakeRun:
    """Write a run folder and its rows as a worker does, with invented answers."""
    config = TrainConfig(epochs=3)
    run = create_run(
        project, recipe=config.recipe, config=config.as_json(), epochs_total=3
    )
    snapshot = freeze(project, run, config)
    claimed = claim_next(project)
    assert claimed is not None
    for epoch in range(1, 4):
        metrics = {"loss": 1 / epoch, "val_loss": 1.2 / epoch, "val_exact_match": 0.3}
        row = Epoch(epoch, 1.5, metrics)
        add_epoch(project, run.run_id, claimed.attempt, row)
    folder = run_dir(project, run.run_id)
    predictions = invent_predictions(snapshot, sharpness)
    predictions.to_parquet(folder / PREDICTIONS_NAME, index=False)
    (folder / MODEL_NAME).write_bytes(
        encode(describe_model(snapshot, {"best_epoch": 2}, {}))
    )
    finish_run(
        project,
        run.run_id,
        claimed.attempt,
        state,
        seconds=4.5,
        metrics={"val_exact_match": sharpness / 100},
        best_epoch=2,
    )
    return FakeRun(run, snapshot)


def invent_predictions(snapshot: Snapshot, sharpness: float) -> pd.DataFrame:
    """Return plausible probabilities of held-out images: truth plus seeded noise."""
    held_out = snapshot.images["split"].isin(["validation", "test"]).to_numpy()
    truth = snapshot.y[held_out] == 1
    noise = np.random.default_rng(7).normal(size=truth.shape)
    logits = sharpness * (truth - 0.5) + noise
    frame = snapshot.images.loc[held_out, ["image_id", "split"]].reset_index(drop=True)
    for place, label in enumerate(snapshot.labels):
        column = 1 / (1 + np.exp(-logits[:, place]))
        frame[f"p{label.label_id}"] = column.astype(np.float32)
    return frame


def every_third(place: int, combination: Combination) -> str:
    return "validation" if place % 3 == 0 else "train"


@pytest.fixture
def filled(project: Project, make_image: Callable[..., bytes]) -> Iterator[Project]:
    """Six combinations, a third of the images held out for validation."""
    fill_project(project, make_image, SIX, every_third)
    yield project


def open_review(tab: str = "", *, all_figures: bool = False) -> AppTest:
    page = AppTest.from_file("../pages/main.py", default_timeout=30)
    page.session_state["review_more_figures"] = all_figures
    if tab:
        page.session_state["review_tab"] = tab
    page.switch_page("review.py").run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    """Return everything written on the page, Markdown and captions."""
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def tiles(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def choose_rule(page: AppTest, fake: FakeRun, rule: str) -> None:
    page.selectbox(key=f"review_rule_{fake.run.run_id}").set_value(rule).run()
    assert not page.exception
