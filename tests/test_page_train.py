"""The Train page: what it says before a run, while one runs, and afterwards."""

import os
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlcore import durations, recipe_advice
from mlcore.config import FIELDS
from mlcore.feature_model import spec_of
from mlcore.feature_store import FeatureStore
from mlcore.processes import process_started
from mlcore.recipes import RECIPES
from pages.parts import run_status, train_form
from storage import answers, images, labels, runs
from storage.projects import Project
from storage.records import Epoch, NewImage, Pulse, Run

MakeImage = Callable[..., bytes]
MAIN = Path(__file__).parent.parent / "pages" / "main.py"


def open_page() -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.run()
    app.switch_page("train.py")
    return app.run()


def open_settings(app: AppTest, tab: str) -> AppTest:
    app.session_state["train_all_settings"] = True
    app.session_state["train_settings_tab"] = tab
    return app.run()


def choose_classic(app: AppTest) -> AppTest:
    return app.button(key="train_choose_smallervggnet").click().run()


def words(app: AppTest) -> str:
    return "\n".join(
        str(element.value)
        for kind in ("markdown", "caption")
        for element in app.get(kind)
    )


@pytest.fixture
def labelled(project: Project, make_image: MakeImage) -> Project:
    """Twelve pictures: six red dresses and six blue shirts."""
    labels.set_group(project, "colour", ["red", "blue"], "exactly-one", who="")
    labels.set_group(project, "garment", ["dress", "shirt"], "exactly-one", who="")
    ids = {label.name: label.label_id for label in labels.list_labels(project)}
    for names, colour in ((("red", "dress"), 200), (("blue", "shirt"), 20)):
        batch = [picture(make_image((colour + n, 0, 0))) for n in range(6)]
        added = images.add_images(project, batch).added
        yes = frozenset(ids[name] for name in names)
        rows = [(image_id, yes) for image_id in added.values()]
        answers.set_many(project, rows, who="", batch_id=uuid.uuid4().hex)
    return project


def picture(data: bytes) -> tuple[NewImage, bytes]:
    sha256 = uuid.uuid4().hex * 2
    return NewImage(sha256, "a.png", "png", 16, 16, len(data), "test"), data


def queue_run(project: Project, epochs: int = 4) -> Run:
    config = RECIPES["smallervggnet"].config.with_changes(epochs=epochs)
    return runs.create_run(
        project, recipe=config.recipe, config=config.as_json(), epochs_total=epochs
    )


def start_run(project: Project, epochs: int = 4) -> Run:
    """A run whose process is this one: it is alive and never goes on."""
    queue_run(project, epochs)
    run = runs.claim_next(project)
    assert run is not None
    runs.set_process(
        project, run.run_id, run.attempt, os.getpid(), process_started(os.getpid())
    )
    return run


def add_run(project: Project, state: str, *, epochs: int = 4, message: str = "") -> Run:
    run = start_run(project, epochs)
    for epoch in range(1, epochs):
        metrics = {"loss": 1 / epoch, "val_loss": 1.1 / epoch, "val_exact_match": 0.5}
        runs.add_epoch(project, run.run_id, run.attempt, Epoch(epoch, 2.0, metrics))
    runs.finish_run(
        project,
        run.run_id,
        run.attempt,
        state,
        seconds=61.0,
        best_epoch=2,
        metrics={"val_exact_match": 0.9771, "val_f2": 0.982},
        message=message,
    )
    return runs.get_run(project, run.run_id)


def test_without_images_the_page_points_to_the_data_page(project: Project) -> None:
    app = open_page()
    assert not app.exception
    assert "No pictures yet" in words(app)
    assert [b.label for b in app.button if b.key == "train_empty"] == ["Add pictures"]


def test_with_unlabelled_images_it_points_to_the_label_page(
    project: Project, make_image: MakeImage
) -> None:
    images.add_images(project, [picture(make_image())])
    assert "Nothing to learn from yet" in words(open_page())


def test_risks_are_listed_before_the_start(labelled: Project) -> None:
    app = open_page()
    assert not app.exception
    assert "combinations are missing" in words(app)
    assert "Only 12 pictures are labelled" in words(app)
    assert not app.button(key="train_start").disabled


def test_a_missing_weights_file_disables_the_start(labelled: Project) -> None:
    app = open_page()
    app.button(key="train_choose_vgg16").click().run()
    field = app.text_input(key="train_vgg16_weights_file")
    field.set_value("/nowhere/vgg16.h5").run()
    assert not app.exception
    assert "vgg16" in words(app)
    assert app.button(key="train_start").disabled
    remedy = next(b for b in app.button if b.label == "Use “First model in seconds”")
    app = remedy.click().run()
    assert app.button(key="train_choose_quick").label == "Chosen"
    assert not app.button(key="train_start").disabled


def test_a_recipe_brings_its_own_numbers(labelled: Project) -> None:
    app = open_page()
    size_px = RECIPES["compositional"].config.image_size_px
    assert app.number_input(key="train_compositional_image_size_px").value == size_px
    app = choose_classic(app)
    assert app.number_input(key="train_smallervggnet_epochs").value == 75
    app.button(key="train_choose_vgg16").click().run()
    assert app.number_input(key="train_vgg16_epochs").value == 15
    assert app.button(key="train_choose_vgg16").disabled


def test_a_changed_number_is_marked_and_can_be_reset(labelled: Project) -> None:
    app = choose_classic(open_page())
    assert "As the recipe says" in words(app)
    app.number_input(key="train_smallervggnet_epochs").set_value(2).run()
    assert "1 setting changed from the recipe" in words(app)
    assert "Changed.** Recipe: 75.]" in words(app)
    app.button(key="train_reset").click().run()
    assert app.number_input(key="train_smallervggnet_epochs").value == 75
    assert "As the recipe says" in words(app)


def test_numbers_that_do_not_fit_together_are_said_in_words(labelled: Project) -> None:
    app = open_settings(choose_classic(open_page()), "Split")
    app.number_input(key="train_smallervggnet_validation_fraction").set_value(0.5)
    app.number_input(key="train_smallervggnet_test_fraction").set_value(0.4).run()
    assert not app.exception
    assert "leave at least 20" in words(app)
    assert app.button(key="train_start").disabled


def test_every_setting_of_the_network_has_a_widget_and_a_line_of_help(
    labelled: Project,
) -> None:
    app = choose_classic(open_page())
    app.session_state["train_variation"] = True
    settings = RECIPES["smallervggnet"].config.as_json()
    shown: set[str] = set()
    for tab in ("Network", "Training", "Answers", "Split", "More"):
        app = open_settings(app, tab)
        assert not app.exception
        keys = {str(getattr(element, "key", "")) for element in app.main}
        shown |= {f.name for f in FIELDS if f"train_smallervggnet_{f.name}" in keys}
    assert shown == {f.name for f in FIELDS if f.applies_to(settings)}
    assert all(field.title and field.help.endswith(".") for field in FIELDS)


def test_a_running_run_shows_bars_curves_and_two_ways_to_end_it(
    labelled: Project,
) -> None:
    run = start_run(labelled)
    runs.beat(labelled, run.run_id, run.attempt, Pulse(3, 12))
    app = open_page()
    assert not app.exception
    assert [bar.text for bar in app.get("progress")] == [
        "Epoch 1 of 4",
        "Batch 3 of 12",
    ]
    assert app.button(key="train_stop").disabled
    app.session_state["train_new_run"] = True
    app.run()
    assert app.button(key="train_start").label == "Add to the queue"
    app.button(key="train_discard").click().run()
    assert runs.get_run(labelled, run.run_id).request == "discard"


def test_a_waiting_run_can_be_cancelled(labelled: Project) -> None:
    start_run(labelled)
    queue_run(labelled)
    app = open_page()
    app.button(key="train_cancel_2").click().run()
    assert not app.exception
    assert runs.list_runs(labelled)[0].state == "cancelled"


def test_past_runs_show_state_scores_and_what_can_be_done(labelled: Project) -> None:
    add_run(labelled, "finished")
    add_run(labelled, "failed", message="The disk is full. Free some space.")
    app = open_page()
    assert not app.exception
    assert "exact match **97.7 %** · F2 **98.2 %** · 1 min 1 s" in words(app)
    assert "The disk is full" in words(app)
    keys = {button.key for button in app.button}
    assert {"train_review_1", "train_classify_1", "train_resume_2"} <= keys
    assert "train_review_2" not in keys


def test_the_run_that_ended_last_is_on_top_with_its_result(labelled: Project) -> None:
    add_run(labelled, "finished")
    app = open_page()
    assert "Run 1 finished · exact match 98 %" in words(app)
    assert app.button(key="train_review_1").proto.type == "primary"
    assert "Past runs" not in words(app)
    keys = {button.key for button in app.button}
    assert "train_start" not in keys, "the form is folded away"


def test_a_run_under_way_takes_the_place_of_the_result(labelled: Project) -> None:
    add_run(labelled, "finished")
    start_run(labelled)
    app = open_page()
    assert "Run 1 finished" not in words(app)
    assert "**Past runs**" in words(app)


def test_the_duration_follows_the_newest_run_with_the_same_network(
    labelled: Project,
) -> None:
    config = RECIPES["smallervggnet"].config.with_changes(epochs=10)
    usual = durations.estimate(labelled, config, 100, [])
    assert usual.rate.pictures_per_s == pytest.approx(55)
    assert usual.seconds == pytest.approx(durations.START_S + 80 * 10 / 55)
    metrics = {"images": 20, "split": "validation"}
    own = replaced(add_run(labelled, "finished"), metrics=metrics)
    # 80 training pictures in 2 seconds an epoch
    assert durations.estimate(labelled, config, 100, [own]).rate == durations.Rate(
        40.0, own.number
    )
    larger = config.with_changes(image_size_px=192)
    assert durations.estimate(
        labelled, larger, 100, [own]
    ).rate.pictures_per_s == pytest.approx(55 / 4)
    digits = durations.usual_rate(RECIPES["mnist"].config)
    assert digits.pictures_per_s == durations.MOST_PER_S


def test_pictures_too_small_for_frozen_features_are_timed_too(
    labelled: Project,
) -> None:
    config = RECIPES["mnist"].config
    assert config.image_size_px < 32

    assert durations.estimate(labelled, config, 100, []).seconds > durations.START_S


def test_features_that_are_known_are_not_counted_again(labelled: Project) -> None:
    config = RECIPES["quick"].config
    assert durations.estimate(labelled, config, 12, []).pictures == 12
    store = FeatureStore(labelled, spec_of(config))
    store.append(["ab" * 32, "cd" * 32], np.zeros((2, 4), np.float32))
    found = durations.estimate(labelled, config, 12, [])
    assert found.pictures == 10
    assert durations.START_OF_FEATURES_S < found.seconds < 15


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (5, "10 seconds"),
        (38, "40 seconds"),
        (65, "a minute"),
        (700, "12 minutes"),
        (2500, "40 minutes"),
        (9000, "2.5 hours"),
    ],
)
def test_a_guess_is_said_in_round_words(seconds: float, shown: str) -> None:
    assert train_form.rough_duration(seconds) == shown


def test_a_run_is_deleted_after_asking_once(labelled: Project) -> None:
    add_run(labelled, "cancelled")
    app = open_page()
    app.button(key="train_delete_1").click().run()
    assert not app.exception
    assert runs.list_runs(labelled) == []


def test_a_message_with_markup_is_shown_as_text(labelled: Project) -> None:
    add_run(labelled, "failed", message="<img src=x onerror=alert(1)> **bold**")
    text = words(open_page())
    assert r"\<img src\=x onerror\=alert\(1\)\> \*\*bold\*\*" in text


def test_a_score_is_taken_from_validation_first(labelled: Project) -> None:
    run = replaced(
        add_run(labelled, "finished"), metrics={"val_f2": 0.5, "f2": 0.9, "x": None}
    )
    assert run_status.best_metric(run, "f2") == 0.5
    assert run_status.best_metric(run, "exact_match") is None


def replaced(run: Run, **changes: object) -> Run:
    from dataclasses import replace

    return replace(run, **changes)  # type: ignore[arg-type]


def test_many_small_gray_pictures_are_told_the_recipe_made_for_them(
    project: Project, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels.create_labels(project, ["seven"], who="")
    [seven] = labels.list_labels(project)
    added = images.add_images(project, [picture(make_image((90, 90, 90)))]).added
    rows = [(image_id, frozenset([seven.label_id])) for image_id in added.values()]
    answers.set_many(project, rows, who="", batch_id="all")
    assert recipe_advice.advise(project).recipe == "quick"
    monkeypatch.setattr(recipe_advice, "MANY_TINY", 1)
    found = recipe_advice.advise(project)
    assert found.recipe == "digits" and "16 px small" in found.sentence
