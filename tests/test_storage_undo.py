"""Undo and redo of answers, deletions and acts on labels."""

import contextlib
import random
from typing import Any

import pytest

from storage.answers import answer, answer_many, answers_of, redo, set_many, undo
from storage.errors import ImageError, LabelError
from storage.images import (
    NewImage,
    add_images,
    delete_images,
    list_image_ids,
    list_images,
)
from storage.implications import imply, list_implications
from storage.label_sets import label_sets, list_impossible, mark_impossible
from storage.labels import (
    create_labels,
    delete_label,
    describe_label,
    list_groups,
    list_labels,
    merge_labels,
    order_labels,
    rename_label,
    set_group,
)
from storage.projects import Project


@pytest.fixture
def clothes(project: Project) -> Project:
    """Four images; black 1 and red 2 in a group, dress 3 and shirt 4 free."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(4)]
    set_group(project, "colour", ["black", "red"], "exactly-one", who="Ada")
    create_labels(project, ["dress", "shirt"], who="Ada")
    add_images(project, [(new, b"x") for new in news], who="Ada", batch_id="import")
    return project


def state_of(project: Project) -> Any:
    images = list_image_ids(project)
    return (
        answers_of(project, images),
        list_labels(project),
        list_groups(project),
        list_impossible(project),
        list_implications(project),
        label_sets(project),
        list_images(project),
    )


def test_nothing_to_undo_or_redo_is_none(clothes: Project) -> None:
    assert undo(clothes, who="Ada") is None
    assert redo(clothes, who="Ada") is None


def test_undo_takes_a_whole_batch_back_and_redo_brings_it(clothes: Project) -> None:
    answer(clothes, 1, {1: True}, who="Ada", batch_id="a")
    before = state_of(clothes)
    answer_many(clothes, [1, 2, 3], {2: True}, who="Ada", batch_id="b", complete=True)
    after = state_of(clothes)
    assert undo(clothes, who="Ada") == "b"
    assert state_of(clothes) == before
    assert redo(clothes, who="Ada") == "b"
    assert state_of(clothes) == after


def test_everyone_undoes_only_their_own(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    answer(clothes, 2, {3: True}, who="Bob", batch_id="b")
    assert undo(clothes, who="Ada") == "a"
    assert undo(clothes, who="Ada") is None
    assert answers_of(clothes, [1, 2]) == {1: {}, 2: {3: True}}


def test_undo_leaves_a_later_answer_of_somebody_else(clothes: Project) -> None:
    answer(clothes, 1, {3: True, 4: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {3: False}, who="Bob", batch_id="b")
    undo(clothes, who="Ada")
    assert answers_of(clothes, [1]) == {1: {3: False}}


def test_something_new_ends_the_redo(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    undo(clothes, who="Ada")
    answer(clothes, 1, {4: True}, who="Ada", batch_id="b")
    assert redo(clothes, who="Ada") is None
    assert undo(clothes, who="Ada") == "b"
    assert redo(clothes, who="Ada") == "b"
    assert redo(clothes, who="Ada") is None


def test_an_answer_that_changed_nothing_is_skipped(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {3: True}, who="Ada", batch_id="b")
    assert undo(clothes, who="Ada") == "a"


def test_a_named_batch_is_undone_exactly_once(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {4: True}, who="Ada", batch_id="b")
    assert undo(clothes, who="Ada", batch_id="a") == "a"
    assert undo(clothes, who="Ada", batch_id="a") is None
    assert undo(clothes, who="Ada", batch_id="unknown") is None
    assert answers_of(clothes, [1]) == {1: {4: True}}


def test_a_repeated_request_undoes_once(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {4: True}, who="Ada", batch_id="b")
    assert undo(clothes, who="Ada", request_id="u") == "b"
    assert undo(clothes, who="Ada", request_id="u") == "b"
    assert answers_of(clothes, [1]) == {1: {3: True}}
    assert redo(clothes, who="Ada", request_id="r") == "b"
    assert redo(clothes, who="Ada", request_id="r") == "b"
    assert answers_of(clothes, [1]) == {1: {3: True, 4: True}}


def test_an_import_is_taken_back_only_by_its_name(clothes: Project) -> None:
    before = state_of(clothes)
    new = NewImage("e" * 64, "new", "png", 1, 1, 1, "")
    add_images(clothes, [(new, b"x")], who="Ada", batch_id="second")
    set_many(clothes, [(5, frozenset({1}))], who="Ada", batch_id="second")
    set_many(clothes, [(1, frozenset({2}))], who="Ada", batch_id="second")
    after = state_of(clothes)
    assert undo(clothes, who="Ada") is None
    assert undo(clothes, who="Ada", batch_id="second") == "second"
    assert state_of(clothes) == before
    assert redo(clothes, who="Ada") == "second"
    assert state_of(clothes) == after


def test_making_a_label_is_not_undone_once_it_is_used(clothes: Project) -> None:
    create_labels(clothes, ["new"], who="Ada")
    answer(clothes, 1, {5: True}, who="Bob", batch_id="b")
    with pytest.raises(LabelError, match="'new' has been used"):
        undo(clothes, who="Ada")
    assert answers_of(clothes, [1]) == {1: {5: True}}


def test_a_label_changed_by_another_is_not_overwritten(clothes: Project) -> None:
    rename_label(clothes, 3, "robe", who="Ada")
    rename_label(clothes, 3, "gown", who="Bob")
    with pytest.raises(LabelError, match="changed since"):
        undo(clothes, who="Ada")
    assert list_labels(clothes)[2].name == "gown"


def test_answers_to_a_deleted_label_stay_gone_when_undone(clothes: Project) -> None:
    answer(clothes, 1, {3: True}, who="Ada", batch_id="a")
    answer(clothes, 1, {3: False}, who="Ada", batch_id="b")
    delete_label(clothes, 3, who="Bob")
    assert undo(clothes, who="Ada") == "b"
    assert answers_of(clothes, [1]) == {1: {}}


def act(project: Project, choose: random.Random, step: int) -> None:
    """One random thing a person does; a refusal is fine."""
    labels = [label.label_id for label in list_labels(project)]
    images = list_image_ids(project) or [1]
    picked = choose.sample(images, choose.randint(1, len(images)))
    label_id, other = choose.choice(labels), choose.choice(labels)
    said = choose.choice([True, False, None])
    acts = [
        lambda: answer_many(
            project, picked, {label_id: said}, who="Ada", batch_id=f"a{step}"
        ),
        lambda: answer_many(
            project, picked, {}, who="Ada", batch_id=f"c{step}", complete=True
        ),
        lambda: delete_images(project, picked[:1], who="Ada", batch_id=f"d{step}"),
        lambda: rename_label(project, label_id, f"name {step}", who="Ada"),
        lambda: merge_labels(project, label_id, other, who="Ada"),
        lambda: set_group(
            project, choose.choice("gh"), [f"l{step}"], "at-most-one", who="Ada"
        ),
        lambda: mark_impossible(project, [label_id, other], True, who="Ada"),
        lambda: imply(project, label_id, [other], who="Ada"),
        lambda: order_labels(project, [other, label_id], who="Ada"),
        lambda: describe_label(project, label_id, hotkey=str(step % 10), who="Ada"),
    ]
    if len(labels) > 2:
        acts.append(lambda: delete_label(project, label_id, who="Ada"))
    with contextlib.suppress(LabelError, ImageError):
        choose.choice(acts)()


@pytest.mark.parametrize("seed", range(4))
def test_any_work_can_be_undone_to_the_start_and_redone_to_the_end(
    clothes: Project, seed: int
) -> None:
    choose = random.Random(seed)
    states = [state_of(clothes)]
    for step in range(25):
        act(clothes, choose, step)
        if state_of(clothes) != states[-1]:
            states.append(state_of(clothes))
    for state in states[-2::-1]:
        assert undo(clothes, who="Ada") is not None
        assert state_of(clothes) == state
    assert undo(clothes, who="Ada") is None
    for state in states[1:]:
        assert redo(clothes, who="Ada") is not None
        assert state_of(clothes) == state
    assert redo(clothes, who="Ada") is None
