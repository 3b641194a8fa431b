"""Classifying in a real child process: warnings, death, cancelling, bad pictures."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest
from tiny_training import TINY, draw, is_over, make_project, wait_for

from mlcore import jobs, prediction_service, saliency
from mlcore.errors import PredictionError
from mlcore.evaluation import evaluate_folder, evaluate_run, load_held_out
from mlcore.prediction_service import classify, shutdown_all
from mlcore.predictor_child import PredictorChild
from mlcore.saliency_maps import GRID
from storage.errors import RunError
from storage.images import get_images, image_path, list_image_ids
from storage.labels import list_labels
from storage.projects import open_project
from storage.runs import create_run, get_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A data folder with one finished run; each test works on a copy."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSEEN_HOME", str(home))
        name = make_project("tiny", each=12)
        run_id = jobs.submit(name, TINY.with_changes(epochs=1))
        run = wait_for(name, run_id, is_over)
        assert run.state == "finished", run.message
        for child in jobs._children.values():
            child.wait()
    yield home, run_id
    shutdown_all()


@pytest.fixture
def run_id(trained, home):
    source, run_id = trained
    shutil.copytree(source / "tiny", home / "tiny")
    return run_id


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for seed, (colour, shape) in enumerate([("red", "tall"), ("blue", "wide")] * 20):
        paths.append(tmp_path / f"{seed:02}.png")
        paths[-1].write_bytes(draw(colour, shape, 900 + seed))
    return paths


def child_pid():
    assert prediction_service._child is not None
    return prediction_service._child.pid


def test_every_picture_gets_probabilities_for_every_label(run_id, pictures):
    done = []
    found = classify("tiny", run_id, pictures, on_progress=lambda *x: done.append(x))
    assert [p.name for p in found] == [path.name for path in pictures]
    assert {frozenset(p.probabilities) for p in found} == {
        frozenset({"red", "blue", "tall", "wide"})
    }
    assert all(p.combination_seen and p.seen_count > 0 for p in found)
    assert done == [(32, 40), (40, 40)]


def test_predictions_equal_those_saved_by_training(run_id, home):
    with open_project("tiny") as project:
        held_out = load_held_out(project, run_id, "validation")
        rows = [i for i in (home / "tiny" / "images").rglob("*.png")]
    found = classify("tiny", run_id, rows)
    names = [label.name for label in held_out.labels]
    said = {tuple(round(p.probabilities[n], 4) for n in names) for p in found}
    saved = {tuple(round(float(v), 4) for v in row) for row in held_out.probabilities}
    matched = [row for row in saved if any(close(row, other) for other in said)]
    assert len(matched) == len(saved)


def close(one, other):
    return all(abs(a - b) < 2e-2 for a, b in zip(one, other, strict=True))


def test_the_caller_never_loads_tensorflow(run_id, pictures, home):
    code = (
        "import sys; from pathlib import Path\n"
        "from mlcore.prediction_service import classify\n"
        f"classify('tiny', {run_id!r}, [Path({str(pictures[0])!r})])\n"
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_an_unreadable_picture_costs_one_picture(run_id, pictures, tmp_path):
    bad = tmp_path / "text.png"
    bad.write_text("not a picture")
    gone = tmp_path / "gone.png"
    found = classify("tiny", run_id, [pictures[0], bad, gone, pictures[1]])
    assert [bool(p.error) for p in found] == [False, True, True, False]
    assert found[1].labels == [] and found[1].as_json()["error"]
    assert all("Traceback" not in (p.error or "") for p in found)


def test_shown_names_may_differ_from_file_names(run_id, pictures):
    found = classify("tiny", run_id, pictures[:1], names=["holiday.jpg"])
    assert found[0].name == "holiday.jpg"


def test_a_killed_predictor_is_started_again(run_id, pictures):
    classify("tiny", run_id, pictures[:1])
    first = child_pid()
    os.kill(first, signal.SIGKILL)
    assert len(classify("tiny", run_id, pictures[:2])) == 2
    assert child_pid() != first


def test_the_predictor_stays_for_the_next_question(run_id, pictures):
    classify("tiny", run_id, pictures[:1])
    first = child_pid()
    classify("tiny", run_id, pictures[:1])
    assert child_pid() == first


def test_cancelling_returns_what_is_done(run_id, pictures):
    done = []
    found = classify(
        "tiny",
        run_id,
        pictures,
        on_progress=lambda *x: done.append(x),
        is_cancelled=lambda: bool(done),
    )
    assert len(found) == 32
    assert len(classify("tiny", run_id, pictures[:3])) == 3


def test_threads_share_one_predictor(run_id, pictures):
    results = {}

    def ask(number):
        results[number] = classify("tiny", run_id, pictures[number : number + 5])

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, found in results.items():
        names = [path.name for path in pictures[number : number + 5]]
        assert [p.name for p in found] == names
    assert len(results) == 4


def test_an_idle_predictor_ends_itself(monkeypatch, home):
    monkeypatch.setenv("UNSEEN_PREDICTOR_IDLE_S", "0.1")
    child = PredictorChild()
    deadline = time.monotonic() + 60
    while child.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.is_alive()
    child.close()


def test_a_changed_weights_file_is_refused_in_words(run_id, pictures, home):
    weights = home / "tiny" / "runs" / run_id / "weights.weights.h5"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(PredictionError, match="changed after training"):
        classify("tiny", run_id, pictures[:1])


def test_a_run_without_a_model_is_refused_in_words(run_id, pictures):
    with open_project("tiny") as project:
        other = create_run(project, recipe="tiny", config={}, epochs_total=1).run_id
    with pytest.raises(PredictionError, match="is queued and has no model"):
        classify("tiny", other, pictures)


def test_an_unknown_run_is_refused_in_words(run_id, pictures):
    with pytest.raises(RunError, match="r9999"):
        classify("tiny", "r9999", pictures)


def test_a_finished_run_is_evaluated_on_its_validation_images(run_id):
    with open_project("tiny") as project:
        found = evaluate_run(project, run_id)
        held_out = load_held_out(project, run_id)
    report = found.as_json()
    assert report["run"] == run_id
    assert report["images"] == held_out.counts["validation"] > 0
    assert all(row["seen_in_training"] for row in report["combinations"])


def test_thresholds_move_without_a_model(run_id):
    with open_project("tiny") as project:
        never = evaluate_run(project, run_id, limits=1.01)
        always = evaluate_run(project, run_id, limits=[0.0] * 4)
    assert {label.recall for label in never.labels} == {0.0}
    assert {label.recall for label in always.labels} == {1.0}


def test_a_run_without_test_images_says_so(run_id):
    with open_project("tiny") as project, pytest.raises(PredictionError, match="test"):
        load_held_out(project, run_id, "test")


def test_a_labelled_folder_is_evaluated_with_unknown_labels_refused(run_id, tmp_path):
    for folder, colour, shape in (
        ("red_tall", "red", "tall"),
        ("blue_wide", "blue", "wide"),
        ("green_wide", "blue", "wide"),
    ):
        for seed in range(3):
            path = tmp_path / "set" / folder / f"{seed}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(draw(colour, shape, 500 + seed))
    (tmp_path / "set" / "red_tall" / "bad.png").write_text("no picture")
    with open_project("tiny") as project:
        report = evaluate_folder(project, run_id, tmp_path / "set").as_json()
    assert report["images"] == 6
    assert len(report["refused"]) == 4
    assert any("green" in row["reason"] for row in report["refused"])
    combinations = {frozenset(row["labels"]) for row in report["combinations"]}
    assert combinations == {frozenset({"red", "tall"}), frozenset({"blue", "wide"})}


def test_labels_a_folder_never_names_are_unknown_there_and_count_nowhere(
    run_id, tmp_path
):
    for colour in ("red", "blue"):
        for shape in ("tall", "wide"):
            path = tmp_path / "set" / colour / f"{shape}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(draw(colour, shape, 700))
    with open_project("tiny") as project:
        found = evaluate_folder(project, run_id, tmp_path / "set")
        support = {score.label: score.support for score in found.labels}
        assert support == {"red": 2, "blue": 2, "tall": 0, "wide": 0}
        assert found.unasked == ("tall", "wide")
        assert not found.combinations, "no picture's whole combination is known"


def test_a_folder_that_names_no_label_is_refused_in_words(run_id, tmp_path):
    path = tmp_path / "set" / "cats" / "a.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(draw("red", "tall", 1))
    (tmp_path / "set" / "dogs").mkdir()
    shutil.copy(path, tmp_path / "set" / "dogs" / "b.png")
    with (
        open_project("tiny") as project,
        pytest.raises(PredictionError, match="named after labels of this run"),
    ):
        evaluate_folder(project, run_id, tmp_path / "set")


def test_why_is_drawn_by_the_child_and_kept(run_id):
    with open_project("tiny") as project:
        run = get_run(project, run_id)
        image = get_images(project, list_image_ids(project)[:1])[0]
        path = image_path(project, image)
        labels = [label.label_id for label in list_labels(project)]
        found = saliency.explain(project, run, path, image.sha256, [*labels, 99])
        assert [heat.label_id for heat in found] == labels
        assert {heat.values.shape for heat in found} == {(GRID, GRID)}
        assert {heat.colour_share for heat in found} == {None}
        shutdown_all()
        again = saliency.explain(project, run, path, image.sha256, labels[:1])
        assert (again[0].values == found[0].values).all()
        assert prediction_service._child is None
        assert saliency.paint(found[0]).startswith("data:image/png;base64,")
