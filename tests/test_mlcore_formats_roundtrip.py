"""Exports in the files of other tools: what comes back, what the files look like."""

import csv
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mlcore.annotations import FORMATS
from mlcore.export_dataset import WRITERS, ExportChoice, export_dataset
from mlcore.export_names import safe_name
from mlcore.exporting import ExportError
from mlcore.importing import ImportOptions, run_import
from storage.answers import answer_many, answers_of
from storage.database import immediate
from storage.images import add_images, image_path, list_images
from storage.labels import create_labels, list_groups, list_labels, set_group
from storage.projects import Project, create_project
from storage.records import Filter, NewImage
from storage.splits import assign_splits

MakeImage = Callable[..., bytes]
Facts = dict[str, tuple[dict[str, bool], str | None]]
LABELS = ["red", "blue", "dress", "shirt", 'with <pocket> & "lace"', "größe L"]
# Per picture: name, its yes, its no ("rest": all others), its split.
PICTURES: list[tuple[str, list[str], str | list[str], str | None]] = [
    ("1.png", ["red", "dress"], "rest", "train"),
    ("1.png", ["blue", "shirt", "größe L"], "rest", "validation"),
    ("ä b.png", ["red", "shirt", LABELS[4]], "rest", "test"),
    ("half.png", ["blue"], ["red", LABELS[4]], "train"),
    ("none.png", [], "rest", None),
    ("open.png", [], [], None),
]


def fill(project: Project, make_image: MakeImage) -> None:
    set_group(project, "colour", ["red", "blue"], "exactly-one", who="me")
    set_group(project, "garment", ["dress", "shirt"], "at-most-one", who="me")
    create_labels(project, LABELS, who="me")
    label_ids = {label.name: label.label_id for label in list_labels(project)}
    batch = []
    for number, (name, *_) in enumerate(PICTURES):
        data = make_image((number, 99, 9))
        sha256 = hashlib.sha256(data).hexdigest()
        new = NewImage(sha256, name, "png", 16, 16, len(data), f"in/{number}/{name}")
        batch.append((new, data))
    image_ids = list(add_images(project, batch).added.values())
    with immediate(project.db):
        for image_id, (_, yes, no, _split) in zip(image_ids, PICTURES, strict=True):
            refused = [x for x in LABELS if x not in yes] if no == "rest" else no
            said = {label_ids[x]: True for x in yes}
            said |= {label_ids[x]: False for x in refused}
            if said:
                answer_many(
                    project, [image_id], said, who="me", batch_id=f"batch {image_id}"
                )
        splits = zip(image_ids, (split for *_, split in PICTURES), strict=True)
        assign_splits(project, {key: split for key, split in splits if split})


@pytest.fixture
def filled(project: Project, make_image: MakeImage) -> Project:
    fill(project, make_image)
    return project


def facts_of(project: Project) -> Facts:
    """Answers by label name and the split, by the picture's content."""
    names = {label.label_id: label.name for label in list_labels(project)}
    images = list_images(project, limit=1000)
    answers = answers_of(project, [image.image_id for image in images])
    return {
        image.sha256: (
            {names[i]: said for i, said in answers[image.image_id].items()},
            image.split,
        )
        for image in images
    }


def there_and_back(project: Project, format_key: str, target: Path) -> Project:
    export_dataset(project, format_key, target)
    back = create_project("back")
    # Combinations of one, two and three labels: the note on folders says to choose so.
    options = ImportOptions("combinations", "-") if format_key == "folders" else None
    run_import(back, target, options, who="me")
    return back


def read(target: Path, name: str) -> str:
    with zipfile.ZipFile(target) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("key", [k for k in WRITERS if FORMATS[k].keeps_unknown])
def test_yes_no_unknown_and_splits_come_back_equal(
    filled: Project, tmp_path: Path, key: str
) -> None:
    with there_and_back(filled, key, tmp_path / "out.zip") as back:
        assert facts_of(back) == facts_of(filled)


@pytest.mark.parametrize("key", [k for k in WRITERS if not FORMATS[k].keeps_unknown])
def test_what_a_format_can_say_comes_back_and_the_rest_is_named(
    filled: Project, tmp_path: Path, key: str
) -> None:
    report = export_dataset(filled, key, tmp_path / "named.zip")
    said = " ".join(report.notes)
    assert "1 picture with open questions" in said
    assert "1 picture showing none of the labels" in said
    expected = facts_of(filled)
    with there_and_back(filled, key, tmp_path / "out.zip") as back:
        for sha256, (answers, split) in facts_of(back).items():
            wanted, wanted_split = expected[sha256]
            yes = {
                safe_name(n) if key == "folders" else n for n, s in wanted.items() if s
            }
            assert {name for name, said in answers.items() if said} == yes
            if key in ("cvat", "csv-tags"):
                assert split == (wanted_split if yes else split)


def test_only_answers_go_back_to_the_pictures_they_are_of(
    filled: Project, tmp_path: Path
) -> None:
    before = facts_of(filled)
    choice = ExportChoice(with_images=False)
    for key in ("coco", "csv-columns", "label-studio", "imagefolder"):
        target = tmp_path / key
        report = export_dataset(filled, key, target, choice)
        assert report.files == len(list(p for p in target.rglob("*") if p.is_file()))
        run_import(filled, target, who="me")
        assert facts_of(filled) == before


def test_pictures_are_the_originals_under_their_own_names(
    filled: Project, tmp_path: Path
) -> None:
    report = export_dataset(filled, "csv-columns", tmp_path / "out")
    assert (report.images, report.labels, report.files) == (6, 6, 7)
    images = list_images(filled)
    folder = tmp_path / "out" / "images"
    files = {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file()
    }
    assert set(files) == {f"in/{at}/{name}" for at, (name, *_) in enumerate(PICTURES)}
    assert files["in/1/1.png"] == image_path(filled, images[1]).read_bytes()


def test_a_choice_of_pictures_is_kept_to(filled: Project, tmp_path: Path) -> None:
    ids = {label.name: label.label_id for label in list_labels(filled)}
    choice = ExportChoice(Filter(label_ids=(ids["red"],)), with_images=False)
    report = export_dataset(filled, "csv-tags", tmp_path / "red", choice)
    assert report.images == 2
    lines = (tmp_path / "red" / "labels.csv").read_text().splitlines()
    rows = list(csv.DictReader(lines))
    assert [row["tags"] for row in rows] == ["red;dress", f"red;shirt;{LABELS[4]}"]
    nothing = ExportChoice(Filter(text="no such name"))
    with pytest.raises(ExportError, match="No picture passes"):
        export_dataset(filled, "csv-tags", tmp_path / "none", nothing)


def test_label_studio_gets_tasks_that_fit_its_interface(
    filled: Project, tmp_path: Path
) -> None:
    export_dataset(filled, "label-studio", tmp_path / "out.zip")
    tasks = json.loads(read(tmp_path / "out.zip", "label-studio.json"))
    view = ElementTree.fromstring(read(tmp_path / "out.zip", "label_config.xml"))
    allowed = {
        choices.get("name"): {choice.get("value") for choice in choices}
        for choices in view.iter("Choices")
    }
    assert {c.get("choice") for c in view.iter("Choices")} == {
        "single-radio",
        "multiple",
    }
    for task in tasks:
        assert task["data"]["image"].startswith("/data/local-files/?d=images/")
        for annotation in task["annotations"]:
            for result in annotation["result"]:
                assert result["type"] == "choices"
                chosen = set(result["value"]["choices"])
                assert chosen <= allowed[result["from_name"]]
    assert [len(task["annotations"]) for task in tasks] == [1, 1, 1, 1, 1, 0]


def test_coco_ids_hold_together_and_no_is_told_from_unknown(
    filled: Project, tmp_path: Path
) -> None:
    export_dataset(filled, "coco", tmp_path / "out.zip")
    found = json.loads(read(tmp_path / "out.zip", "annotations.json"))
    names = {row["id"]: row["name"] for row in found["categories"]}
    images = {row["id"]: row for row in found["images"]}
    assert [names[i] for i in images[4]["neg_category_ids"]] == ["red", LABELS[4]]
    assert {row["supercategory"] for row in found["categories"]} == {
        "colour",
        "garment",
        "",
    }
    ids = [row["id"] for row in found["annotations"]]
    assert len(set(ids)) == len(ids) == 9
    assert all(row["image_id"] in images for row in found["annotations"])
    assert all(row["category_id"] in names for row in found["annotations"])


def test_cvat_and_custom_vision_files_are_as_the_tools_write_them(
    filled: Project, tmp_path: Path
) -> None:
    export_dataset(filled, "cvat", tmp_path / "cvat.zip")
    root = ElementTree.fromstring(read(tmp_path / "cvat.zip", "annotations.xml"))
    assert root.findtext("version") == "1.1"
    labels = [node.text for node in root.findall("meta/task/labels/label/name")]
    assert sorted(filter(None, labels)) == sorted(LABELS)
    third = root.findall("image")[2]
    assert (third.get("name"), third.get("subset")) == ("in/2/ä b.png", "test")
    assert LABELS[4] in {tag.get("label") for tag in third.findall("tag")}
    export_dataset(filled, "custom-vision", tmp_path / "cv.zip")
    images = json.loads(read(tmp_path / "cv.zip", "images.json"))
    tags = {
        tag["id"]: tag for tag in json.loads(read(tmp_path / "cv.zip", "tags.json"))
    }
    for image in images:
        assert all(
            tags[tag["tagId"]]["name"] == tag["tagName"] for tag in image["tags"]
        )
    assert {tag["name"]: tag["imageCount"] for tag in tags.values()}["red"] == 2


def test_splits_are_folders_that_hugging_face_understands(
    filled: Project, tmp_path: Path
) -> None:
    export_dataset(filled, "imagefolder", tmp_path / "out")
    for folder in ("train", "validation", "test", "unassigned"):
        lines = (tmp_path / "out" / folder / "metadata.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        assert all(
            (tmp_path / "out" / folder / row["file_name"]).exists() for row in rows
        )


def test_groups_survive_where_the_format_names_them(
    filled: Project, tmp_path: Path
) -> None:
    with there_and_back(filled, "label-studio", tmp_path / "out.zip") as back:
        groups = {g.name: {x.name for x in g.labels} for g in list_groups(back)}
    assert groups["colour"] == {"red", "blue"}
    assert groups["garment"] == {"dress", "shirt"}


def test_what_cannot_be_written_is_said_and_leaves_nothing(
    filled: Project, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match="no format “word”"):
        export_dataset(filled, "word", tmp_path / "out")
    with pytest.raises(ExportError, match="without pictures"):
        export_dataset(
            filled, "folders", tmp_path / "out", ExportChoice(Filter(), False)
        )
    (tmp_path / "there").mkdir()
    with pytest.raises(ExportError, match="exists already"):
        export_dataset(filled, "coco", tmp_path / "there")
    create_labels(filled, ["a;b", "a,b"], who="me")
    with pytest.raises(ExportError, match="one column per label"):
        export_dataset(filled, "csv-tags", tmp_path / "out")
    report = export_dataset(
        filled, "coco", tmp_path / "out.zip", is_cancelled=lambda: True
    )
    assert report.cancelled
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home", "there"]


def test_a_picture_whose_file_is_gone_is_named_and_stops_nothing(
    filled: Project, tmp_path: Path
) -> None:
    image_path(filled, list_images(filled)[3]).unlink()
    report = export_dataset(filled, "coco", tmp_path / "out.zip")
    assert [refused.path for refused in report.skipped] == ["images/in/3/half.png"]
    assert report.files == 6


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b\\c.png", "a_b_c.png"),
        ("con.png", "_con.png"),
        ("..", "unnamed"),
        (".hidden", "_.hidden"),
        ("x?.png ", "x_.png"),
    ],
)
def test_names_are_made_safe_for_every_system(name: str, safe: str) -> None:
    assert safe_name(name) == safe
