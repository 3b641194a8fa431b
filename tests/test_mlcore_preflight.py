"""What is said before a run starts, and what a snapshot freezes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_training import (
    COLOURS,
    TINY,
    WHO,
    add_pictures,
    draw,
    make_binary_project,
    make_project,
    make_single_project,
)

from mlcore import preflight, snapshot, splits, weights
from mlcore.config import TrainConfig
from mlcore.errors import TrainingError
from mlcore.findings import Remedy
from mlcore.preflight_mending import mend
from mlcore.recipes import RECIPES, find_recipe
from storage.answers import answer, set_many
from storage.groups import set_group
from storage.image_marks import move_to_split
from storage.images import list_image_ids
from storage.implications import imply
from storage.labels import create_labels, list_labels, rename_label
from storage.projects import Project, open_project


def said(project: Project, config: TrainConfig = TINY) -> str:
    found = preflight.check(project, config)
    return "\n".join(f"{each.level}: {each.text} {each.hint}" for each in found)


def test_an_empty_project_is_told_the_first_step_only(project: Project) -> None:
    assert said(project).startswith("stop: There are no pictures yet.")
    (image_id,) = add_pictures(project, [draw("red", "tall", 1)])
    assert said(project).startswith("stop: There are no labels yet.")
    (label,) = create_labels(project, ["red"], who=WHO)
    assert said(project).startswith("stop: No picture is labelled yet.")
    answer(project, image_id, {label.label_id: True}, who=WHO, batch_id="1")
    assert said(project).startswith("stop: One labelled picture is not enough.")


def test_a_sound_project_hears_no_reason_to_stop() -> None:
    with open_project(make_project(each=10)) as project:
        found = preflight.check(project, TINY)
    assert not [each for each in found if each.level != "info"]


def test_labels_with_few_or_no_or_only_pictures_are_named(project: Project) -> None:
    names = ["always", "never", "seldom", "often"]
    labels = {
        each.name: each.label_id for each in create_labels(project, names, who=WHO)
    }
    ids = add_pictures(project, [draw("red", "tall", seed) for seed in range(30)])
    rows = []
    for at, image_id in enumerate(ids):
        yes = {"always"} | ({"seldom"} if at < 3 else set())
        yes |= {"often"} if at % 2 else set()
        rows.append((image_id, frozenset(labels[name] for name in yes)))
    set_many(project, rows, who=WHO, batch_id="all")
    text = said(project)
    assert "On no picture: never." in text
    assert "On every labelled picture: always." in text
    assert "On fewer than 5 pictures: seldom (3)." in text
    assert "stop" not in text


def test_unlabelled_pictures_and_open_questions_are_counted() -> None:
    with open_project(make_project(each=10)) as project:
        add_pictures(project, [draw("red", "tall", seed) for seed in range(500, 503)])
        create_labels(project, ["new"], who=WHO)
        text = said(project)
    assert "3 of 43 pictures are not labelled" in text
    assert "40 pictures have open questions" in text


def test_missing_combinations_are_named() -> None:
    with open_project(make_project(each=10)) as project:
        labels = {label.name: label.label_id for label in list_labels(project)}
        # The same pictures again, so that all blue wide ones get another label.
        ids = add_pictures(project, [draw("blue", "wide", at) for at in range(40)])
        red_wide = frozenset({labels["red"], labels["wide"]})
        set_many(project, [(i, red_wide) for i in ids], who=WHO, batch_id="again")
        text = said(project)
        answered = said(project, find_recipe("compositional").config)
    assert "1 of 4 combinations have no picture: blue wide." in text
    assert "will guess there" in text
    assert "This recipe answers those too" in answered


def test_softmax_is_used_where_it_fits_and_explained_where_it_does_not() -> None:
    with open_project(make_single_project()) as project:
        sigmoid = TINY.with_changes(output="sigmoid")
        assert "trained with softmax" in said(project)
        assert "sigmoid asks yes or no for each" in said(project, sigmoid)
        set_group(project, "colour", list(COLOURS), "any", who="")
        assert "put all of them into one" in said(project, sigmoid)
    with open_project(make_project()) as project:
        splits.assign_project(project, TINY)
        softmax = TINY.with_changes(output="softmax")
        text = said(project, softmax)
        frozen = snapshot.collect(project, softmax)
    assert "warn: Several labels can be true together: use sigmoid." in text
    assert "32 pictures have more than one label" in text and "stop" not in text
    assert frozen.output == "softmax" and len(frozen.images) == 32
    with open_project(make_binary_project()) as project:
        assert "stop: Softmax chooses between labels" in said(project, softmax)


def test_missing_vgg16_weights_are_announced_before_the_start(tmp_path: Path) -> None:
    config = RECIPES["vgg16"].config
    with open_project(make_project()) as project:
        assert weights.DOWNLOAD_NAME in said(project, config)
        gone = config.with_changes(weights_file=str(tmp_path / "gone.h5"))
        assert "stop: The weights file" in said(project, gone)
        assert "random numbers" in said(project, config.with_changes(pretrained=False))


def test_a_kept_split_that_differs_from_the_wish_is_mentioned() -> None:
    with open_project(make_project(each=10)) as project:
        splits.assign_project(project, TINY)
        text = said(project, TINY.with_changes(test_fraction=0.2))
        assert "The split stays as it was: 32 train, 8 validation, 0 test." in text
        # All of it to train on, as some data sets come: a part is drawn at the start.
        everything = list_image_ids(project)
        move_to_split(project, everything, "train", who=WHO, batch_id="all")
        text = said(project)
        assert "info: About 8 of 40 training pictures will be held out" in text
        assert "Searched for copies so far: 0 of 40 pictures." in text
        splits.assign_project(project, TINY)
        assert "held out" not in said(project)
        # A single picture that trains leaves nothing to draw.
        move_to_split(project, everything, "test", who=WHO, batch_id="test")
        move_to_split(project, everything[:1], "train", who=WHO, batch_id="one")
        assert "warn: No picture is held out for validation." in said(project)


def test_a_snapshot_comes_back_as_it_was_and_ignores_later_changes() -> None:
    with open_project(make_project()) as project:
        splits.assign_project(project, TINY)
        frozen = snapshot.write(snapshot.collect(project, TINY), project.folder / "s")
        label = list_labels(project)[0]
        rename_label(project, label.label_id, "scarlet", who=WHO)
        loaded = snapshot.load_snapshot(project.folder / "s")
        now = snapshot.collect(project, TINY)
    assert loaded.labels == frozen.labels and loaded.labels[0].name == "red"
    assert now.labels[0].name == "scarlet"
    assert loaded.images.equals(frozen.images)
    np.testing.assert_array_equal(loaded.y, frozen.y)
    assert replace(loaded, images=None, y=None) == replace(frozen, images=None, y=None)


def test_a_snapshot_keeps_unknown_apart_from_no() -> None:
    with open_project(make_project()) as project:
        splits.assign_project(project, TINY)
        create_labels(project, ["later"], who=WHO)
        frozen = snapshot.collect(project, TINY)
    at = [label.name for label in frozen.labels].index("later")
    assert (frozen.y[:, at] == -1).all()
    assert set(np.unique(np.delete(frozen.y, at, axis=1))) == {0, 1}


def test_seen_combinations_count_training_pictures_only() -> None:
    with open_project(make_project(each=10)) as project:
        splits.assign_project(project, TINY)
        frozen = snapshot.collect(project, TINY)
        ids = {label.name: label.label_id for label in list_labels(project)}
    seen = frozen.seen_combinations()
    assert seen[tuple(sorted((ids["red"], ids["tall"])))] == 8
    assert sum(seen.values()) == 32


def test_softmax_leaves_out_pictures_without_their_one_yes() -> None:
    with open_project(make_single_project()) as project:
        (extra,) = add_pictures(project, [draw("red", "tall", 999)])
        ids = [label.label_id for label in list_labels(project)]
        answer(project, extra, dict.fromkeys(ids, False), who=WHO, batch_id="none")
        splits.assign_project(project, TINY)
        frozen = snapshot.collect(project, TINY)
    assert extra not in set(frozen.images["image_id"])
    assert len(frozen.images) == 40


def test_freezing_nothing_is_refused(project: Project) -> None:
    with pytest.raises(TrainingError, match="no labels"):
        snapshot.collect(project, TINY)


def test_an_implied_label_is_filled_in_and_then_told_apart_with_one_click_each() -> (
    None
):
    with open_project(make_project()) as project:
        create_labels(project, ["warm"], who=WHO)
        ids = {label.name: label.label_id for label in list_labels(project)}
        imply(project, ids["red"], [ids["warm"]], who=WHO)

        def remedies() -> list[Remedy]:
            found = preflight.check(project, TINY)
            return [f.remedy for f in found if f.remedy and f.remedy.act]

        assert "Implied but not answered yet: warm." in said(project)
        assert "On no picture" not in said(project)
        assert mend(project, remedies()[0], who=WHO) == 16
        assert "Nobody has said no to “warm”: 16 pictures are open." in said(project)
        assert mend(project, remedies()[0], who=WHO) == 16
        assert not remedies()
        # Answered to the end, two true labels need sigmoid: one click gives it.
        softmax = TINY.with_changes(output="softmax")
        offered = [f.remedy for f in preflight.check(project, softmax) if f.remedy]
    assert Remedy("Use sigmoid", settings=(("output", "sigmoid"),)) in offered
