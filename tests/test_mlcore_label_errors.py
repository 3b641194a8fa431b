"""Finding labels that are probably wrong: the ranking, its worth, what is kept."""

import json
from dataclasses import replace

import numpy as np
import pytest
from filled_project import MakeImage, fill

from mlcore.cli import main
from mlcore.feature_store import FeatureStore
from mlcore.head_questions import Question
from mlcore.known_features import features_for
from mlcore.label_errors import (
    correct,
    deal_folds,
    find_suspects,
    prepare,
    rank_quality,
    told_well,
)
from mlcore.label_search import LabelReport, last_report, search_labels
from mlcore.label_search_jobs import (
    cancel_search,
    do_search,
    search_folder,
    search_status,
)
from mlcore.label_words import found_words, worth_words
from mlcore.label_worth import Change, Worth, are_right, compare, measure_worth
from mlcore.queues import queue_ids, queue_reasons
from storage.answers import answer_many, set_many
from storage.groups import set_group
from storage.images import get_images, list_image_ids
from storage.labels import create_labels, list_labels
from storage.picks import pick_reasons, picked_ids, put_pick
from storage.projects import Project
from storage.suspects import (
    confirm_answers,
    forget_confirmed,
    list_suspected_images,
    suspects_of,
)
from storage.undo import undo

GARMENT = Question("exactly-one", (0, 1, 2))
STRIPED = Question("free", (3,))
QUESTIONS = (GARMENT, STRIPED)


def quiet(*told: object) -> None:
    """Nobody watches."""


def make_answers(images: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features that tell three garments and stripes, and the true answers."""
    chance = np.random.default_rng(seed)
    garment = chance.integers(0, 3, images)
    striped = chance.integers(0, 2, images)
    y = np.zeros((images, 4), np.int8)
    y[np.arange(images), garment] = 1
    y[:, 3] = striped
    x = np.hstack([y * 3.0, np.zeros((images, 12))]) + chance.normal(size=(images, 16))
    return x.astype(np.float32), y


@pytest.fixture
def flipped() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, answers of which 5 % are wrong, and (n,) which."""
    x, y = make_answers(400, seed=3)
    wrong = np.zeros(400, bool)
    wrong[np.random.default_rng(5).choice(400, 20, replace=False)] = True
    y[wrong, :3] = np.roll(y[wrong, :3], 1, axis=1)
    return x, y, wrong


def test_most_of_the_labels_changed_on_purpose_lead_the_ranking(
    flipped: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    x, y, wrong = flipped
    fitting = prepare(x, y, QUESTIONS, [], quiet)
    p = fitting.answer(y, np.ones(400, bool), quiet)
    order = np.argsort(rank_quality(y, p), kind="stable")
    assert wrong[order[:20]].mean() >= 0.8
    suspects = find_suspects(y, p, QUESTIONS)
    shown = suspects.any(axis=1)
    assert (shown & wrong).sum() >= 14 and (shown & ~wrong).sum() <= 12
    # of a group both sides of the contradiction are named
    assert set(suspects[shown & wrong][:, :3].sum(axis=1)) == {2}
    mended = correct(y, p, QUESTIONS, suspects)
    assert (mended[:, :3].sum(axis=1) == 1).all()
    worth = measure_worth(fitting, y, p, suspects, quiet)
    assert worth.corrected.images == int((~shown).sum())
    assert Worth.from_json(worth.as_json()) == worth


def test_a_weak_model_calls_no_label_wrong(
    flipped: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    _, y, _ = flipped
    sure = np.where(y == 1, 0.97, 0.01).astype(np.float32)
    assert told_well(y, sure, QUESTIONS) == [0, 1, 2, 3]
    sure[:60, 3] = 1 - sure[:60, 3]
    assert told_well(y, sure, QUESTIONS) == [0, 1, 2]
    flat = Change(416, 284, 293, 35, 26, -0.015, 0.058)
    weak = LabelReport(602, 186, 0, "", 1.0, Worth(flat, flat))
    words = found_words(weak)
    assert "often wrong itself (right on all labels of 47 %)" in words
    assert words.endswith("look at the first 15 only.") and "probably" not in words
    some = replace(weak, probable=21, told_well=(4,))
    assert [some.is_probable(i) for i in (4, 5)] == [True, False]
    assert "21 of 602" in found_words(some) and "165 more" in found_words(some)
    assert LabelReport.from_json(some.as_json()) == some
    good = Change(590, 570, 571, 3, 2, -0.01, 0.01)
    strong = replace(weak, suspected=12, worth=Worth(good, good))
    assert found_words(strong).startswith("12 of 602 labelled pictures probably carry")
    assert strong.probable_count == 12 and strong.is_probable(5)


def test_what_nobody_answered_is_never_suspected() -> None:
    x, y = make_answers(200, seed=9)
    y[:50, 3] = -1
    y[50:80, :3] = -1
    fitting = prepare(x, y, QUESTIONS, [], quiet)
    p = fitting.answer(y, np.ones(200, bool), quiet)
    assert not find_suspects(y, p, QUESTIONS)[y < 0].any()
    unknown = np.full((1, 4), -1, np.int8)
    assert rank_quality(np.vstack([y, unknown]), np.vstack([p, p[:1]]))[-1] > 0.99


def test_copies_stay_in_one_fold_and_kinds_are_dealt_out() -> None:
    _, y = make_answers(100, seed=1)
    folds = deal_folds(y, [(3, 40, 77), (5, 6)])
    at = {int(row): place for place, fold in enumerate(folds) for row in fold}
    assert len(at) == 100 and len(folds) == 5
    assert len({at[3], at[40], at[77]}) == 1 and at[5] == at[6]
    garments = [y[fold, :3].sum(axis=0) for fold in folds]
    assert np.ptp(garments, axis=0).max() <= 6


def test_a_change_is_told_from_chance_only_where_it_is_more() -> None:
    before = np.array([True] * 90 + [False] * 10)
    same = compare(before, before)
    assert (same.gained, same.lost, same.is_told) == (0, 0, False)
    assert same.low <= 0 <= same.high
    after = before.copy()
    after[90:] = True
    better = compare(before, after)
    assert better.is_told and better.difference == pytest.approx(0.1)
    assert 0 < better.low < 0.1 < better.high < 0.2


def test_where_nothing_changes_the_words_say_so() -> None:
    flat = Change(200, 190, 191, 2, 1, -0.02, 0.03)
    assert "no more than chance" in worth_words(Worth(flat, flat))
    better = Change(200, 150, 180, 32, 2, 0.09, 0.21)
    words = worth_words(Worth(flat, better))
    assert "75.0 % are right" in words and "+15.0 points" in words
    assert "right on 150 more of 1,000 other pictures. More than chance" in words


def test_right_means_every_known_answer() -> None:
    y = np.array([[1, 0, 0, -1], [0, 1, 0, 1]], np.int8)
    p = np.array([[0.6, 0.3, 0.1, 0.9], [0.2, 0.7, 0.1, 0.2]], np.float32)
    assert are_right(y, p, QUESTIONS).tolist() == [True, False]


@pytest.fixture
def searched(project: Project, make_image: MakeImage) -> tuple[Project, list[int]]:
    """Sixty labelled pictures with invented features; three are labelled wrong."""
    ids = fill(project, make_image, 60)
    names = ["dress", "jeans", "shirt"]
    set_group(project, "garment", names, "exactly-one", who="")
    create_labels(project, names, who="")
    label_ids = [label.label_id for label in list_labels(project)]
    kinds = np.arange(60) % 3
    x = np.eye(3)[kinds] * 6 + np.random.default_rng(0).normal(size=(60, 3))
    kinds[[6, 21, 41]] = (kinds[[6, 21, 41]] + 1) % 3
    rows = [(i, frozenset([label_ids[k]])) for i, k in zip(ids, kinds, strict=True)]
    set_many(project, rows, who="", batch_id="all")
    store: FeatureStore = features_for(project, []).store
    store.append([i.sha256 for i in get_images(project, ids)], x.astype(np.float32))
    return project, [ids[6], ids[21], ids[41]]


def test_what_a_search_finds_is_a_queue_that_settles_itself(
    searched: tuple[Project, list[int]],
) -> None:
    project, wrong = searched
    report = search_labels(project, quiet)
    assert sorted(list_suspected_images(project)) == wrong
    assert last_report(project) is not None and last_report(project)[1] == report
    assert (report.images, report.suspected) == (60, 3) and report.worth is not None
    assert report.probable_count == report.probable == 3 and report.is_certain
    assert "3 of 60 labelled pictures probably carry a wrong" in found_words(report)
    first, second, third = queue_ids(project, "label-errors")
    reason = queue_reasons(project, "label-errors", [first])[first]
    assert reason.startswith("labelled ") and ", the model reads " in reason

    # mending writes an answer, and the picture leaves by itself; undo brings it back
    read = next(x for x in suspects_of(project, [first])[first] if not x.value)
    answer_many(project, [first], {read.label_id: True}, who="ada", batch_id="fix")
    assert queue_ids(project, "label-errors") == [second, third]
    undo(project, who="ada", batch_id="fix")
    assert queue_ids(project, "label-errors") == [first, second, third]

    # called right: for good, also in the next search
    assert confirm_answers(project, [second], who="ada") == 1
    again = search_labels(project, quiet)
    assert (again.suspected, again.confirmed) == (2, 1)
    assert sorted(queue_ids(project, "label-errors")) == sorted([first, third])
    forget_confirmed(project, [second])
    assert search_labels(project, quiet).suspected == 3


def test_picked_pictures_are_a_queue_in_their_order(
    project: Project, images: list[int]
) -> None:
    first, second, third = images
    pick = put_pick(
        project, "wrong", [(third, "worst"), (first, "bad"), (third, "worst")], who=""
    )
    key = f"pick-{pick.pick_id}"
    assert (
        queue_ids(project, key) == picked_ids(project, pick.pick_id) == [third, first]
    )
    assert queue_reasons(project, key, [third, second]) == {third: "worst"}
    assert (
        pick_reasons(project, 99, [third]) == {} and queue_ids(project, "pick-99") == []
    )
    assert list_image_ids(project) == images


def test_the_command_searches_and_shows_what_was_found_last(
    searched: tuple[Project, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    project, wrong = searched
    assert main(["label-errors", project.name, "--last"]) == 1
    assert "never searched" in capsys.readouterr().err
    assert main(["label-errors", project.name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert sorted(row["image"] for row in told["suspects"]) == wrong
    assert told["worth"]["corrected"]["images"] == 57
    assert {len(row["answers"]) for row in told["suspects"]} == {2}
    assert main(["label-errors", project.name, "--last"]) == 0
    assert "3 of 60 labelled pictures probably" in capsys.readouterr().out


def test_a_cancelled_search_keeps_what_was_found_before(
    searched: tuple[Project, list[int]],
) -> None:
    project, wrong = searched
    search_labels(project, quiet)
    folder = search_folder(project)
    assert search_status(project) is None
    folder.mkdir()
    (folder / "job.json").write_text("{}")
    cancel_search(project)
    assert do_search(project) == 0
    status = search_status(project)
    assert status is not None and status.phase == "cancelled"
    assert sorted(list_suspected_images(project)) == wrong
