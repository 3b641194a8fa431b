"""Tables and folders of annotations: what they say, leave open and contradict."""

import json

import pytest
from format_sources import (
    ME,
    Fill,
    all_no,
    annotation,
    answers,
    check_again,
    coloured,
    fill,
    groups,
    result,
    tagged,
    task,
    yes,
)

from mlcore.importing import ImportOptions, plan_import, run_import
from storage.answers import answer, undo
from storage.images import list_images
from storage.implications import imply
from storage.labels import create_labels, list_labels
from storage.projects import Project
from storage.splits import splits_of

__all__ = ["coloured", "fill"]


def test_an_imagefolder_keeps_its_splits(project: Project, fill: Fill) -> None:
    train = (
        '{"file_name": "1.png", "label": "cat"}\n{"file_name": "2.png", "label": "dog"}'
    )
    source = fill(
        {
            "train/1.png": 1,
            "train/2.png": 2,
            "train/metadata.jsonl": train,
            "test/1.png": 3,
            "test/metadata.csv": "file_name,label\n1.png,cat\n",
        }
    )
    report = run_import(project, source, **ME)
    assert (report.layout, report.added, report.refused) == ("imagefolder", 3, [])
    assert groups(project) == {"class": ("exactly-one", {"cat", "dog"})}
    assert sorted(splits_of(project).values(), key=str) == ["test", "train", "train"]
    check_again(project, source)
    undo(project, who="me", batch_id=report.batch_id)
    assert list_images(project) == []


def test_metadata_columns_say_yes_no_and_unknown(project: Project, fill: Fill) -> None:
    lines = [
        {"file_name": "a/1.png", "red": True, "dress": False, "text": "a dress"},
        {"file_name": "2.png", "red": None, "dress": True, "text": "another"},
    ]
    text = "\n".join(map(json.dumps, [*lines, {"nothing": 1}])) + "\n{oops\n"
    source = fill({"a/1.png": 1, "2.png": 2, "metadata.jsonl": text})
    report = run_import(project, source, **ME)
    assert answers(project) == {
        "1.png": {"red": True, "dress": False},
        "2.png": {"dress": True},
    }
    assert [(r.path, r.reason[:25]) for r in report.refused] == [
        ("metadata.jsonl, line 3", "The field “file_name” is "),
        ("metadata.jsonl, line 4", "This is no right JSON: co"),
    ]


def test_folders_of_splits_hold_classes_and_are_none(
    project: Project, fill: Fill
) -> None:
    files = {"train/cat/1.png": 1, "train/dog/2.png": 2, "validation/cat/3.png": 3}
    run_import(project, fill(files), **ME)
    assert {label.name for label in list_labels(project)} == {"cat", "dog"}
    assert list(splits_of(project).values()).count("train") == 2


COLUMNS = "image_name,red,dress,note\n1.png,1,0,x\n2.png,,1,\n3.png,0,0,y\n4.png,?,,z\n"

LONG = "image,label,value\n1.png,red,1\n1.png,dark dress,0\n2.png,dark dress,1\n"


def test_a_column_per_label_says_yes_no_and_unknown(
    project: Project, fill: Fill
) -> None:
    files: dict[str, object] = {f"{n}.png": n for n in range(1, 5)}
    source = fill({**files, "labels.csv": COLUMNS + "1.png,maybe,1,\n"})
    report = run_import(project, source, **ME)
    assert report.layout == "csv-columns"
    assert answers(project) == {
        "1.png": {"red": True, "dress": False},
        "2.png": {"dress": True},
        "3.png": {"red": False, "dress": False},
        "4.png": {},
    }
    assert report.refused[0].path == "labels.csv, line 6"
    assert "“red” says “maybe”; expected 1, 0 or nothing" in report.refused[0].reason


def test_a_line_per_picture_and_label(project: Project, fill: Fill) -> None:
    source = fill({"1.png": 1, "2.png": 2, "labels.csv": LONG + "1.png,red,0\n"})
    report = run_import(project, source, **ME)
    assert report.layout == "csv-long"
    assert answers(project) == {
        "1.png": {"red": True, "dark dress": False},
        "2.png": {"dark dress": True},
    }
    assert "yes and no to “red”" in report.refused[0].reason


GARMENTS = "image,tags\n1.png,dress\n2.png,shirt\n3.png,\n"


def test_a_table_of_garments_leaves_the_colours_open(
    coloured: Project, fill: Fill
) -> None:
    source = fill({"1.png": 1, "2.png": 2, "3.png": 3, "labels.csv": GARMENTS})
    plan = plan_import(coloured, source)
    report = run_import(coloured, source, **ME)
    # jeans is not in the table: its group says no to it.
    assert answers(coloured) == {
        "1.png": {"dress": True} | all_no("jeans", "shirt"),
        "2.png": {"shirt": True} | all_no("jeans", "dress"),
        "3.png": {},
    }
    assert plan.open_questions == report.open_questions == [("colour", 2), ("worn", 2)]
    check_again(coloured, source)
    assert plan_import(coloured, source).known == 2


@pytest.mark.parametrize("wins", [False, True])
def test_a_colour_somebody_gave_is_no_conflict_with_a_table_of_garments(
    coloured: Project, fill: Fill, wins: bool
) -> None:
    source = fill({"1.png": 1, "2.png": 2, "3.png": 3, "labels.csv": GARMENTS})
    run_import(coloured, source, ImportOptions(layout="plain"), **ME)
    ids = {image.name: image.image_id for image in list_images(coloured)}
    red = next(x.label_id for x in list_labels(coloured) if x.name == "red")
    answer(coloured, ids["1.png"], {red: True}, who="eve", batch_id="1")
    options = ImportOptions(overwrite=wins)
    plan = plan_import(coloured, source, options)
    assert (plan.conflicts, plan.filled, plan.known) == (0, 2, 0)
    assert plan.open_questions == [("worn", 2), ("colour", 1)]
    run_import(coloured, source, options, **ME)
    assert yes(coloured)["1.png"] == {"red", "dress"}
    assert "red" not in answers(coloured)["2.png"]


def test_what_a_table_names_anywhere_it_answers_everywhere(
    coloured: Project, fill: Fill
) -> None:
    # The picture of the second line is not here; the third label gets another name.
    table = "image,tags\n1.png,dress\n9.png,worn\n2.png,used up\n"
    source = fill({"1.png": 1, "2.png": 2, "labels.csv": table})
    options = ImportOptions(label_map={"used up": "black"}, tag_separator="comma")
    run_import(coloured, source, options, **ME)
    garments = {"dress": True} | all_no("jeans", "shirt")
    assert answers(coloured) == {
        "1.png": garments | all_no("worn", "black"),
        "2.png": {"black": True} | all_no("blue", "red", "worn", "dress"),
    }


def test_folders_speak_only_of_their_own_names(coloured: Project, fill: Fill) -> None:
    source = fill({"dress/1.png": 1, "dress/2.png": 2})
    options = ImportOptions(layout="folders")
    report = run_import(coloured, source, options, **ME)
    said = {"dress": True} | all_no("jeans", "shirt")
    assert answers(coloured) == {"1.png": said, "2.png": said}
    assert report.open_questions == [("colour", 2), ("worn", 2)]
    check_again(coloured, source)


def test_what_implies_a_label_denied_is_denied_though_no_file_knows_it(
    project: Project, fill: Fill
) -> None:
    jeans, trousers = create_labels(project, ["jeans", "trousers"], who="me")
    imply(project, jeans.label_id, [trousers.label_id], who="me")
    table = "image,tags\n1.png,trousers\n2.png,hat\n"
    source = fill({"1.png": 1, "2.png": 2, "labels.csv": table})
    run_import(project, source, **ME)
    assert answers(project) == {
        "1.png": {"trousers": True, "hat": False},
        "2.png": {"hat": True, "trousers": False, "jeans": False},
    }


@pytest.mark.parametrize(
    "files",
    [
        {
            "tasks.json": [
                task(1, "/data/upload/1.png", annotation(result("c", "red")))
            ],
            "label_config.xml": '<View><Image name="image" value="$image"/><Choices'
            ' name="c" toName="image"><Choice value="red"/><Choice value="worn"/>'
            "</Choices></View>",
        },
        {
            "coco.json": {
                "images": [{"id": 1, "file_name": "1.png"}],
                "annotations": [{"id": 1, "image_id": 1, "category_id": 1}],
                "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "worn"}],
            }
        },
        {
            "annotations.xml": "<annotations><meta><task><labels><label><name>red"
            "</name></label><label><name>worn</name></label></labels></task></meta>"
            '<image id="0" name="1.png"><tag label="red"></tag></image></annotations>'
        },
        {
            "images.json": [tagged("1", "https://x.net/c/1.png", "red")],
            "tags.json": [{"id": "0", "name": "red"}, {"id": "1", "name": "worn"}],
        },
    ],
    ids=["label-studio", "coco", "cvat", "custom-vision"],
)
def test_labels_that_a_file_only_lists_belong_to_what_it_knows(
    coloured: Project, fill: Fill, files: dict[str, object]
) -> None:
    source = fill({"1.png": 1, **files})
    report = run_import(coloured, source, **ME)
    said = {"red": True} | all_no("black", "blue", "worn")
    assert answers(coloured) == {"1.png": said}
    assert (report.refused, report.open_questions) == ([], [("garment", 1)])
    check_again(coloured, source)
