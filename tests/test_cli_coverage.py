"""The commands coverage and import, and the evidence the shopping list uses."""

import json
from pathlib import Path

import pytest

from mlcore.cli import main
from mlcore.left_out import PLAIN, LeftOutCombination, LeftOutStudy, keep_studies
from mlcore.shopping_evidence import errors_of
from storage.answers import set_many
from storage.images import NewImage, add_images
from storage.labels import create_labels, set_group
from storage.projects import Project
from storage.splits import assign_splits

SIX = (
    "black jeans",
    "blue dress",
    "blue jeans",
    "blue shirt",
    "red dress",
    "red shirt",
)


@pytest.fixture
def clothes(project: Project) -> Project:
    """Six of nine combinations on 40 images each, one black dress for testing."""
    names = (["black", "blue", "red"], ["dress", "jeans", "shirt"])
    groups = [
        set_group(project, title, own, "exactly-one", who="")
        for title, own in zip(("colour", "garment"), names, strict=True)
    ]
    ids = {x.name: x.label_id for group in groups for x in group.labels}
    shown = [each.split() for each in SIX for _ in range(40)] + [["black", "dress"]]
    news = [
        NewImage(f"{n:064x}", f"{n}", "png", 1, 1, 1, "")
        for n in range(1, len(shown) + 1)
    ]
    add_images(project, [(new, b"x") for new in news])
    rows = [(n, frozenset(ids[x] for x in own)) for n, own in enumerate(shown, 1)]
    set_many(project, rows, who="Ada", batch_id="i")
    splits = {n: "train" for n, _ in rows} | {len(rows): "test"}
    assign_splits(project, splits)
    return project


def test_everything_is_in_the_json(clothes: Project, capsys) -> None:
    words = ["coverage", "clothes", "--between", "train", "test", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["present"], found["possible"], found["missing_count"]) == (7, 9, 2)
    assert (found["values"]["possible"], found["fewest_new"]) == (9, 0)
    assert found["patterns"][0]["labels"] == ["red", "jeans"]
    assert found["collect"][0]["sentence"].startswith("Collect 30 pictures of")
    difference = found["difference"]
    assert (difference["share"], difference["unseen_images"]) == (1.0, 1)
    assert difference["combinations"][0]["labels"] == ["black", "dress"]


def test_words_name_the_gaps_what_to_collect_and_the_difference(
    clothes: Project, capsys
) -> None:
    words = ["coverage", "clothes", "--collect", "--between", "train", "test"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "7 of 9 combinations present (78%)" in said
    assert "1. Collect 30 pictures of" in said
    assert "1 of 1 combinations shown were never trained (100%), on 1 of 1" in said
    assert main(["coverage", "clothes", "--between", "train", "holidays"]) == 1
    assert "There is no part called “holidays”" in capsys.readouterr().err


def test_one_label_and_no_groups_are_answered_in_words(
    project: Project, capsys
) -> None:
    create_labels(project, ["striped"], who="")
    assert main(["coverage", "clothes"]) == 0
    said = capsys.readouterr().out
    assert said.strip() == "Combinations need two labels; this project has 1."
    create_labels(project, ["torn"], who="")
    assert main(["coverage", "clothes"]) == 0
    assert "every two labels count as a pair" in capsys.readouterr().out
    assert main(["coverage", "clothes", "--strength", "3", "--json"]) == 0
    assert "combinations of 3 need" in json.loads(capsys.readouterr().out)["note"]


def test_what_leaving_out_taught_reaches_the_list(clothes: Project, capsys) -> None:
    left_out = LeftOutCombination((2, 4), ("blue", "dress"), 40, 10)
    study = LeftOutStudy(PLAIN, (left_out,), 9, 10, 1.0, "ab", "features")
    keep_studies(clothes, [study])
    assert errors_of(study) == {"2,4": 0.75}
    assert main(["coverage", "clothes", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["collect"][0]
    assert "error" in [reason["kind"] for reason in first["reasons"]]


def test_a_script_notices_that_nothing_came_in(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    assert main(["import", "clothes", str(tmp_path / "notes.txt")]) == 1
    assert "Nothing came in: 1 refused" in capsys.readouterr().err
