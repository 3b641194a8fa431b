"""What is said about labels and groups: details, order, examples, history."""

import json
import re
from pathlib import Path

import pytest

from storage.answers import redo, undo
from storage.errors import LabelError
from storage.images import add_images, delete_images
from storage.implications import imply, list_implications
from storage.label_history import label_events, open_count
from storage.label_keys import COMMANDS
from storage.labels import (
    create_labels,
    delete_label,
    describe_group,
    describe_label,
    label_examples,
    list_groups,
    list_labels,
    merge_labels,
    move_label,
    order_groups,
    order_labels,
    rename_label,
    set_group,
)
from storage.projects import Project
from storage.records import Label, NewImage
from storage.schema_acts import schema_act

ROOT = Path(__file__).parent.parent


@pytest.fixture
def clothes(project: Project) -> Project:
    news = [NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "") for n in range(1, 4)]
    add_images(project, [(new, b"x") for new in news])
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="Ada")
    set_group(project, "kind", ["dress"], "any", who="Ada")
    create_labels(project, ["striped", "dotted"], who="Ada")
    return project


def names(project: Project) -> list[str]:
    return [label.name for label in list_labels(project)]


def test_details_are_kept_one_by_one_and_undone(clothes: Project) -> None:
    describe_label(clothes, 1, colour=" #AABBCC", hotkey="R", who="Ada")
    describe_label(clothes, 1, description=" Bright\nred ", examples=[3, 1, 3], who="")
    expected = Label(1, "red", 1, 2, "#aabbcc", "Bright\nred", "r", (3, 1))
    assert list_labels(clothes)[0] == expected
    assert label_examples(clothes) == {1: (f"{3:064x}", f"{1:064x}")}
    describe_label(clothes, 1, colour="", hotkey="", examples=[], who="Ada")
    assert list_labels(clothes)[0] == Label(1, "red", 1, 2, "", "Bright\nred")
    undo(clothes, who="Ada")
    assert list_labels(clothes)[0] == expected
    group_id = list_groups(clothes)[0].group_id
    describe_group(clothes, group_id, description="By daylight", who="Ada")
    assert list_groups(clothes)[0].description == "By daylight"
    undo(clothes, who="Ada")
    assert list_groups(clothes)[0].description == ""


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"colour": "red"}, "#3366cc, not 'red'"),
        ({"colour": "#123456;} body {"}, "written like"),
        ({"hotkey": "ab"}, "one visible character"),
        ({"hotkey": "\x07"}, "one visible character"),
        ({"description": "x" * 1001}, "1000 characters"),
        ({"description": "a\0b"}, "control character"),
        ({"examples": [1, 2, 3, 4, 5, 6, 7]}, "at most 6"),
        ({"hotkey": "B"}, "'b' belongs to 'blue'"),
        ({"hotkey": "S"}, "'red' cannot have the key 's': .* skips a picture"),
    ],
)
def test_wrong_details_are_refused(
    clothes: Project, details: dict[str, object], words: str
) -> None:
    describe_label(clothes, 2, hotkey="b", who="")
    with pytest.raises(LabelError, match=words):
        describe_label(clothes, 1, who="", **details)  # type: ignore[arg-type]
    assert list_labels(clothes)[0] == Label(1, "red", 1, 2)


def test_examples_that_were_deleted_are_not_shown_until_they_return(
    clothes: Project,
) -> None:
    describe_label(clothes, 1, examples=[1, 2], who="Ada")
    delete_images(clothes, [1], who="Ada", batch_id="d")
    assert label_examples(clothes) == {1: (f"{2:064x}",)}
    undo(clothes, who="Ada")
    assert len(label_examples(clothes)[1]) == 2


def test_labels_and_groups_are_put_in_order(clothes: Project) -> None:
    order_labels(clothes, [5, 4], who="Ada")
    order_labels(clothes, [2, 1], who="Ada")
    assert names(clothes) == ["blue", "red", "dress", "dotted", "striped"]
    order_groups(clothes, [2, 1], who="Ada")
    assert names(clothes) == ["dress", "blue", "red", "dotted", "striped"]
    for _ in range(3):
        undo(clothes, who="Ada")
    assert names(clothes) == ["red", "blue", "dress", "striped", "dotted"]
    redo(clothes, who="Ada")
    assert names(clothes)[3:] == ["dotted", "striped"]


def test_a_label_tells_who_did_what_to_it(clothes: Project) -> None:
    rename_label(clothes, 4, "stripes", who="Bob")
    merge_labels(clothes, 5, 4, who="Eve")
    move_label(clothes, 4, 2, who="Bob")
    describe_label(clothes, 4, hotkey="t", who="Ada")
    rename_label(clothes, 4, "lines", who="Ada")
    undo(clothes, who="Ada")
    told = [(e.who, e.kind, e.before, e.after) for e in label_events(clothes, 4)]
    assert told == [
        ("Ada", "described", "", ""),
        ("Bob", "moved", "", "2"),
        ("Eve", "merged", "dotted", ""),
        ("Bob", "renamed", "striped", "stripes"),
        ("Ada", "made", "", "striped"),
    ]
    assert open_count(clothes, 4) == 3


def test_acts_inside_an_act_are_one_step_or_none(clothes: Project) -> None:
    with schema_act(clothes, "several", "Ada"):
        rename_label(clothes, 1, "crimson", who="Ada")
        delete_label(clothes, 3, who="Ada")
    undo(clothes, who="Ada")
    assert names(clothes) == ["red", "blue", "dress", "striped", "dotted"]
    with pytest.raises(LabelError), schema_act(clothes, "several", "Ada"):
        rename_label(clothes, 1, "crimson", who="Ada")
        rename_label(clothes, 2, "crimson", who="Ada")
    assert names(clothes)[0] == "red"
    rename_label(clothes, 1, "scarlet", who="Ada")
    undo(clothes, who="Ada")
    assert names(clothes)[0] == "red"


def test_the_keys_of_the_labeler_are_those_no_label_may_have() -> None:
    source = (ROOT / "pages" / "parts" / "key_map.js").read_text("utf-8")
    lists = re.findall(r"\bkeys: (\[[^]]*\])", source)
    keys = {key for found in lists for key in json.loads(found)}
    assert set(COMMANDS) == {key for key in keys if len(key) == 1} - {" "}


def test_a_merged_label_brings_its_implications_and_examples_along(
    clothes: Project,
) -> None:
    red, _, dress, striped, dotted = (x.label_id for x in list_labels(clothes))
    imply(clothes, dotted, [dress, striped], who="Ada")
    imply(clothes, red, [dotted], who="Ada")
    describe_label(clothes, striped, examples=[1], who="Ada")
    describe_label(clothes, dotted, examples=[2, 1], who="Ada")
    before = list_implications(clothes), list_labels(clothes)
    merge_labels(clothes, dotted, striped, who="Ada")
    after = {red: (striped,), striped: (dress,)}
    assert list_implications(clothes) == after
    assert list_labels(clothes)[-1].examples == (1, 2)
    undo(clothes, who="Ada")
    assert (list_implications(clothes), list_labels(clothes)) == before
    redo(clothes, who="Ada")
    assert list_implications(clothes) == after
    undo(clothes, who="Ada")
    # Of a circle nobody knows which half is meant: the person decides first.
    with pytest.raises(LabelError, match="would imply itself"):
        merge_labels(clothes, dress, red, who="Ada")
    assert (list_implications(clothes), list_labels(clothes)) == before
