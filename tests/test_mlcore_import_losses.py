"""What an import leaves out or bends is counted and named."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mlcore.cli_import import _print_import
from mlcore.importing import ImportOptions, ImportPlan, plan_import, run_import
from storage.answers import answers_of
from storage.image_aliases import list_aliases
from storage.images import list_images
from storage.labels import list_groups, list_labels
from storage.projects import Project

Losses = dict[str, tuple[int, tuple[str, ...]]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with the pictures 1.png to 4.png."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(1, 5):
        picture = Image.new("RGB", (9, 8), (number, 7, 7))
        picture.save(folder / f"{number}.png", "PNG")
    return folder


def losses(plan: ImportPlan) -> Losses:
    return {x.kind: (x.count, x.examples) for x in plan.losses}


def write(folder: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def yes(project: Project) -> dict[str, set[str]]:
    names = {label.label_id: label.name for label in list_labels(project)}
    images = {image.image_id: image.name for image in list_images(project)}
    return {
        images[image_id]: {names[x] for x, said in known.items() if said}
        for image_id, known in answers_of(project, images).items()
    }


def result(kind: str, value: dict[str, Any], block: str = "kind") -> dict[str, Any]:
    region = f"{kind}{value}"
    return {"id": region, "type": kind, "from_name": block, "value": value}


def chosen(*names: str) -> dict[str, Any]:
    return result("choices", {"choices": list(names)})


def task(number: int, *answers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    told = [
        {"result": results, "updated_at": f"2024-03-0{day}"}
        for day, results in enumerate(answers, 1)
    ]
    data = {"image": f"/data/upload/{number}.png"}
    return {"id": number, "data": data, "annotations": told} | more


def test_label_studio_says_who_disagreed_and_what_was_skipped_or_no_label(
    project: Project, source: Path
) -> None:
    box = {"x": 1, "y": 1, "width": 2, "height": 2, "rectanglelabels": ["hat"]}
    skipped = {"result": [], "was_cancelled": True}
    tasks = [
        task(1, [chosen("hat")], [chosen("bag")], [chosen("bag")]),
        task(2, [result("rectanglelabels", box), result("rating", {"rating": 4})]),
        task(3, annotations=[skipped]),
        task(4, predictions=[{"result": [chosen("hat")]}]),
        task(9, [chosen("hat")], [chosen("bag")]),
    ]
    write(source, "tasks.json", tasks)
    plan = plan_import(project, source)
    assert losses(plan) == {
        "annotators": (1, ("/data/upload/1.png (bag / hat)",)),
        "shapes": (1, ("/data/upload/2.png",)),
        "skipped": (1, ("/data/upload/3.png",)),
        "predictions": (1, ("/data/upload/4.png",)),
        "answers": (1, ("kind (rating)",)),
    }
    assert plan.unlabelled == 2
    report = run_import(project, source, who="me")
    assert yes(project)["1.png"] == {"bag"}
    assert report.as_json() == plan.as_json()


def test_a_tree_of_choices_is_read_with_all_names_on_its_path(
    project: Project, source: Path
) -> None:
    def tree(*paths: list[str]) -> dict[str, Any]:
        return result("taxonomy", {"taxonomy": list(paths)}, "what")

    tasks = [
        task(1, [tree(["clothes", "dress"], ["clothes", "shoes", "boots"])]),
        task(2, [tree(["food"])]),
    ]
    write(source, "tasks.json", tasks)
    report = run_import(project, source, who="me")
    assert yes(project)["1.png"] == {"clothes", "dress", "shoes", "boots"}
    assert yes(project)["2.png"] == {"food"}
    assert (report.refused, list_groups(project)) == ([], [])
    assert [(x.kind, x.count) for x in report.losses] == [("trees", 3)]


def test_json_min_says_which_fields_it_did_not_read_and_takes_the_newest(
    project: Project, source: Path
) -> None:
    def part(number: int, kind: str, word: str, day: int) -> dict[str, Any]:
        boxes = [{"x": 1, "y": 2, "rectanglelabels": ["seen"]}]
        said = {"kind": kind, "word": word, "stars": 3, "box": boxes}
        base = {"id": number, "image": f"/data/upload/{number}.png"}
        return base | said | {"annotator": day, "updated_at": f"2024-03-0{day}"}

    tasks = [
        part(1, "hat", "nice", 2),
        part(1, "bag", "fine", 1),
        part(2, "bag", "good", 1),
        part(3, "bag", "well", 1),
    ]
    write(source, "min.json", tasks)
    report = run_import(project, source, who="me")
    assert yes(project)["1.png"] == {"hat", "seen"}
    found = {x.kind: (x.count, x.examples) for x in report.losses}
    assert found["annotators"][0] == 1 and "(hat, seen / bag, seen)" in str(found)
    assert found["fields"] == (1, ("word (its texts hardly repeat)",))
    assert found["shapes"][0] == 3 and found["answers"] == (3, ("stars",))


def test_texts_that_never_repeat_answer_nothing_and_it_is_said(
    project: Project, source: Path
) -> None:
    names = ["good", "nice", "fine"]
    tasks = [{"id": n, "image": f"{n}.png", "note": x} for n, x in enumerate(names, 1)]
    write(source, "min.json", [x | {"annotator": 1} for x in tasks])
    plan = plan_import(project, source)
    assert (plan.labels, plan.unlabelled) == ([], 4)
    assert losses(plan)["fields"] == (1, ("note (its texts hardly repeat)",))


BOXES = {
    "images": [
        {"id": 1, "file_name": "1.png", "width": 9, "height": 8},
        {"id": 2, "file_name": "2.png", "width": 9, "height": 8},
        {"id": 2, "file_name": "3.png", "width": 9, "height": 8},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3]},
        {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 3, 3]]},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 8]},
        {"id": 4, "image_id": 2, "category_id": 2},
    ],
    "categories": [
        {"id": 1, "name": "cat"},
        {"id": 2, "name": "dog"},
        {"id": 2, "name": "cow"},
    ],
}


def test_coco_counts_boxes_and_refuses_what_has_one_id_twice(
    project: Project, source: Path
) -> None:
    write(source, "coco.json", BOXES)
    report = run_import(project, source, who="me")
    assert [(x.kind, x.count) for x in report.losses] == [("shapes", 2)]
    assert yes(project)["1.png"] == {"cat"}
    reasons = [item.reason for item in report.refused]
    assert "Two images have the id 2" in reasons[0]
    assert "Two categories have the id 2: “dog” and “cow”" in reasons[1]
    assert "category 2, which is two labels" in reasons[2]
    assert report.refused[1].path == "coco.json, line 1, categories[2]"


def test_custom_vision_counts_regions_and_negatives(
    project: Project, source: Path
) -> None:
    def picture(number: int, tag: str, regions: list[dict[str, Any]]) -> dict[str, Any]:
        address = {"id": f"x{number}", "originalImageUri": f"https://x/{number}.png"}
        return address | {"tags": [{"tagName": tag}], "regions": regions}

    region = {"tagName": "cat", "left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}
    write(
        source,
        "images.json",
        [picture(1, "cat", [region, region]), picture(2, "Negative", [])],
    )
    plan = plan_import(project, source)
    assert losses(plan) == {"shapes": (2, ("1.png",)), "negative": (1, ("2.png",))}


def test_cvat_counts_shapes_and_texts(project: Project, source: Path) -> None:
    write(
        source,
        "annotations.xml",
        '<annotations><image id="0" name="1.png"><box label="cat" xtl="1"><attribute '
        'name="plate">AB 1</attribute></box><tag label="dog"/></image></annotations>',
    )
    found = losses(plan_import(project, source))
    assert found == {"shapes": (1, ("1.png",)), "answers": (1, ("plate (text)",))}


def test_a_table_names_its_unused_columns_its_encoding_and_lines_that_spill(
    project: Project, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "image,note,tags\n1.png,x,grün\n2.png,y,rot,blau\n1.png,z,rot\n"
    (source / "labels.csv").write_bytes(text.encode("cp1252"))
    plan = plan_import(project, source)
    assert losses(plan) == {
        "encoding": (1, ("labels.csv: Windows-1252",)),
        "lines": (1, ("1.png (grün / rot)",)),
        "spilled": (1, ("labels.csv, line 3",)),
        "columns": (1, ("note",)),
    }
    _print_import(plan.details(), dry_run=True)
    told = capsys.readouterr().out
    assert "1 column was not taken as labels: note" in told
    assert "2 of the new pictures carry no label" in told


def test_a_table_may_call_a_picture_as_a_copy_of_it_was_called(
    project: Project, source: Path
) -> None:
    (source / "b").mkdir()
    for name in ("copy.png", "b/2.png"):
        (source / name).write_bytes((source / "1.png").read_bytes())
    run_import(project, source, ImportOptions(layout="plain"), who="me")
    run_import(project, source, ImportOptions(layout="plain"), who="me")
    # Of 2.png there is a copy too, but a picture that is called so comes first.
    assert len(list_aliases(project)) == 2
    table = source.parent / "alone" / "labels.csv"
    table.parent.mkdir()
    table.write_text("image,tags\ncopy.png,cat\n2.png,dog\nother/3.png,cow\n")
    report = run_import(project, table, who="me")
    assert (report.matched, report.refused) == (3, [])
    kept = next(x for x in list_images(project) if "cat" in yes(project)[x.name])
    copies = {path for _, path in list_aliases(project)} | {kept.source}
    assert copies == {"1.png", "copy.png", "b/2.png"}


def test_copies_under_other_labels_are_named(project: Project, source: Path) -> None:
    for folder in ("cat", "dog"):
        (source / folder).mkdir()
        (source / folder / "1.png").write_bytes((source / "1.png").read_bytes())
    (source / "1.png").unlink()
    plan = plan_import(project, source)
    assert losses(plan)["copies"] == (1, ("dog/1.png",))
    assert plan.as_json()["conflicts"] == 1 and plan.unlabelled == 3


@pytest.mark.parametrize("outer", ["", "pile/", "deep/pile/"])
def test_pictures_beside_class_folders_come_in_without_a_label(
    project: Project, source: Path, outer: str
) -> None:
    for number, folder in enumerate(["cat", "dog", ""], 1):
        place = source / outer / folder / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        (source / f"{number}.png").rename(place)
    (source / "4.png").unlink()
    (source / outer / "cat" / "notes").mkdir()
    write(source / outer / "cat" / "notes", "read.me", "of no picture")
    plan = plan_import(project, source)
    assert (plan.layout, plan.labels, plan.unlabelled) == ("folders", ["cat", "dog"], 1)


def test_a_picture_loose_in_the_folder_of_a_split_has_no_label(
    project: Project, source: Path
) -> None:
    places = ["train/cat", "train/dog", "train", "test/cat"]
    for number, folder in enumerate(places, 1):
        (source / folder).mkdir(parents=True, exist_ok=True)
        (source / f"{number}.png").rename(source / folder / f"{number}.png")
    plan = plan_import(project, source)
    assert (plan.labels, plan.unlabelled, plan.splits) == (["cat", "dog"], 1, 4)
