"""Classify: what is saved, corrected, taken back, queued and remembered."""

import hashlib

import pytest
from classified_pictures import (
    add_model,
    add_run,
    black_dress,
    filled_batch,
    open_page,
    pictures,
    sorted_out,
    uploaded,
    words,
    yes_names,
)

from mlcore.classified import doubt_reason, remember, set_remembering
from mlcore.predictions import Alternative, refuse
from mlcore.queues import queue_ids, queue_reasons
from pages.parts import prediction_saving
from pages.parts.classify_batch import Picture
from pages.parts.classify_filter import DOUBTFUL
from storage import answers, images, labels
from storage.classified import classified_sets, count_classified
from storage.projects import Project

__all__ = ["pictures", "sorted_out", "uploaded"]


def test_saving_adds_the_image_with_every_label_answered(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    saved = prediction_saving.save_labels(
        sorted_out, pictures[0], ["black", "dress"], who="Ada"
    )
    assert saved.is_new
    assert yes_names(sorted_out, saved.image_id) == {"black", "dress"}
    assert images.progress(sorted_out).complete == 1


def test_undoing_a_save_takes_the_image_back_too(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    saved = prediction_saving.save_labels(sorted_out, pictures[0], ["black"], who="Ada")
    prediction_saving.undo_saved(sorted_out, saved, who="Ada")
    assert images.progress(sorted_out).total == 0


def test_undoing_gives_an_old_image_its_old_answers_back(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    first = prediction_saving.save_labels(
        sorted_out, pictures[0], ["blue", "jeans"], who="Ada"
    )
    again = prediction_saving.save_labels(
        sorted_out, pictures[0], ["black", "dress"], who="Ada"
    )
    assert not again.is_new
    assert yes_names(sorted_out, first.image_id) == {"black", "dress"}
    prediction_saving.undo_saved(sorted_out, again, who="Ada")
    assert yes_names(sorted_out, first.image_id) == {"blue", "jeans"}


def test_saving_all_leaves_labelled_images_as_they_are(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    first = prediction_saving.save_labels(
        sorted_out, pictures[0], ["blue", "jeans"], who=""
    )
    rows = [(picture, black_dress()) for picture in pictures]
    saved = prediction_saving.save_many(sorted_out, rows, who="")
    assert sorted(saved) == [1, 2]
    assert yes_names(sorted_out, first.image_id) == {"blue", "jeans"}
    assert yes_names(sorted_out, saved[1].image_id) == {"black", "dress"}


def test_one_of_many_saved_can_be_taken_back_alone_or_all_together(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    rows = [(picture, black_dress()) for picture in pictures]
    saved = prediction_saving.save_many(sorted_out, rows, who="")
    prediction_saving.undo_saved(sorted_out, saved[1], who="")
    assert images.progress(sorted_out).labelled == 2
    prediction_saving.undo_bulk(sorted_out, saved[0].batch_id, who="")
    assert images.progress(sorted_out).total == 0


def test_what_is_saved_never_breaks_a_group_rule(sorted_out: Project) -> None:
    exclusive = prediction_saving.exclusive_names(sorted_out)
    torn = black_dress(labels=["black", "blue", "striped"])
    confirmed = prediction_saving.confirmed_labels(torn, exclusive)
    assert confirmed == ("black", "dress", "striped")


def test_clicks_save_each_picture_once(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {"log": [[1, "save", 1], [2, "save", 2]]}
    app.run()
    assert not app.exception
    assert images.progress(sorted_out).complete == 2
    app.session_state["classify_cards"] = {"log": [[2, "save", 2], [3, "undo", 1]]}
    app.run()
    assert images.progress(sorted_out).total == 1


def test_a_correction_starts_from_what_was_read(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {"log": [[1, "correct", 1]]}
    app.run()
    assert not app.exception
    chosen = {pills.label: pills.value for pills in app.get("pills")}
    assert chosen == {"colour": "black", "garment": "dress", "Labels": []}
    assert app.button(key="classify_fix_none").disabled
    assert "“colour” and “garment” take exactly one label" in words(app)
    assert app.button(key="classify_new_label")


def test_a_picture_that_no_label_fits_is_saved_as_showing_none(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    for name in ("colour", "garment"):
        group = next(g for g in labels.list_groups(sorted_out) if g.name == name)
        titles = [label.name for label in group.labels]
        labels.set_group(sorted_out, name, titles, "at-most-one", who="")
    app = open_page(**uploaded)
    app.session_state["classify_cards"] = {"log": [[1, "correct", 1]]}
    app.run()
    assert not app.button(key="classify_fix_none").disabled
    (batch,) = uploaded["classify_batches"].values()  # type: ignore[attr-defined]
    picture = batch.pictures[1]
    saved = prediction_saving.save_labels(sorted_out, picture, [], who="")
    answered = answers.answers_of(sorted_out, [saved.image_id])[saved.image_id]
    assert set(answered.values()) == {False} and len(answered) == 5
    batch.saved[1] = saved
    # under a filter that hides its card
    app.session_state["classify_filter"] = DOUBTFUL
    app.run()
    assert "as none of the labels." in words(app)
    app.button(key="classify_undo_last").click().run()
    assert not app.exception
    assert images.progress(sorted_out).total == 0 and not batch.saved


def test_save_all_asks_once_and_can_be_undone(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    app = open_page(**uploaded)
    assert images.progress(sorted_out).total == 0
    app.button(key="classify_save_all").click().run()
    assert not app.exception
    assert images.progress(sorted_out).complete == 2
    app.button(key="classify_undo_all").click().run()
    assert images.progress(sorted_out).total == 0


def test_a_picture_saved_earlier_is_known_again(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    batch = filled_batch("r", pictures)
    batch.hashes = {
        p.number: hashlib.sha256(p.path.read_bytes()).hexdigest() for p in pictures
    }
    prediction_saving.save_labels(sorted_out, pictures[1], ["blue", "dress"], who="")
    batch.known = prediction_saving.find_known(sorted_out, batch.hashes)
    assert batch.known == {1: ("blue", "dress")}
    assert batch.doubtful() == [0, 2]


def test_doubtful_ones_wait_in_a_queue_and_can_be_taken_out(
    sorted_out: Project, uploaded: dict[str, object]
) -> None:
    batch = next(iter(uploaded["classify_batches"].values()))  # type: ignore[attr-defined]
    add_model(sorted_out, batch.run_id)
    batch.hashes = {
        n: hashlib.sha256(picture.path.read_bytes()).hexdigest()
        for n, picture in batch.pictures.items()
    }
    app = open_page(**uploaded)
    app.button(key="classify_queue_put").click().run()
    assert not app.exception
    assert images.progress(sorted_out).total == 2
    waiting = queue_ids(sorted_out, "classified")
    assert (
        list(queue_reasons(sorted_out, "classified", waiting).values())
        == ["read as black dress, which was never in training"] * 2
    )
    assert app.button(key="classify_queue_put").disabled
    label_ids = {label.name: label.label_id for label in labels.list_labels(sorted_out)}
    answers.answer(
        sorted_out, waiting[0], {label_ids["black"]: True}, who="Ada", batch_id="said"
    )
    app.button(key="classify_queue_undo").click().run()
    assert not app.exception
    assert queue_ids(sorted_out, "classified") == []
    assert images.list_image_ids(sorted_out) == waiting[:1]


def test_what_a_run_reads_is_remembered_unless_switched_off(
    sorted_out: Project, pictures: list[Picture]
) -> None:
    run_id = add_run(sorted_out)
    add_model(sorted_out, run_id)
    found = {
        "0" * 64: black_dress(),
        "1" * 64: refuse("/x", "x", "damaged"),
        "short": black_dress(),
    }
    assert remember(sorted_out, run_id, found, who="Ada") == 1
    ids = [label.label_id for label in labels.list_labels(sorted_out)]
    assert classified_sets(sorted_out, with_doubtful=True)[0].label_ids == (
        ids[0],
        ids[2],
    )
    set_remembering(sorted_out, False)
    assert remember(sorted_out, run_id, {"2" * 64: black_dress()}, who="") == 0
    assert count_classified(sorted_out) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "read as black dress, which was never in training"),
        (
            {
                "combination": ["black", "jeans"],
                "combination_seen": True,
                "alternatives": [Alternative(["black", "dress"], 0.3, False)],
                "missing": ["black dress", "black shirt"],
            },
            "read as black jeans; black dress was never in training",
        ),
        (
            {"combination_seen": True, "alternatives": []},
            "read as black dress; dress 83 %",
        ),
        ({"combination": [], "labels": []}, "nothing was read in it"),
        ({"doubts": ["far"]}, "read as black dress; unlike anything in training"),
        (
            {
                "combination_seen": True,
                "alternatives": [],
                "doubts": ["rare"],
                "seen_count": 3,
            },
            "read as black dress, seen only 3 × in training",
        ),
    ],
)
def test_the_queue_says_why(changes: dict[str, object], reason: str) -> None:
    assert doubt_reason(black_dress(**changes)) == reason
