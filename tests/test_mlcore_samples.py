"""The sample project: six of nine combinations, the same pictures every time."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from mlcore import samples
from mlcore.coverage import coverage_of
from mlcore.sample_drawing import draw_picture
from storage import images, labels
from storage.projects import list_projects
from storage.records import Filter


@pytest.fixture
def few(monkeypatch):
    """Draw four of each instead of sixty: the shape of the project is the same."""
    monkeypatch.setattr(samples, "EACH", 4)
    monkeypatch.setattr(samples, "KEPT_OUT_EACH", 2)


def test_the_sample_project_has_360_pictures_of_which_348_are_labelled():
    started = time.perf_counter()
    calls = []
    with samples.create_sample_project(on_progress=lambda *x: calls.append(x)) as made:
        seconds = time.perf_counter() - started
        progress = images.progress(made)
        assert (progress.total, progress.labelled, progress.complete) == (360, 348, 348)
        assert coverage_of(made).present == 6
        assert len(samples.sample_pictures(made)) == 36
    assert calls[0] == (1, 396) and calls[-1] == (396, 396)
    assert seconds < 100, "ten times the target, so that a busy machine does not fail"


def test_the_three_missing_combinations_are_those_kept_out(few):
    with samples.create_sample_project() as made:
        missing = {c.names for c in coverage_of(made).missing}
        kept_out = {picture.truth for picture in samples.sample_pictures(made)}
        rules = {group.name: group.rule for group in labels.list_groups(made)}
    assert missing == kept_out == set(samples.KEPT_OUT)
    assert rules == {"colour": "exactly-one", "garment": "exactly-one"}


def test_two_pictures_of_each_combination_wait_to_be_labelled(few):
    with samples.create_sample_project() as made:
        assert images.count_images(made, Filter(state="unlabelled")) == 12


def test_a_second_sample_project_gets_a_number(few):
    for _ in range(2):
        samples.create_sample_project().db.close()
    names = sorted(project.name for project in list_projects())
    assert names == ["Sample clothes", "Sample clothes 2"]


def test_nothing_stays_behind_when_making_it_fails(few, monkeypatch):
    def fail(done, total):
        raise RuntimeError("stopped by the test")

    with pytest.raises(RuntimeError, match="stopped by the test"):
        samples.create_sample_project(on_progress=fail)
    assert list_projects() == []


def test_other_projects_have_no_sample_pictures(project):
    assert samples.sample_pictures(project) == []


def test_the_same_number_is_the_same_picture_and_another_is_not():
    first = samples.draw_sample(("red", "dress"), 1)
    assert first == samples.draw_sample(("red", "dress"), 1)
    assert first != samples.draw_sample(("red", "dress"), 2)


@pytest.mark.parametrize("combination", [*samples.SHOWN, *samples.KEPT_OUT])
def test_the_garment_in_the_middle_has_its_colour(combination):
    colour, garment = combination
    centres = [middle_colour(samples.draw_sample(combination, n)) for n in range(8)]
    red, green, blue = np.median(centres, axis=0)
    seen = {
        "black": max(red, green, blue) < 90,
        "blue": blue > red + 30,
        "red": red > blue + 30,
    }
    assert seen[colour], f"{garment} is {red, green, blue}"


def middle_colour(data):
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert picture.shape == (96, 96, 3)
    # Left of the middle, where legs are cloth too.
    return np.median(picture[30:40, 38:46].reshape(-1, 3), axis=0)


def test_pictures_of_one_kind_differ_in_pose_and_place():
    random = [np.random.default_rng(n) for n in range(2)]
    one, other = (np.asarray(draw_picture("jeans", "blue", r), int) for r in random)
    assert np.abs(one - other).mean() > 10
