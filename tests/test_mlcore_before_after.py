"""Before and after: the same pictures read by two runs, and what it cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pretended_runs import ids_of, pretend_run
from streamlit.testing.v1 import AppTest
from test_page_train_runs import MAIN
from tiny_training import WHO, add_pictures, draw, make_project

from mlcore import jobs
from mlcore.before_after import (
    HeldOutChange,
    compare_doubted,
    count_right,
    held_out_change,
    train_again,
)
from mlcore.errors import TrainingError
from mlcore.judging import Question, is_right
from mlcore.predictions import Prediction
from pages.parts import prediction_saving
from pages.parts.classify_batch import Picture
from pages.parts.loop_result import headline, held_out_words
from storage.answers import answer, set_many
from storage.doubted import (
    Doubted,
    count_labelled_doubted,
    count_open_doubted,
    put_doubted,
    put_doubted_readings,
)
from storage.image_marks import move_to_split
from storage.images import delete_images, list_image_ids
from storage.projects import Project, open_project
from storage.records import Run
from storage.runs import get_run
from storage.splits import assign_splits


@dataclass(frozen=True)
class Loop:
    """A project in which run `first` doubted the images `new`, all of red and wide.

    One was put into training and one into validation; both are labelled.
    """

    project: Project
    first: Run
    new: list[int]

    def read(self, run_id: str, *names: str) -> None:
        """Keep that a run reads these labels in the new images."""
        read = ids_of(self.project, *names)
        put_doubted_readings(self.project, run_id, dict.fromkeys(self.new, read))


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setattr(jobs, "supervise", lambda name, start_process=None: None)
    with open_project(make_project(each=2)) as project:
        old = list_image_ids(project)
        splits = dict.fromkeys(old[:6], "train") | dict.fromkeys(old[6:], "validation")
        assign_splits(project, splits)
        first = pretend_run(project, wrong=1)
        new = add_pictures(project, [draw("red", "wide", 90 + n) for n in range(3)])
        doubt = [Doubted(i, first.run_id, "why", 0.5, "b") for i in new]
        put_doubted(project, doubt, who=WHO)
        right = ids_of(project, "red", "wide")
        set_many(project, [(i, right) for i in new], who=WHO, batch_id="said")
        assign_splits(project, {new[0]: "train", new[1]: "validation"})
        delete_images(project, new[2:], who=WHO, batch_id="gone")
        found = Loop(project, first, new[:2])
        found.read(first.run_id, "red", "tall")
        yield found


def test_nothing_trains_again_without_a_run(project: Project) -> None:
    with pytest.raises(TrainingError, match="no finished run"):
        train_again(project)


def test_what_a_run_learned_from_is_told_apart(loop: Loop) -> None:
    run = get_run(loop.project, train_again(loop.project))
    assert (run.state, run.config) == ("queued", loop.first.config)
    assert compare_doubted(loop.project, loop.first).rows == ()
    assert compare_doubted(loop.project, run).missing == loop.new[::-1]
    loop.read(run.run_id, "red", "wide")
    found = compare_doubted(loop.project, run)
    held_out, learned = found.rows
    assert (held_out.image_id, held_out.part) == (loop.new[1], "validation")
    assert held_out.before == ("red", "tall")
    assert held_out.after == held_out.said == ("red", "wide")
    assert learned.is_trained_on
    assert count_right(found.rows) == (0, 2)
    assert headline(found) == (
        "Of the **1 doubted picture** the run did not learn from, 0 were right before "
        "and **1** is now. Of the 1 it learned from: 0 before, 1 now, as one would "
        "expect."
    )


def test_before_is_what_the_run_just_before_reads(loop: Loop) -> None:
    project = loop.project
    second, third = pretend_run(project), pretend_run(project)
    loop.read(third.run_id, "red", "wide")
    found = compare_doubted(project, third)
    assert found.base_run == second.run_id
    assert sorted(found.unread) == loop.new
    assert {row.run_before for row in found.rows} == {loop.first.run_id}
    loop.read(second.run_id, "red", "wide")
    found = compare_doubted(project, third)
    assert (found.unread, found.missing) == ((), [])
    assert {row.run_before for row in found.rows} == {second.run_id}
    assert count_right(found.rows) == (2, 2)


def test_what_people_left_open_is_not_judged(loop: Loop) -> None:
    project = loop.project
    none = dict.fromkeys(ids_of(project, "red", "blue", "tall", "wide"), False)
    answer(project, loop.new[0], none, who=WHO, batch_id="none")
    run = pretend_run(project)
    loop.read(run.run_id, "red", "wide")
    found = compare_doubted(project, run)
    judged, left_open = found.rows
    assert (judged.image_id, judged.is_right) == (loop.new[1], True)
    assert (left_open.was_right, left_open.is_right) == (None, None)
    assert "1 picture is not judged" in headline(found)


def test_a_question_is_judged_only_where_people_answered_it() -> None:
    colour = Question(frozenset({1, 2, 3}), "exactly-one")
    shape = Question(frozenset({4, 5}), "at-most-one")
    free = Question(frozenset({6, 7}), "any")
    assert colour.expect({1: False, 2: False}) == {}
    assert colour.expect({1: False, 2: False, 3: False}) == {}
    assert colour.expect({1: True}) == {1: True, 2: False, 3: False}
    assert shape.expect({4: False}) == {}
    assert shape.expect({4: False, 5: False}) == {4: False, 5: False}
    assert free.expect({6: True}) == {6: True}
    assert free.expect({6: False}) == {}
    assert is_right(frozenset({1}), {}) is None


def test_the_train_page_shows_before_and_after_and_what_it_cost(loop: Loop) -> None:
    project = loop.project
    move_to_split(project, loop.new[1:], "train", who=WHO, batch_id="moved")
    second = pretend_run(project)
    change = held_out_change(project, loop.first.run_id, second.run_id)
    assert change == HeldOutChange(images=2, before=1, after=2, p=1.0)
    loop.read(second.run_id, "red", "wide")
    found = compare_doubted(project, second)
    assert found.unlearned == []
    assert found.base_run == loop.first.run_id
    app = AppTest.from_file(str(MAIN), default_timeout=60).run()
    app.switch_page("train.py").run()
    assert not app.exception
    shown = "\n".join(str(element.value) for element in app.markdown)
    assert "Before and after" in shown
    assert "learned from all of them, so this says little" in shown
    assert "On the 2 held-out pictures of both runs: 1 entirely right" in shown


def test_a_doubtful_picture_labelled_on_classify_counts_too(
    loop: Loop, tmp_path: Path
) -> None:
    path = tmp_path / "new.png"
    path.write_bytes(draw("blue", "wide", 55))
    picture = Picture(1, path, "new.png", "")
    shares = {"red": 0.1, "blue": 0.9, "tall": 0.6, "wide": 0.4}
    read = ["blue", "tall"]
    doubted = Prediction(
        str(path), "new.png", read, shares, True, combination=read, doubts=["unsure"]
    )
    project, run_id = loop.project, loop.first.run_id
    saved = prediction_saving.save_labels(project, picture, ["blue", "wide"], who=WHO)
    prediction_saving.note_doubt(project, run_id, doubted, saved, who=WHO)
    found = compare_doubted(project, pretend_run(project))
    (row,) = [row for row in found.rows if row.image_id == saved.image_id]
    assert (row.before, row.said) == (("blue", "tall"), ("blue", "wide"))
    assert (row.was_right, row.part) == (False, "")
    before = count_labelled_doubted(project)
    prediction_saving.undo_saved(project, saved, who=WHO)
    assert count_labelled_doubted(project) == before - 1
    assert count_open_doubted(project) == 0
    gone = Picture(2, tmp_path / "gone.png", "gone.png", "")
    rows = [(gone, doubted), (picture, doubted)]
    queued = prediction_saving.queue_doubtful(project, run_id, rows, who=WHO)
    assert queued.count == count_open_doubted(project) == 1
    assert prediction_saving.undo_queue(project, queued, who=WHO) == 1
    assert count_open_doubted(project) == 0


def test_a_loss_on_held_out_pictures_is_called_one() -> None:
    assert "That is a loss of 2." in held_out_words(HeldOutChange(9, 8, 6))
    assert "Nothing was lost." in held_out_words(HeldOutChange(9, 8, 8))
    said = held_out_words(HeldOutChange(120, 63, 61, p=0.69))
    assert said.endswith("2 fewer, within what chance explains.")
    assert "trending" not in said and "loss" not in said
