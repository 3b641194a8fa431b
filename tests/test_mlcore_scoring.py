"""Suggestions in the background: real runs, real processes."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_training import TINY, add_pictures, draw, is_over, make_project, wait_for

from mlcore import jobs, scoring, scoring_runs, side_process, side_supervision
from mlcore.decisions import Limits
from mlcore.kept_limits import keep_limits
from mlcore.readings import predict_one
from mlcore.scoring import ScoringStatus, scoring_status
from mlcore.scoring_again import read_again
from mlcore.scoring_pictures import read_chunks
from mlcore.scoring_readings import read_scores, unreadable_score
from mlcore.scoring_worker import Watch
from mlcore.thresholds import RunLimits
from mlcore.training_view import TrainingView, view_of_model
from storage.errors import RunError
from storage.images import image_path, list_image_ids, list_images, progress
from storage.label_sets import make_key
from storage.labels import create_labels
from storage.projects import Project, open_project
from storage.records import Group, Label, LabelSet
from storage.runs import (
    claim_next,
    create_run,
    delete_run,
    finish_run,
    request_stop,
    run_dir,
)
from storage.scores import (
    ImageScore,
    put_scores,
    scores_of,
    scoring_run,
    suggestion_counts,
    unscored_ids,
)

pytestmark = pytest.mark.usefixtures("no_child_is_left")
DEADLINE_S = 100.0


def view_of(*rules: str, free: int = 1, output: str = "sigmoid") -> TrainingView:
    """Groups of three labels with these rules, then free labels; one set trained."""
    labels, groups = [], []
    for number, rule in enumerate(rules, start=1):
        ids = range(3 * number - 2, 3 * number + 1)
        own = tuple(Label(i, f"l{i}", number, i) for i in ids)
        labels += own
        groups.append(Group(number, f"g{number}", rule, own))
    for at in range(free):
        label_id = len(labels) + 1
        labels.append(Label(label_id, f"free{at}", None, label_id))
    seen = tuple(label.label_id for label in labels[::3])
    sets = (LabelSet(make_key(seen), seen, 7),)
    limits = np.full(len(labels), 0.4)
    return TrainingView(tuple(labels), tuple(groups), output, limits, sets)


@pytest.mark.parametrize(
    "view",
    [
        view_of("exactly-one", "at-most-one", free=2),
        view_of("exactly-one", "any", free=0),
        view_of(free=4),
        view_of("at-most-one", free=2),
        view_of("exactly-one", free=0, output="softmax"),
    ],
    ids=["groups", "any", "free", "one-group", "softmax"],
)
def test_the_reading_of_many_is_what_classify_says_of_each(view: TrainingView) -> None:
    rows = np.random.default_rng(1).random((200, len(view.labels))).astype(np.float32)
    scores = read_scores(view, "r1", list(range(200)), rows)
    names = {label.label_id: label.name for label in view.labels}
    for row, score in zip(rows, scores, strict=True):
        said = predict_one(view, row, Path("x"), "x")
        assert {names[i] for i in score.reading} == set(said.labels)
        assert score.is_seen == said.combination_seen
        assert 0 <= score.confidence <= 1
        assert 0 <= score.uncertainty <= 1


def test_uncertainty_is_that_of_the_least_certain_question() -> None:
    view = view_of("exactly-one", free=1)
    rows = np.array([[0.99, 0.01, 0.01, 0.7], [0.5, 0.5, 0.01, 0.01]])
    sure, torn = read_scores(view, "r1", [1, 2], rows)
    assert sure.uncertainty == pytest.approx(1 - 2 * 0.2)
    assert torn.uncertainty == pytest.approx(1.0)
    assert (sure.reading, sure.confidence) == ((1, 4), pytest.approx(0.7, abs=1e-3))
    none = view_of("at-most-one", free=0)
    assert read_scores(none, "r1", [1], np.full((1, 3), 0.001))[0].uncertainty < 0.01


def test_pictures_come_in_order_and_bad_ones_are_set_apart(project: Project) -> None:
    ids = add_pictures(project, [draw("red", "tall", seed) for seed in range(130)])
    broken = list_images(project, limit=1)[0]
    image_path(project, broken).write_bytes(b"no picture")
    chunks = list(read_chunks(project, ids, 12))
    assert [len(chunk.image_ids) for chunk in chunks] == [63, 64, 2]
    assert [i for chunk in chunks for i in chunk.image_ids] == ids[1:]
    assert chunks[0].unreadable == [broken.image_id]
    assert chunks[0].pixels.shape == (63, 12, 12, 3)


def finish_one(project: Project) -> str:
    """A finished run with a description of a model, but no weights; its id."""
    create_run(project, recipe="x", config={}, epochs_total=1)
    run = claim_next(project)
    assert run is not None
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    described = {"format": 1, "architecture": "smallervggnet"}
    path = run_dir(project, run.run_id) / "model.json"
    path.write_text(json.dumps(described))
    return run.run_id


def test_the_newest_run_suggests_until_another_is_chosen(project: Project) -> None:
    assert scoring.wanted_run(project) is None
    first, second = finish_one(project), finish_one(project)
    assert wanted(project) == second
    scoring_runs.choose_run(project, first)
    assert wanted(project) == first
    third = finish_one(project)
    assert wanted(project) == third
    delete_run(project, third)
    assert wanted(project) == first
    with pytest.raises(RunError):
        scoring_runs.choose_run(project, "r0009-nothing")


def test_other_thresholds_kept_with_a_run_change_what_it_suggests(
    project: Project,
) -> None:
    image_ids = add_pictures(project, [draw("red", "tall", 1)])
    labels = create_labels(project, ["a", "b", "c"], who="")
    run_id = finish_one(project)
    described = {
        "format": 1,
        "architecture": "smallervggnet",
        "output": "sigmoid",
        "labels": [{"label_id": x.label_id, "name": x.name} for x in labels],
        "groups": [],
        "seen": [],
        "impossible": [],
        "thresholds": [0.5] * 3,
    }
    (run_dir(project, run_id) / "model.json").write_text(json.dumps(described))
    said = np.array([[0.3, 0.6, 0.4]])
    view = view_of_model(described)
    put_scores(project, run_id, read_scores(view, run_id, image_ids, said))
    watch = Watch(project, run_id)
    assert watch.reason_to_end() is None
    kept = RunLimits(Limits((0.25, 0.7, 0.35)), "by-hand")
    keep_limits(project, run_id, kept)
    assert read_again(project, run_id) == 1
    ids = [label.label_id for label in labels]
    assert scores_of(project, image_ids)[image_ids[0]].reading == (ids[0], ids[2])
    watch.looked_at = 0.0
    assert watch.reason_to_end() == ("waiting", "Its thresholds have changed.")
    assert watch.reason_to_end() is None, "the next process reads what counts now"


def wanted(project: Project) -> str:
    run = scoring.wanted_run(project)
    assert run is not None
    return run.run_id


def test_suggestions_wait_for_training_and_can_be_switched_off(
    project: Project,
) -> None:
    add_pictures(project, [draw("red", "tall", 1)])
    finish_one(project)
    folder = scoring.scoring_folder(project)
    waiting = create_run(project, recipe="x", config={}, epochs_total=1)
    scoring.supervise_scoring("clothes")
    assert side_process.read_process(folder) == {}
    status = scoring_status(project)
    assert (status.state, status.done, status.total) == ("waiting", 0, 1)
    assert status.message == f"Waits until run {waiting.number} has trained."
    request_stop(project, waiting.run_id, False)
    scoring.set_automatic(project, False)
    scoring.supervise_scoring("clothes")
    assert scoring_status(project).state == "off"
    assert side_process.read_process(folder) == {}
    scoring.set_automatic(project, True)
    assert scoring_status(project).message == "Starts in a moment."


def test_a_process_that_keeps_dying_is_not_started_for_ever(project: Project) -> None:
    add_pictures(project, [draw("red", "tall", 1)])
    run_id = finish_one(project)
    folder = scoring.scoring_folder(project)
    folder.mkdir()
    dead = {"pid": 2**22 + 1, "started": 1.0, "run_id": run_id, "left": 1, "deaths": 2}
    side_process.write_facts(folder, dead)
    scoring.supervise_scoring("clothes")
    status = scoring_status(project)
    assert status.state == "failed"
    assert "ended 3 times" in status.message
    assert not side_process.is_alive(folder)


def wait(name: str, *states: str) -> ScoringStatus:
    """Supervise until the suggestions are in one of these states."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        scoring.supervise_scoring(name)
        with open_project(name) as project:
            status = scoring_status(project)
        if status.state in states:
            return status
        time.sleep(0.05)
    raise AssertionError(status)


def has_started(name: str) -> int:
    """Wait until a process is at work; its pid."""
    wait(name, "running")
    with open_project(name) as project:
        return int(side_process.read_process(scoring.scoring_folder(project))["pid"])


def unread(image_id: int) -> ImageScore:
    return unreadable_score("", image_id)


@pytest.mark.slow
def test_the_life_of_suggestions(home: Path) -> None:
    """One story, because each process loads TensorFlow anew."""
    name = make_project(each=4)
    with open_project(name) as project:
        assert scoring_status(project).state == "none"
        new = add_pictures(project, [draw("red", "wide", 900 + n) for n in range(70)])
    run_id = jobs.submit(name, replace(TINY, epochs=1))
    wait_for(name, run_id, is_over)
    with open_project(name) as project:
        # killed in the middle: readable, and it goes on by itself
        pid = has_started(name)
        os.kill(pid, signal.SIGKILL)
        while side_process.is_alive(scoring.scoring_folder(project)):
            time.sleep(0.01)
        assert scoring_status(project).state == "waiting"
        # cancelled: stays so until somebody asks
        has_started(name)
        scoring.cancel_scoring(name)
        assert wait(name, "cancelled").run_id == run_id
        assert not side_process.is_alive(scoring.scoring_folder(project))
        # what is scored already is not scored again
        half = unscored_ids(project, run_id, 1000)[:40]
        put_scores(project, run_id, [unread(image_id) for image_id in half])
        scoring.start_scoring(name)
        status = wait(name, "done", "failed")
        assert (status.state, status.done, status.total) == ("done", 86, 86)
        found = scores_of(project, list_image_ids(project))
        assert sum(not score.probabilities for score in found.values()) == len(half)
        assert (scoring_run(project), progress(project).labelled) == (run_id, 16)
        assert sum(suggestion_counts(project).values()) == 2 * (len(new) - len(half))
        # nothing left to do: no look into the database any more
        scoring.supervise_scoring(name)
        assert scoring.scoring_folder(project) in side_supervision._settled
