"""Labels and groups as a JSON file: out, in again, wrong files, dry run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlcore.cli import main
from mlcore.errors import BadSchema
from mlcore.schema_files import apply_schema, read_schema, schema_as_json
from mlcore.schema_plans import SchemaChange, plan_schema
from storage.answers import history, redo, undo
from storage.errors import LabelError
from storage.implications import imply
from storage.labels import (
    create_labels,
    describe_group,
    describe_label,
    list_groups,
    list_labels,
    order_labels,
    set_group,
)
from storage.projects import Project, create_project, open_project


@pytest.fixture
def clothes(project: Project) -> Project:
    colour = set_group(project, "colour", ["red", "blue"], "exactly-one", who="")
    set_group(project, "pattern", ["dots"], "any", who="")
    create_labels(project, ["jeans", "trousers"], who="")
    describe_group(project, colour.group_id, description="Look at daylight", who="")
    describe_label(project, 1, colour="#FF0000", hotkey="R", description="1", who="")
    imply(project, 4, [5], who="")
    return project


@pytest.fixture
def other(home: Path) -> Iterator[Project]:
    with create_project("other") as opened:
        yield opened


def write(document: Any) -> str:
    return json.dumps(document)


def test_a_schema_goes_out_and_in_equal_and_once_more_changes_nothing(
    clothes: Project, other: Project
) -> None:
    document = schema_as_json(clothes)
    assert document["groups"][0] == {
        "name": "colour",
        "rule": "exactly-one",
        "description": "Look at daylight",
        "labels": [
            {
                "name": "red",
                "colour": "#ff0000",
                "description": "1",
                "hotkey": "r",
                "implies": [],
            },
            {
                "name": "blue",
                "colour": "",
                "description": "",
                "hotkey": "",
                "implies": [],
            },
        ],
    }
    assert document["labels"][0]["implies"] == ["trousers"]
    schema = read_schema(write(document))
    apply_schema(other, schema, who="Ada")
    assert schema_as_json(other) == document
    newest = history(other, limit=1)
    assert plan_schema(other, schema).is_empty
    apply_schema(other, schema, who="Ada")
    assert history(other, limit=1) == newest


def test_taking_a_file_over_is_one_step_back_and_forth(
    clothes: Project, other: Project
) -> None:
    create_labels(other, ["Blue", "linen"], who="Ada")
    before = schema_as_json(other)
    apply_schema(other, read_schema(write(schema_as_json(clothes))), who="Ada")
    after = schema_as_json(other)
    assert [label.name for label in list_groups(other)[0].labels] == ["red", "Blue"]
    assert "linen" in {label.name for label in list_labels(other)}
    undo(other, who="Ada")
    assert schema_as_json(other) == before
    redo(other, who="Ada")
    assert schema_as_json(other) == after


def test_a_plan_says_what_is_new_changed_and_kept_and_changes_nothing(
    clothes: Project,
) -> None:
    order_labels(clothes, [2, 1], who="")
    before, newest = schema_as_json(clothes), history(clothes, limit=1)
    schema = {
        "groups": [
            {"name": "colour", "rule": "any", "labels": ["red", "blue", "green"]},
            {"name": "size", "labels": [{"name": "large", "hotkey": "l"}]},
        ],
        "labels": ["trousers", {"name": "jeans", "implies": []}],
    }
    plan = plan_schema(clothes, read_schema(write(schema)))
    assert plan.new_groups == ("size",)
    assert plan.new_labels == ("green", "large")
    assert set(plan.changed) == {
        SchemaChange("group", "colour", ("rule", "order")),
        SchemaChange("label", "jeans", ("implies",)),
        SchemaChange("order", "labels in no group", ("order",)),
    }
    assert plan.unchanged == 3
    assert plan.kept == ("dots",)
    assert (schema_as_json(clothes), history(clothes, limit=1)) == (before, newest)


def test_keys_may_change_hands_but_not_be_taken_from_other_labels(
    clothes: Project,
) -> None:
    describe_label(clothes, 2, hotkey="b", who="")
    swapped = [{"name": "red", "hotkey": "b"}, {"name": "blue", "hotkey": "r"}]
    group = {"name": "colour", "rule": "exactly-one", "labels": swapped}
    apply_schema(clothes, read_schema(write({"groups": [group]})), who="Ada")
    assert [x.hotkey for x in list_groups(clothes)[0].labels] == ["b", "r"]
    taken = read_schema(write({"labels": [{"name": "new", "hotkey": "b"}]}))
    with pytest.raises(LabelError, match="'b' belongs to 'red'"):
        apply_schema(clothes, taken, who="Ada")
    assert "new" not in {label.name for label in list_labels(clothes)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"groups": [\n  {"name" "x"}]}', "line 2, column 11"),
        ("[]", r"the file must be an object"),
        ("{}", "names no label"),
        ('{"version": 2}', "version is '2'"),
        ('{"labels": 3}', r"labels must be a list \[ … \], not 3"),
        ('{"labels": [{"nam": "x"}]}', r"labels\[0\].name must be text, not null"),
        ('{"groups": [{"name": "c", "rule": "one"}]}', r"groups\[0\].rule is wrong"),
        (
            '{"groups": [{"name": "c", "labels": ["a", {"name": "b", "colour": 1}]}]}',
            r"groups\[0\].labels\[1\].colour must be text, not 1",
        ),
        ('{"labels": [{"name": "a", "colour": "red"}]}', "#3366cc, not 'red'"),
        ('{"labels": [{"name": "a", "hotkey": "ab"}]}', "one visible character"),
        ('{"labels": [{"name": "a", "implies": [1]}]}', r"implies\[0\] must be text"),
        ('{"labels": ["Red", "red"]}', "label 'red' twice"),
        ('{"labels": ["a\\u0000"]}', r"labels\[0\] is wrong"),
        (
            '{"labels": [{"name": "a", "hotkey": "k"}, {"name": "b", "hotkey": "K"}]}',
            "hotkey 'k' twice",
        ),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{}", "not UTF-8 text"),
    ],
)
def test_a_wrong_file_is_refused_by_its_field(text: str | bytes, words: str) -> None:
    with pytest.raises(BadSchema, match=words):
        read_schema(text)


def test_a_file_that_implies_nonsense_leaves_nothing(clothes: Project) -> None:
    before = schema_as_json(clothes)
    for implies, words in ((["cloth"], "'cloth'"), (["red", "blue"], "bring both")):
        schema = read_schema(write({"labels": [{"name": "x", "implies": implies}]}))
        with pytest.raises((BadSchema, LabelError), match=words):
            apply_schema(clothes, schema, who="Ada")
    assert schema_as_json(clothes) == before


def test_the_command_line_keeps_shows_and_takes_over(
    clothes: Project, other: Project, tmp_path: Path, capsys: Any
) -> None:
    target = tmp_path / "schema.json"
    assert main(["schema", "clothes", "--export", str(target)]) == 0
    assert main(["schema", "other", "--import", str(target), "--dry-run"]) == 0
    assert "new labels: red, blue, dots, jeans, trousers" in capsys.readouterr().out
    assert list_labels(other) == []
    assert main(["schema", "other", "--import", str(target), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new_groups"] == ["colour", "pattern"]
    assert main(["schema", "other"]) == 0
    assert "jeans" in capsys.readouterr().out
    with open_project("other") as again:
        assert schema_as_json(again) == schema_as_json(clothes)
    target.write_text("{\n nonsense")
    assert main(["schema", "other", "--import", str(target)]) == 1
    assert "line 2" in capsys.readouterr().err
