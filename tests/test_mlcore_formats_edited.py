"""An export edited elsewhere: every picture is found again, one answer has changed."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcore.annotations import FORMATS
from mlcore.export_dataset import WRITERS, ExportChoice, export_dataset
from mlcore.export_names import export_paths, tell_apart
from mlcore.importing import ImportOptions, plan_import, run_import
from storage.answers import answer_many, answers_of
from storage.image_names import Place
from storage.images import add_images, list_image_ids
from storage.labels import create_labels, list_labels
from storage.projects import Project
from storage.records import Filter, NewImage

MakeImage = Callable[..., bytes]
# Two folders, two imports of one folder, a picture in none, signs no disk takes.
SOURCES = ["cats/1.png", "dogs/1.png", "1.png", "set/2.png", "set/2.png", "a:b/c?.png"]


@pytest.fixture
def project_of_twins(project: Project, make_image: MakeImage) -> Project:
    create_labels(project, ["red", "dress"], who="me")
    batch = []
    for number, source in enumerate(SOURCES):
        data = make_image((number, 7, 7))
        sha256, name = hashlib.sha256(data).hexdigest(), source.rpartition("/")[2]
        batch.append((NewImage(sha256, name, "png", 16, 16, len(data), source), data))
    red, dress = (label.label_id for label in list_labels(project))
    for image_id in add_images(project, batch).added.values():
        said = {red: True, dress: False}
        answer_many(project, [image_id], said, who="me", batch_id=f"batch {image_id}")
    return project


def move_alone(file: Path, folder: Path) -> Path:
    """Where no pictures lie beside it."""
    folder.mkdir()
    return Path(shutil.move(file, folder / file.name))


# In each file, what says “red” of one picture, and what says “dress” instead.
EDITS = {
    "label-studio": ('"choices": ["red"]', '"choices": ["dress"]'),
    "coco": ('"image_id": 3, "category_id": 1}', '"image_id": 3, "category_id": 2}'),
    "cvat": ('<tag label="red"', '<tag label="dress"'),
    "custom-vision": ('"tagName": "red"', '"tagName": "dress"'),
    "imagefolder": ('"labels": ["red"]', '"labels": ["dress"]'),
    "csv-tags": (",red", ",dress"),
    "csv-columns": (",1,0", ",0,1"),
    "csv-long": (",red,1", ",red,0"),
}


@pytest.mark.parametrize("key", EDITS)
def test_one_changed_answer_is_one_conflict_and_overwrites_one_picture(
    project_of_twins: Project, tmp_path: Path, key: str
) -> None:
    out = tmp_path / "out"
    export_dataset(project_of_twins, key, out)
    labels = out / FORMATS[key].file_name
    text = labels.read_text()
    if key == "coco":  # “no” is a list of its own
        cut = text.split("\n")
        cut[4] = cut[4].replace('"neg_category_ids": [2]', '"neg_category_ids": [1]')
        text = "\n".join(cut)
    labels.write_text(text.replace(*EDITS[key], 1))
    for with_pictures in (True, False):
        if not with_pictures:
            out = move_alone(labels, tmp_path / "alone")
        plan = plan_import(project_of_twins, out)
        found = plan.already_there if with_pictures else plan.matched
        assert (found, plan.refused, plan.conflicts) == (len(SOURCES), [], 1)
    run_import(project_of_twins, out, ImportOptions(overwrite=True), who="you")
    ids = list_image_ids(project_of_twins, Filter())
    red = next(x.label_id for x in list_labels(project_of_twins) if x.name == "red")
    said = [answers_of(project_of_twins, [i])[i][red] for i in ids]
    assert said.count(False) == 1


def test_every_format_is_tried_but_the_folders_that_have_no_file() -> None:
    assert EDITS.keys() == WRITERS.keys() - {"folders"}


def test_only_the_answers_of_some_pictures_go_back_to_them(
    project_of_twins: Project, tmp_path: Path
) -> None:
    """What a path is called does not depend on which pictures are exported."""
    for number, with_images in enumerate((True, False)):
        choice = ExportChoice(Filter(text="2.png"), with_images)
        export_dataset(project_of_twins, "csv-long", tmp_path / str(number), choice)
        table = tmp_path / str(number) / "labels.csv"
        alone = move_alone(table, tmp_path / f"alone {number}")
        plan = plan_import(project_of_twins, alone)
        assert (plan.matched, plan.refused, plan.conflicts) == (2, [], 0)


def test_in_a_folder_of_a_combination_twins_get_the_folder_they_came_from(
    project_of_twins: Project, tmp_path: Path
) -> None:
    export_dataset(project_of_twins, "folders", tmp_path / "out")
    names = {path.name for path in (tmp_path / "out" / "red").iterdir()}
    assert {"1.png", "dogs-1.png"} < names
    assert len(names) == len(SOURCES)


def test_no_path_leaves_the_folder_or_is_too_long_or_taken_twice() -> None:
    sources = ["../../up.png", "/abs//x.png", "A/x.png", "a/X.png", f"{'long/' * 99}x"]
    sources += ["x.png/in.png", "x.png"]
    paths = export_paths(
        Place(number, source.rpartition("/")[2], source, f"{number}" * 64, "png")
        for number, source in enumerate(sources)
    )
    assert paths[0] == "unnamed/unnamed/up.png"
    assert paths[1] == "abs/x.png"
    assert paths[2] == tell_apart("A/x.png", "2" * 64, ())
    assert paths[3] == tell_apart("a/X.png", "3" * 64, ())
    assert len(paths[4]) <= 200
    assert (paths[5], paths[6]) == ("x.png/in.png", "x-66666666.png")
    assert len({path.casefold() for path in paths.values()}) == len(sources)
