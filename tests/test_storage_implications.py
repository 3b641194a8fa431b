"""Implied labels: what follows from an answer, and what is refused."""

import json

import pytest

from storage.answers import answer, answer_many, answers_of, redo, set_many, undo
from storage.errors import LabelError
from storage.images import add_images
from storage.implications import (
    Gap,
    fill_implied,
    implication_gaps,
    implied_closure,
    imply,
    list_implications,
)
from storage.labels import create_labels, delete_label, move_label, set_group
from storage.projects import Project
from storage.records import NewImage

JEANS, TROUSERS, CLOTHES, DRESS, STRIPED = range(1, 6)


@pytest.fixture
def clothes(project: Project) -> Project:
    """Jeans imply trousers, trousers imply clothes; a dress excludes trousers."""
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(4)]
    add_images(project, [(new, b"x") for new in news])
    names = ["jeans", "trousers", "clothes", "dress", "striped"]
    create_labels(project, names, who="Ada")
    set_group(project, "kind", ["trousers", "dress"], "exactly-one", who="Ada")
    imply(project, JEANS, [TROUSERS], who="Ada")
    imply(project, TROUSERS, [CLOTHES], who="Ada")
    return project


def test_a_yes_reaches_all_that_is_implied_and_excludes_its_rivals(
    clothes: Project,
) -> None:
    said = answer(clothes, 1, {JEANS: True}, who="Ada", batch_id="a")
    assert said == {1: True, 2: True, 3: True, 4: False, 5: None}
    undo(clothes, who="Ada")
    assert answers_of(clothes, [1]) == {1: {}}


def test_a_no_reaches_all_that_imply_it(clothes: Project) -> None:
    answer(clothes, 1, {JEANS: True}, who="Ada", batch_id="a")
    said = answer(clothes, 1, {CLOTHES: False}, who="Ada", batch_id="b")
    assert said == {1: False, 2: False, 3: False, 4: False, 5: None}
    said = answer(clothes, 2, {DRESS: True}, who="Ada", batch_id="c")
    assert said == {1: False, 2: False, 3: None, 4: True, 5: None}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({JEANS: True, CLOTHES: False}, "'jeans' implies 'clothes'"),
        ({JEANS: True, DRESS: True}, "'dress', 'trousers'"),
    ],
)
def test_answers_that_contradict_each_other_are_refused(
    clothes: Project, answers: dict[int, bool], words: str
) -> None:
    with pytest.raises(LabelError, match=words):
        answer_many(clothes, [1, 2], answers, who="Ada", batch_id="a")
    assert answers_of(clothes, [1]) == {1: {}}


def test_an_import_states_what_is_implied_too(clothes: Project) -> None:
    set_many(clothes, [(1, frozenset({JEANS}))], who="Ada", batch_id="i")
    assert answers_of(clothes, [1])[1] == {
        JEANS: True,
        TROUSERS: True,
        CLOTHES: True,
        DRESS: False,
        STRIPED: False,
    }
    implied = list_implications(clothes)
    assert implied == {JEANS: (TROUSERS,), TROUSERS: (CLOTHES,)}
    assert implied_closure(implied, [JEANS]) == {JEANS, TROUSERS, CLOTHES}


@pytest.mark.parametrize(
    ("label_id", "implied", "words"),
    [
        (CLOTHES, [JEANS], "imply itself"),
        (JEANS, [JEANS], "imply itself"),
        (STRIPED, [JEANS, DRESS], "bring both 'trousers' and 'dress'"),
        (STRIPED, [9], "no label 9"),
    ],
)
def test_circles_and_contradictions_are_refused(
    clothes: Project, label_id: int, implied: list[int], words: str
) -> None:
    before = list_implications(clothes)
    with pytest.raises(LabelError, match=words):
        imply(clothes, label_id, implied, who="Ada")
    assert list_implications(clothes) == before


def test_a_label_does_not_move_where_what_it_implies_excludes_it(
    clothes: Project,
) -> None:
    group_id = 1
    with pytest.raises(LabelError, match="'jeans' would bring both"):
        move_label(clothes, JEANS, group_id, who="Ada")
    assert undo(clothes, who="Ada") is not None


def test_what_is_implied_is_replaced_undone_and_redone(clothes: Project) -> None:
    imply(clothes, JEANS, [CLOTHES, STRIPED], who="Ada")
    imply(clothes, JEANS, [], who="Ada")
    assert list_implications(clothes) == {TROUSERS: (CLOTHES,)}
    undo(clothes, who="Ada")
    assert list_implications(clothes)[JEANS] == (CLOTHES, STRIPED)
    undo(clothes, who="Ada")
    assert list_implications(clothes)[JEANS] == (TROUSERS,)
    redo(clothes, who="Ada")
    assert list_implications(clothes)[JEANS] == (CLOTHES, STRIPED)


def test_a_deleted_label_implies_nothing_until_it_returns(clothes: Project) -> None:
    delete_label(clothes, TROUSERS, who="Ada")
    assert list_implications(clothes) == {}
    undo(clothes, who="Ada")
    assert list_implications(clothes)[JEANS] == (TROUSERS,)


def test_earlier_answers_are_counted_and_filled_but_a_no_stays(
    clothes: Project,
) -> None:
    answer_many(clothes, [1, 2], {STRIPED: True}, who="Ada", batch_id="a")
    answer(clothes, 2, {JEANS: False}, who="Ada", batch_id="b")
    imply(clothes, STRIPED, [JEANS], who="Ada")
    assert implication_gaps(clothes) == [
        Gap(STRIPED, JEANS, 1, 1),
        Gap(STRIPED, TROUSERS, 2, 0),
        Gap(STRIPED, CLOTHES, 2, 0),
    ]
    assert fill_implied(clothes, who="Ada") == 2
    assert implication_gaps(clothes) == [Gap(STRIPED, JEANS, 0, 1)]
    said = {JEANS: True, TROUSERS: True, CLOTHES: True, DRESS: False, STRIPED: True}
    assert answers_of(clothes, [1])[1] == said
    undo(clothes, who="Ada")
    assert answers_of(clothes, [1]) == {1: {STRIPED: True}}


def test_completing_an_image_does_not_deny_what_its_yes_implies(
    clothes: Project,
) -> None:
    answer_many(clothes, [1, 2], {STRIPED: True}, who="Ada", batch_id="a")
    imply(clothes, STRIPED, [CLOTHES], who="Ada")
    answer(clothes, 1, {}, who="Ada", batch_id="b", complete=True)
    assert answers_of(clothes, [1, 2]) == {
        1: {JEANS: False, TROUSERS: False, CLOTHES: True, DRESS: False, STRIPED: True},
        2: {STRIPED: True},
    }
    undo(clothes, who="Ada")
    assert answers_of(clothes, [1]) == {1: {STRIPED: True}}


def test_history_from_before_the_details_can_be_undone(clothes: Project) -> None:
    """Rows written by the version without colours and keys lack those columns."""
    db = clothes.db
    row = {"name": "striped", "name_key": "striped", "group_id": None, "position": 5}
    before, after = row | {"gone": 0}, row | {"gone": 0, "name": "stripy"}
    after["name_key"] = "stripy"
    detail = {"table": "labels", "key": STRIPED, "before": before, "after": after}
    with db.conn:
        db.execute(
            "UPDATE labels SET name = 'stripy', name_key = 'stripy', colour = '#112233'"
            " WHERE label_id = 5"
        )
        db.execute(
            "INSERT INTO batches (batch_id, at, who, action, kind)"
            " VALUES ('old', '2024', 'Bob', 'rename label', 'edit')"
        )
        db.execute(
            "INSERT INTO history (batch_no, label_id, detail)"
            " SELECT max(batch_no), 5, ? FROM batches",
            [json.dumps(detail)],
        )
    assert undo(clothes, who="Bob") == "old"
    [striped] = [x for x in create_labels(clothes, ["striped"], who="Ada")]
    assert (striped.label_id, striped.colour) == (STRIPED, "#112233")
