"""Answers: one image and many, exclusive groups, twice is once, two people."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from storage.answers import answer, answer_many, answers_of, history, set_many
from storage.database import fetch_all
from storage.errors import ImageError, LabelError
from storage.images import (
    NewImage,
    add_images,
    delete_images,
    get_image,
    list_image_ids,
)
from storage.labels import create_labels, set_group
from storage.projects import Project, open_project

ROOT = Path(__file__).parent.parent


@pytest.fixture
def clothes(project: Project) -> Project:
    """Six images; black 1, red 2, dress 3, shirt 4 in two groups; free new 5."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(6)]
    add_images(project, [(new, b"x") for new in news], who="import")
    set_group(project, "colour", ["black", "red"], "exactly-one", who="Ada")
    set_group(project, "kind", ["dress", "shirt"], "at-most-one", who="Ada")
    create_labels(project, ["new"], who="Ada")
    return project


def check_kept_columns(project: Project) -> None:
    """The oracle: set_key and answered equal what the answers say."""
    said = answers_of(project, list_image_ids(project))
    for image_id, answers in said.items():
        yes = sorted(label_id for label_id, value in answers.items() if value)
        image = get_image(project, image_id)
        assert image.set_key == ",".join(map(str, yes))
        assert image.answered == len(answers)


def test_an_answer_is_yes_no_or_unknown(clothes: Project) -> None:
    told = answer(clothes, 1, {5: True, 3: False}, who="Ada", batch_id="a")
    assert told == {1: None, 2: None, 3: False, 4: None, 5: True}
    told = answer(clothes, 1, {5: None}, who="Ada", batch_id="b")
    assert told == {1: None, 2: None, 3: False, 4: None, 5: None}
    check_kept_columns(clothes)


def test_yes_in_an_exclusive_group_says_no_to_the_others(clothes: Project) -> None:
    answer(clothes, 1, {1: True, 4: True}, who="Ada", batch_id="a")
    told = answer(clothes, 1, {2: True, 1: None}, who="Ada", batch_id="b")
    assert told == {1: False, 2: True, 3: False, 4: True, 5: None}
    assert get_image(clothes, 1).set_key == "2,4"


def test_two_yes_in_an_exclusive_group_are_refused_whole(clothes: Project) -> None:
    with pytest.raises(LabelError, match="Only one label of the group 'colour'"):
        answer(clothes, 1, {5: True, 1: True, 2: True}, who="Ada", batch_id="a")
    assert answers_of(clothes, [1]) == {1: {}}


def test_a_group_of_any_labels_and_free_labels_are_free(clothes: Project) -> None:
    set_group(clothes, "colour", ["black", "red"], "any", who="Ada")
    answer(clothes, 1, {1: True, 2: True, 5: True}, who="Ada", batch_id="a")
    assert get_image(clothes, 1).set_key == "1,2,5"


def test_complete_answers_no_where_nothing_is_known(clothes: Project) -> None:
    answer(clothes, 1, {5: True}, who="Ada", batch_id="a")
    told = answer(clothes, 1, {1: True}, who="Ada", batch_id="b", complete=True)
    assert told == {1: True, 2: False, 3: False, 4: False, 5: True}


def test_complete_without_a_name_means_none_of_these(clothes: Project) -> None:
    told = answer(clothes, 1, {}, who="Ada", batch_id="a", complete=True)
    assert set(told.values()) == {False}
    assert get_image(clothes, 1).answered == 5


def test_the_same_batch_twice_is_once(clothes: Project) -> None:
    answer(clothes, 1, {5: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {5: False}, who="Ada", batch_id="b")
    told = answer(clothes, 1, {5: True}, who="Ada", batch_id="a")
    assert told[5] is False
    assert [change.batch_id for change in history(clothes, image_id=1)][:2] == [
        "b",
        "a",
    ]


def test_of_two_people_the_last_counts_and_history_holds_both(
    clothes: Project,
) -> None:
    with open_project("clothes") as other:
        answer(clothes, 1, {5: True}, who="Ada", batch_id="a")
        answer(other, 1, {5: False}, who="Bob", batch_id="b")
    assert answers_of(clothes, [1]) == {1: {5: False}}
    said = [
        (change.who, change.action, change.before, change.after)
        for change in history(clothes, image_id=1, limit=2)
    ]
    assert said == [("Bob", "answer", 1, 0), ("Ada", "answer", None, 1)]


def test_an_answer_that_changes_nothing_leaves_no_history(clothes: Project) -> None:
    answer(clothes, 1, {5: True}, who="Ada", batch_id="a")
    before = len(history(clothes))
    answer(clothes, 1, {5: True}, who="Bob", batch_id="b")
    assert len(history(clothes)) == before


def test_many_images_are_answered_at_once(clothes: Project) -> None:
    count = answer_many(clothes, [1, 2, 3], {1: True}, who="Ada", batch_id="a")
    assert count == 3
    assert answers_of(clothes, [1, 3, 4]) == {
        1: {1: True, 2: False},
        3: {1: True, 2: False},
        4: {},
    }
    assert {change.batch_id for change in history(clothes, limit=6)} == {"a"}
    check_kept_columns(clothes)


def test_deleted_images_are_left_out_and_none_left_is_told(clothes: Project) -> None:
    delete_images(clothes, [1, 2], who="Bob", batch_id="d")
    assert answer_many(clothes, [1, 3], {5: True}, who="Ada", batch_id="a") == 1
    with pytest.raises(ImageError, match="not in the project"):
        answer_many(clothes, [1, 2], {5: True}, who="Ada", batch_id="b")
    with pytest.raises(ImageError, match="not in the project"):
        answer(clothes, 99, {5: True}, who="Ada", batch_id="c")
    assert answer_many(clothes, [], {5: True}, who="Ada", batch_id="e") == 0


def test_an_unknown_label_is_told_and_nothing_is_saved(clothes: Project) -> None:
    with pytest.raises(LabelError, match="no label 99"):
        answer(clothes, 1, {5: True, 99: True}, who="Ada", batch_id="a")
    with pytest.raises(LabelError, match="no label 99"):
        set_many(clothes, [(1, frozenset({5, 99}))], who="Ada", batch_id="b")
    assert answers_of(clothes, [1]) == {1: {}}


def test_an_import_states_every_label_and_may_come_in_parts(clothes: Project) -> None:
    first = [(1, frozenset({1, 3})), (2, frozenset[int]()), (1, frozenset({2, 3}))]
    assert set_many(clothes, first, who="Ada", batch_id="i") == 2
    assert set_many(clothes, [(3, frozenset({5}))], who="Ada", batch_id="i") == 1
    assert get_image(clothes, 1).set_key == "2,3"
    assert answers_of(clothes, [2])[2] == dict.fromkeys(range(1, 6), False)
    check_kept_columns(clothes)


def test_random_answers_agree_with_a_dictionary(clothes: Project) -> None:
    choose = random.Random(7)
    groups = {1: (1, 2), 2: (1, 2), 3: (3, 4), 4: (3, 4), 5: (5,)}
    model: dict[int, dict[int, bool]] = {image_id: {} for image_id in range(1, 7)}
    for step in range(60):
        images = choose.sample(range(1, 7), choose.randint(1, 3))
        label_id, said = choose.randint(1, 5), choose.choice([True, False, None])
        answer_many(clothes, images, {label_id: said}, who="Ada", batch_id=f"{step}")
        for image_id in images:
            if said:
                model[image_id].update(dict.fromkeys(groups[label_id], False))
            model[image_id].pop(label_id, None)
            if said is not None:
                model[image_id][label_id] = said
    assert answers_of(clothes, range(1, 7)) == model
    check_kept_columns(clothes)


def test_people_answering_at_once_lose_nothing(clothes: Project) -> None:
    code = """
import sys
from storage.answers import answer
from storage.projects import open_project
who = sys.argv[1]
with open_project("clothes") as project:
    for n in range(40):
        answer(project, n % 6 + 1, {5: n % 2 == 0}, who=who, batch_id=f"{who}{n}")
"""
    people = [
        subprocess.Popen([sys.executable, "-c", code, who], cwd=ROOT)
        for who in ("Ada", "Bob", "Cem")
    ]
    assert [person.wait(60) for person in people] == [0, 0, 0]
    rows = fetch_all(clothes.db, "SELECT count(*) FROM batches WHERE action = 'answer'")
    assert rows == [(120,)]
    check_kept_columns(clothes)
    for image_id in range(1, 7):
        check_chain(clothes, image_id)


def check_chain(project: Project, image_id: int) -> None:
    """Each change starts where the one before it ended."""
    changes = history(project, image_id=image_id, limit=1000)[::-1]
    cells = [change for change in changes if change.label_id == 5]
    value = None
    for change in cells:
        assert change.before == value
        value = change.after
    assert answers_of(project, [image_id])[image_id] == {5: bool(value)}
