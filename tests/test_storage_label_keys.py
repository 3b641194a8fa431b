"""Keys of labels: once seen they stay, whatever becomes of the other labels."""

import re
from pathlib import Path

import pytest

from storage.answers import undo
from storage.errors import LabelError
from storage.label_details import describe_label, order_labels
from storage.label_keys import TAKEN, USUAL, keep_keys, label_keys
from storage.labels import create_labels, delete_label, list_labels, set_group
from storage.projects import Project

PARTS = Path(__file__).resolve().parent.parent / "pages" / "parts"


def keys(project: Project) -> dict[str, str]:
    names = {label.label_id: label.name for label in list_labels(project)}
    return {names[label_id]: key for label_id, key in label_keys(project).items()}


def start(project: Project) -> dict[str, int]:
    """Colours black, red and garments dress, jeans, seen by somebody."""
    set_group(project, "colour", ["black", "red"], "exactly-one", who="")
    set_group(project, "garment", ["dress", "jeans"], "exactly-one", who="")
    keep_keys(project)
    return {label.name: label.label_id for label in list_labels(project)}


def add_colour(project: Project, name: str) -> None:
    colour = list_labels(project)[0].group_id
    create_labels(project, [name], group_id=colour, who="Ada")


def test_keys_follow_the_order_until_somebody_has_seen_them(project: Project) -> None:
    create_labels(project, ["wool", "silk"], who="")
    set_group(project, "garment", ["dress"], "any", who="")
    assert keys(project) == {"dress": "1", "wool": "2", "silk": "3"}
    keep_keys(project)
    set_group(project, "colour", ["red"], "any", who="")
    assert keys(project) == {"dress": "1", "wool": "2", "silk": "3", "red": "4"}


def test_a_new_label_gets_the_first_free_key_and_moves_no_other(
    project: Project,
) -> None:
    ids = start(project)
    add_colour(project, "green")
    learnt = {"black": "1", "red": "2", "dress": "3", "jeans": "4", "green": "5"}
    assert keys(project) == learnt
    order_labels(project, [ids["red"], ids["black"]], who="Ada")
    assert keys(project) == learnt
    delete_label(project, ids["red"], who="Ada")
    assert keys(project) == {name: learnt[name] for name in learnt if name != "red"}
    undo(project, who="Ada")
    assert keys(project) == learnt


def test_a_key_that_became_free_goes_to_the_next_label(project: Project) -> None:
    ids = start(project)
    delete_label(project, ids["red"], who="Ben")
    add_colour(project, "green")
    assert keys(project)["green"] == "2"
    undo(project, who="Ben")
    assert keys(project) | {"red": "5"} == keys(project)
    assert keys(project)["green"] == "2"


def test_a_key_of_its_own_wins_and_moves_only_the_label_that_had_it(
    project: Project,
) -> None:
    ids = start(project)
    describe_label(project, ids["jeans"], hotkey="1", who="Ada")
    assert keys(project) == {"black": "5", "red": "2", "dress": "3", "jeans": "1"}
    describe_label(project, ids["jeans"], hotkey="", who="Ada")
    assert keys(project) == {"black": "5", "red": "2", "dress": "3", "jeans": "4"}
    with pytest.raises(LabelError, match="skips a picture"):
        describe_label(project, ids["jeans"], hotkey="s", who="Ada")
    assert keys(project)["jeans"] == "4"


def test_a_label_beyond_the_keys_has_none_until_one_is_free(project: Project) -> None:
    made = create_labels(project, [f"label {n:02}" for n in range(30)], who="")
    keep_keys(project)
    found = keys(project)
    assert len(set(found.values())) == len(found) == 26
    delete_label(project, made[4].label_id, who="")
    assert keys(project)["label 26"] == "5"


def test_the_browser_speaks_of_the_same_keys() -> None:
    chips = (PARTS / "label_chips.js").read_text()
    spread = re.search(r"CHIP_KEYS = (.+)", chips)
    assert spread
    assert "".join(re.findall(r'"(\w+)"', spread[1])) == "".join(USUAL)
    actions = (PARTS / "key_map.js").read_text()
    lists = re.findall(r"keys: \[(.+?)\]", actions)
    single = {key for keys in lists for key in re.findall(r'"(.)"', keys)}
    assert single == TAKEN
    assert not TAKEN & set(USUAL)
