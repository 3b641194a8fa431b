"""What a labelled folder says about a run's labels: the rules of an import."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlcore.config import TrainConfig
from mlcore.folder_answers import read_answers
from mlcore.snapshot import Snapshot, SnapshotGroup, SnapshotLabel
from storage.implications import imply
from storage.labels import create_labels, list_labels, set_group
from storage.projects import Project

MakeImage = Callable[..., bytes]
NAMES = ["red", "blue", "dress", "skirt", "clothes"]


@pytest.fixture
def snapshot(project: Project) -> Snapshot:
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="me")
    create_labels(project, NAMES, who="me")
    ids = {label.name: label.label_id for label in list_labels(project)}
    imply(project, ids["dress"], [ids["clothes"]], who="me")
    colour = SnapshotGroup(1, "colour", "exactly-one", (ids["red"], ids["blue"]))
    return Snapshot(
        pd.DataFrame(),
        tuple(SnapshotLabel(ids[name], name, None) for name in NAMES),
        (colour,),
        None,  # type: ignore[arg-type]
        frozenset(),
        TrainConfig(),
        "sigmoid",
    )


def lay(folder: Path, make_image: MakeImage, *paths: str) -> None:
    for number, path in enumerate(paths):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(make_image((number, 9, 9)))


def answers(
    project: Project, snapshot: Snapshot, folder: Path
) -> dict[str, dict[str, int]]:
    said = read_answers(project, snapshot, folder)
    rows = zip(said.files, said.y.tolist(), strict=True)
    return {path.name: dict(zip(NAMES, row, strict=True)) for path, row in rows}


def test_folders_say_no_to_the_labels_they_name_and_to_no_others(
    project: Project, snapshot: Snapshot, tmp_path: Path, make_image: MakeImage
) -> None:
    lay(tmp_path / "set", make_image, "dress/a.png", "Skirt/b.png")
    found = answers(project, snapshot, tmp_path / "set")
    # A dress implies clothes; what a skirt is besides, and any colour, nobody said.
    assert list(found["a.png"].values()) == [-1, -1, 1, 0, 1]
    assert list(found["b.png"].values()) == [-1, -1, 0, 1, -1]


def test_a_group_of_which_one_is_named_answers_the_others(
    project: Project, snapshot: Snapshot, tmp_path: Path, make_image: MakeImage
) -> None:
    lay(tmp_path / "set", make_image, "red_dress/a.png", "red_skirt/b.png")
    found = answers(project, snapshot, tmp_path / "set")
    assert [found["a.png"][name] for name in ("red", "blue")] == [1, 0]


def test_a_table_says_no_and_unknown_for_itself(
    project: Project, snapshot: Snapshot, tmp_path: Path, make_image: MakeImage
) -> None:
    lay(tmp_path / "set", make_image, "a.png", "b.png")
    table = tmp_path / "set" / "labels.csv"
    table.write_text("image_name,dress,skirt\na.png,1,\nb.png,0,0\n")
    found = answers(project, snapshot, tmp_path / "set")
    assert list(found["a.png"].values()) == [-1, -1, 1, -1, 1]
    assert list(found["b.png"].values()) == [-1, -1, 0, 0, -1]


def test_a_picture_with_a_label_the_run_does_not_know_is_refused(
    project: Project, snapshot: Snapshot, tmp_path: Path, make_image: MakeImage
) -> None:
    lay(tmp_path / "set", make_image, "dress/a.png", "hat/b.png")
    said = read_answers(project, snapshot, tmp_path / "set")
    assert [path.name for path in said.files] == ["a.png"]
    [(path, reason)] = said.refused
    assert Path(path).name == "b.png"
    assert reason == "This run does not know hat."
