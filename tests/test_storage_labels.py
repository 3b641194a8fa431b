"""Labels and groups: names, renaming, merging, deleting, moving, rules."""

import pytest

from storage.answers import answer, answers_of, redo, set_many, undo
from storage.errors import LabelError
from storage.images import NewImage, add_images
from storage.labels import (
    clean_name,
    create_labels,
    delete_group,
    delete_label,
    free_labels,
    label_counts,
    list_groups,
    list_labels,
    merge_labels,
    move_label,
    rename_group,
    rename_label,
    rule_violations,
    set_group,
)
from storage.projects import Project


def add(project: Project, count: int) -> None:
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(count)]
    add_images(project, [(new, b"x") for new in news])


def names(project: Project) -> list[str]:
    return [label.name for label in list_labels(project)]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("  red \t dress ", "red dress"),
        ("cafe\u0301", "café"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("x" * 100, "x" * 100),
        ("👩\u200d🎨 art", "👩\u200d🎨 art"),
    ],
)
def test_a_name_is_stored_clean_and_otherwise_as_given(given: str, stored: str) -> None:
    assert clean_name(given) == stored


@pytest.mark.parametrize(
    "name", ["", " \n", "x" * 101, "x" * 300, "a\0b", "a\u202eb", "\ud800", "\x1b[0m"]
)
def test_a_name_that_cannot_be_shown_is_refused_before_anything_is_made(
    project: Project, name: str
) -> None:
    with pytest.raises(LabelError, match="name"):
        create_labels(project, ["fine", name], who="Ada")
    with pytest.raises(LabelError, match="name"):
        set_group(project, name, ["fine"], "any", who="Ada")
    assert names(project) == []


def test_existing_labels_are_returned_whatever_their_case(project: Project) -> None:
    first = create_labels(project, ["Red", "Straße"], who="Ada")
    again = create_labels(project, ["STRASSE", "red", "blue", "Blue"], who="Ada")
    assert [label.name for label in again] == ["Straße", "Red", "blue"]
    assert set(first) < set(again)


def test_labels_are_listed_by_group_and_free_ones_last(project: Project) -> None:
    create_labels(project, ["striped"], who="Ada")
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="Ada")
    set_group(project, "kind", ["dress"], "any", who="Ada")
    colour = list_groups(project)[0].group_id
    create_labels(project, ["black"], group_id=colour, who="Ada")
    assert names(project) == ["red", "blue", "black", "dress", "striped"]
    assert [label.name for label in free_labels(project)] == ["striped"]


def test_renaming_keeps_answers_and_refuses_a_taken_name(project: Project) -> None:
    add(project, 1)
    create_labels(project, ["red", "blue"], who="Ada")
    answer(project, 1, {1: True}, who="Ada", batch_id="a")
    rename_label(project, 1, "Crimson", who="Ada")
    rename_label(project, 1, "crimson", who="Ada")
    with pytest.raises(LabelError, match="'Blue' already"):
        rename_label(project, 1, "Blue", who="Ada")
    assert names(project) == ["crimson", "blue"]
    assert label_counts(project) == {1: 1, 2: 0}


def test_merging_lets_yes_win_over_no_and_no_over_unknown(project: Project) -> None:
    said = (True, False, None)
    cases = [(old, new) for old in said for new in said]
    add(project, len(cases))
    create_labels(project, ["crimson", "red"], who="Ada")
    for image_id, (old, new) in enumerate(cases, start=1):
        answer(project, image_id, {1: old, 2: new}, who="Ada", batch_id=f"{image_id}")
    before = answers_of(project, range(1, 10))
    changed = merge_labels(project, 1, 2, who="Ada")
    expected = [
        {2: True} if True in case else {2: False} if False in case else {}
        for case in cases
    ]
    after = answers_of(project, range(1, 10))
    assert list(after.values()) == expected
    assert changed == sum(before[i] != after[i] for i in before)
    assert names(project) == ["red"]
    undo(project, who="Ada")
    assert answers_of(project, range(1, 10)) == before
    assert names(project) == ["crimson", "red"]


def test_a_label_is_not_merged_into_itself_or_into_nothing(project: Project) -> None:
    create_labels(project, ["red"], who="Ada")
    with pytest.raises(LabelError, match="into itself"):
        merge_labels(project, 1, 1, who="Ada")
    with pytest.raises(LabelError, match="no label 9"):
        merge_labels(project, 1, 9, who="Ada")


def test_a_deleted_label_returns_with_its_answers(project: Project) -> None:
    add(project, 2)
    create_labels(project, ["red", "blue"], who="Ada")
    set_many(project, [(1, frozenset({1})), (2, frozenset({2}))], who="", batch_id="i")
    delete_label(project, 1, who="Ada")
    assert names(project) == ["blue"]
    assert label_counts(project) == {2: 1}
    assert answers_of(project, [1]) == {1: {2: False}}
    undo(project, who="Ada")
    assert answers_of(project, [1]) == {1: {1: True, 2: False}}


def test_a_deleted_name_is_free_but_then_cannot_return(project: Project) -> None:
    create_labels(project, ["red"], who="Ada")
    delete_label(project, 1, who="Ada")
    create_labels(project, ["Red"], who="Bob")
    with pytest.raises(LabelError, match="'red' already"):
        undo(project, who="Ada")
    assert [(x.label_id, x.name) for x in list_labels(project)] == [(2, "Red")]


def test_setting_a_group_again_replaces_its_labels_and_rule(project: Project) -> None:
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="Ada")
    group = set_group(project, "Colour", ["green", "RED"], "any", who="Ada")
    assert (group.name, group.rule) == ("colour", "any")
    assert [label.name for label in group.labels] == ["green", "red"]
    assert [label.name for label in free_labels(project)] == ["blue"]
    assert list_groups(project) == [group]


def test_a_group_whose_labels_all_moved_on_goes(project: Project) -> None:
    set_group(project, "kind", ["dress", "shirt"], "exactly-one", who="Ada")
    set_group(project, "garment", ["dress", "shirt"], "exactly-one", who="Ada")
    assert [group.name for group in list_groups(project)] == ["garment"]
    undo(project, who="Ada")
    assert [group.name for group in list_groups(project)] == ["kind"]
    assert [label.name for label in list_groups(project)[0].labels] == [
        "dress",
        "shirt",
    ]


@pytest.mark.parametrize(
    ("labels", "rule", "sentence"),
    [
        (["red", "Red "], "any", "names a label twice"),
        (["red"], "one", "exactly-one, at-most-one, any, not 'one'"),
    ],
)
def test_a_contradictory_group_is_refused(
    project: Project, labels: list[str], rule: str, sentence: str
) -> None:
    with pytest.raises(LabelError, match=sentence):
        set_group(project, "colour", labels, rule, who="Ada")


def test_groups_are_renamed_deleted_and_undone(project: Project) -> None:
    colour = set_group(project, "colour", ["red"], "exactly-one", who="Ada")
    set_group(project, "kind", ["dress"], "any", who="Ada")
    with pytest.raises(LabelError, match="'KIND' already"):
        rename_group(project, colour.group_id, "KIND", who="Ada")
    rename_group(project, colour.group_id, "Farbe", who="Ada")
    delete_group(project, colour.group_id, who="Ada")
    assert [group.name for group in list_groups(project)] == ["kind"]
    assert [label.name for label in free_labels(project)] == ["red"]
    undo(project, who="Ada")
    undo(project, who="Ada")
    assert list_groups(project)[0] == colour
    with pytest.raises(LabelError, match="no group 9"):
        delete_group(project, 9, who="Ada")


def test_a_label_moves_to_a_group_and_out_of_it(project: Project) -> None:
    group = set_group(project, "colour", ["red"], "exactly-one", who="Ada")
    create_labels(project, ["blue"], who="Ada")
    move_label(project, 2, group.group_id, who="Ada")
    assert [x.name for x in list_groups(project)[0].labels] == ["red", "blue"]
    move_label(project, 1, None, who="Ada")
    move_label(project, 2, None, who="Ada")
    assert list_groups(project)[0].labels == ()
    with pytest.raises(LabelError, match="no group 9"):
        move_label(project, 1, 9, who="Ada")


def test_images_that_break_a_rule_are_found(project: Project) -> None:
    add(project, 5)
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="Ada")
    set_group(project, "print", ["dots", "stripes"], "at-most-one", who="Ada")
    rows = [
        (1, frozenset({1})),
        (2, frozenset({1, 2})),
        (3, frozenset[int]()),
        (4, frozenset({1, 3, 4})),
    ]
    set_many(project, rows, who="Ada", batch_id="i")
    assert rule_violations(project) == [2, 3, 4]


def said_of(project: Project, image_id: int) -> dict[str, bool]:
    known = {label.label_id: label.name for label in list_labels(project)}
    answers = answers_of(project, [image_id])[image_id]
    return {known[label_id]: said for label_id, said in answers.items()}


def test_a_label_added_to_an_exclusive_group_is_no_where_the_group_is_answered(
    project: Project,
) -> None:
    add(project, 3)
    red, blue = set_group(
        project, "colour", ["red", "blue"], "exactly-one", who=""
    ).labels
    answer(project, 1, {red.label_id: True}, who="Ada", batch_id="request-1")
    answer(project, 2, {blue.label_id: None}, who="Ada", batch_id="request-2")
    create_labels(project, ["green"], group_id=red.group_id, who="Ada")
    assert said_of(project, 1) == {"red": True, "blue": False, "green": False}
    assert said_of(project, 2) == {}
    assert undo(project, who="Ada")
    assert said_of(project, 1) == {"red": True, "blue": False}
    assert names(project) == ["red", "blue"]
    assert redo(project, who="Ada")
    assert said_of(project, 1)["green"] is False
    set_group(project, "colour", ["red", "blue", "pink"], "at-most-one", who="Ada")
    assert said_of(project, 1)["pink"] is False


def test_a_label_added_to_an_any_group_or_to_none_stays_open(project: Project) -> None:
    add(project, 1)
    wool = set_group(project, "stuff", ["wool"], "any", who="").labels[0]
    answer(project, 1, {wool.label_id: True}, who="", batch_id="request-1")
    create_labels(project, ["silk"], group_id=wool.group_id, who="")
    create_labels(project, ["old"], who="")
    assert said_of(project, 1) == {"wool": True}
