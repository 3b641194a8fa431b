"""A run from elsewhere is measured on the pictures of the project it came to."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pretended_runs import pretend_run
from reviewed_project import SIX, fill_project, open_review, words

from mlcore.errors import NothingHeldOut, PredictionError
from mlcore.evaluation import evaluate_run, load_held_out
from mlcore.measured import Measured, keep_measured, read_measured
from mlcore.measured_pictures import Chosen, choose_pictures
from mlcore.measured_words import describe_measured
from mlcore.measuring import is_outdated, measure_run
from mlcore.model_json import MODEL_NAME, encode, read_model_json
from mlcore.model_labels import FOREIGN, fit_labels, refit_labels
from mlcore.review_sentences import certainty_sentence
from mlcore.review_story import headline
from mlcore.run_pairs import compare_pair
from mlcore.snapshot import UNKNOWN, YES
from pages.parts.best_run import find_best_run
from storage.answers import answer
from storage.groups import set_group
from storage.label_changes import history_end
from storage.labels import create_labels, delete_label, list_labels
from storage.projects import Project, create_project
from storage.records import Run
from storage.run_imports import adopt_run
from storage.runs import list_runs, run_dir

OUTPUTS = ("sigmoid", "groups")


@pytest.fixture
def filled(project: Project, make_image: Callable[..., bytes]) -> Project:
    fill_project(project, make_image, SIX, lambda place, _: "train")
    return project


def bring_in(project: Project, facts: dict[str, object]) -> Run:
    """Make an imported run of a model.json, its network left out."""
    fitted = fit_labels(project, facts) | {"imported": {"project": "x", "run": "y"}}
    draft = project.folder / "draft"
    draft.mkdir()
    (draft / MODEL_NAME).write_bytes(encode(fitted))
    return adopt_run(project, draft, config={}, message="Imported from x, y")


def facts_elsewhere(home: Path, make_image: Callable[..., bytes]) -> dict[str, object]:
    with create_project("elsewhere") as other:
        fill_project(other, make_image, SIX, lambda place, _: "train")
        found = read_model_json(run_dir(other, pretend_run(other).run_id))
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def keep(project: Project, run: Run, chosen: Chosen, wrong: int = 0) -> Measured:
    """Keep a measurement in which all but so many answers are right."""
    snapshot = chosen.snapshot
    said = (snapshot.y == YES).astype("float32")
    said[:wrong] = 1 - said[:wrong]
    columns = {f"p{x.label_id}": said[:, at] for at, x in enumerate(snapshot.labels)}
    frame = snapshot.images[["image_id", "split"]].reset_index(drop=True)
    facts = Measured(
        made_at="2026-11-22T01:00:00.000Z",
        labelled=chosen.labelled,
        images=len(frame),
        strange=chosen.strange,
        trained_on=chosen.trained_on,
        unreadable=0,
        trained_as=chosen.trained_as,
        not_known=chosen.not_known,
        not_here=chosen.not_here,
        history_end=history_end(project),
        data_sha256=snapshot.data_sha256(),
    )
    table = pd.concat([frame, pd.DataFrame(columns)], axis=1)
    keep_measured(run_dir(project, run.run_id), snapshot, table, facts)
    return facts


def choose(project: Project, run: Run) -> Chosen:
    facts = read_model_json(run_dir(project, run.run_id))
    return choose_pictures(project, run.run_id, facts)


def test_what_a_run_cannot_answer_is_left_out_and_said(
    filled: Project, home: Path, make_image: Callable[..., bytes]
) -> None:
    run = bring_in(filled, facts_elsewhere(home, make_image))
    ids = {label.name: label.label_id for label in list_labels(filled)}
    everything = choose(filled, run)
    assert len(everything.snapshot.y) == everything.labelled == sum(SIX.values())
    assert everything.strange == 0
    assert everything.not_known == everything.not_here == ()

    # A colour it does not know in the place of one it does, and a free label.
    colours = ["black", "blue", "red", "green"]
    set_group(filled, "colour", colours, "exactly-one", who="")
    (striped,) = create_labels(filled, ["striped"], who="")
    green = next(x for x in list_labels(filled) if x.name == "green").label_id
    first, second = everything.snapshot.images["image_id"][:2]
    answer(filled, first, {green: True}, who="", batch_id="1")
    answer(filled, second, {striped.label_id: True}, who="", batch_id="2")
    chosen = choose(filled, run)
    assert chosen.strange == 1 and chosen.not_known == ("green", "striped")
    assert first not in set(chosen.snapshot.images["image_id"])
    assert second in set(chosen.snapshot.images["image_id"])
    said = " ".join(describe_measured(keep(filled, run, chosen)))
    assert said == (
        "Measured on 56 of 57 labelled pictures of this project. If it was trained on "
        "these same pictures, the figures are too good. Left out: 1 picture that shows "
        "a label it does not know in place of one it does. It does not know “green”, "
        "“striped”."
    )
    assert ids["red"] in {label.label_id for label in chosen.snapshot.labels}


def test_a_label_the_project_lacks_keeps_no_picture_out_of_the_combinations(
    project: Project, home: Path, make_image: Callable[..., bytes]
) -> None:
    here = {pair: many for pair, many in SIX.items() if "black" not in pair}
    here[("red", "jeans")] = 4
    fill_project(project, make_image, here, lambda place, _: "train")
    lacked = next(x for x in list_labels(project) if x.name == "black")
    delete_label(project, lacked.label_id, who="")
    run = bring_in(project, facts_elsewhere(home, make_image))
    chosen = choose(project, run)
    assert chosen.not_here == ("black",) and (chosen.snapshot.y != UNKNOWN).all()
    keep(project, run, chosen)

    figures = evaluate_run(project, run.run_id)

    found = {tuple(one.labels): one for one in figures.combinations}
    assert {key: one.images for key, one in found.items()} == here
    assert [key for key, one in found.items() if not one.seen_count] == [
        ("red", "jeans")
    ]
    black = next(score for score in figures.labels if score.label == "black")
    held_out = load_held_out(project, run.run_id)
    told = [replace(held_out, output=o).evaluate().as_json() for o in OUTPUTS]
    # Of groups with exactly one yes the strongest is the answer: no threshold counts.
    assert [one["threshold_rule"] for one in told] == ["fixed", None]
    assert black.support == 0 and black.note == "no examples" and black.f1 is None


def test_labels_made_after_it_came_are_taken_for_those_it_knows(
    project: Project, home: Path, make_image: Callable[..., bytes]
) -> None:
    run = bring_in(project, facts_elsewhere(home, make_image))
    facts = read_model_json(run_dir(project, run.run_id))
    assert all(row["label_id"] >= FOREIGN for row in facts["labels"])
    with pytest.raises(PredictionError, match="There is no labelled picture to"):
        measure_run(project, run.run_id)

    (red,) = create_labels(project, ["red"], who="")
    fitted = refit_labels(project, facts)
    assert red.label_id in fitted["groups"][0]["label_ids"]
    assert sum(row["label_id"] < FOREIGN for row in fitted["labels"]) == 1
    assert refit_labels(project, fitted) == fitted


def test_a_run_that_came_back_is_not_measured_on_what_it_trained_on(
    project: Project, make_image: Callable[..., bytes]
) -> None:
    def third(place: int, _: object) -> str:
        return "train" if place % 3 else "validation"

    fill_project(project, make_image, SIX, third)
    own = pretend_run(project)
    run = bring_in(project, read_model_json(run_dir(project, own.run_id)))
    chosen = choose(project, run)
    held_out = load_held_out(project, own.run_id)
    assert set(chosen.snapshot.images["image_id"]) == set(held_out.image_ids.tolist())
    assert chosen.trained_as == own.run_id
    with pytest.raises(PredictionError, match="kept validation pictures, and they"):
        measure_run(project, own.run_id)
    # Beside another run it stands on the pictures both were asked about.
    keep(project, run, chosen, wrong=2)
    pair = compare_pair(project, own.run_id, run.run_id)
    assert pair.images == len(held_out.y) and pair.exact.lost == 2
    assert any("kept no pictures out" in note for note in pair.notes)


def test_review_tells_the_story_of_it_and_says_when_labels_changed(
    filled: Project, home: Path, make_image: Callable[..., bytes]
) -> None:
    run = bring_in(filled, facts_elsewhere(home, make_image))
    with pytest.raises(NothingHeldOut, match="`evaluate --measure`"):
        load_held_out(filled, run.run_id)
    page = open_review()
    assert "It has no figures here" in words(page)
    assert page.button(key="review_measure").label.startswith("Measure it on this")

    kept = keep(filled, run, choose(filled, run), wrong=3)
    assert read_measured(run_dir(filled, run.run_id)) == kept
    figures = evaluate_run(filled, run.run_id)
    assert figures.split == "measured" and figures.images == 57
    # Both as they were trained elsewhere, and never among the project's own.
    assert all(one.seen_count for one in figures.combinations)
    assert find_best_run(filled, list_runs(filled)) is None
    page.run()
    assert not page.exception
    assert "Right on all labels for 54 of 57 labelled pictures of this" in words(page)
    assert headline(figures).words() in words(page)
    assert "So few cannot say more: label more" in certainty_sentence(figures)
    assert page.button(key="review_measure").label == "Measure it again"
    assert "have changed since" not in words(page)

    image_id = int(load_held_out(filled, run.run_id).image_ids[0])
    create_labels(filled, ["striped"], who="")
    assert not is_outdated(filled, run.run_id, kept)
    other = next(x for x in list_labels(filled) if x.name == "red").label_id
    answer(filled, image_id, {other: True}, who="", batch_id="1")
    assert is_outdated(filled, run.run_id, kept)
    assert "Pictures or labels have changed since" in words(page.run())
