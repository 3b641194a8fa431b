"""Annotations of other tools: Label Studio, COCO, CVAT, Custom Vision."""

import io
import json
from pathlib import Path

import pytest
from format_sources import (
    ME,
    Fill,
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

from mlcore.errors import BadTable
from mlcore.importing import ImportOptions, ImportReport, plan_import, run_import
from mlcore.json_stream import walk_json
from mlcore.vocabulary import read_interface
from storage.answers import answer, undo
from storage.images import list_images
from storage.labels import create_labels
from storage.projects import Project
from storage.splits import splits_of

__all__ = ["coloured", "fill"]

LABEL_STUDIO = [
    task(
        1,
        "/data/upload/83/4b3f1f2d-1.png",
        annotation(result("colour", "red"), result("tags", "new", "sale")),
    ),
    task(
        2,
        "/data/local-files/?d=shop%20a/2.png",
        annotation(result("colour", "red")),
        annotation(result("colour", "blue"), updated_at="2024-03-10T00:00:00.000000Z"),
    ),
    task(3, "s3://bucket/deep/3.png", annotation(result("colour", "blue"))),
    task(4, "https://example.com/x/4.png?sig=1", annotation(was_cancelled=True)),
]


def test_label_studio_choices_become_groups_and_the_latest_answer_counts(
    project: Project, fill: Fill
) -> None:
    files: dict[str, object] = {f"{n}.png": n for n in range(1, 5)}
    source = fill({**files, "project-83-at-2024.json": LABEL_STUDIO})
    report = run_import(project, source, **ME)
    assert (report.layout, report.added, report.refused) == ("label-studio", 4, [])
    assert groups(project) == {"colour": ("exactly-one", {"red", "blue"})}
    assert yes(project) == {
        "1.png": {"red", "new", "sale"},
        "2.png": {"blue"},
        "3.png": {"blue"},
        "4.png": set(),
    }
    told = answers(project)
    assert told["2.png"] == {"red": False, "blue": True, "new": False, "sale": False}
    assert told["4.png"] == {}
    check_again(project, source)


def test_label_studio_min_is_read_too(project: Project, fill: Fill) -> None:
    tasks = [
        {
            "image": f"/data/upload/1/4b3f1f2d-{n}.png",
            "id": n,
            "kind": kind,
            "notes": f"a remark on {n}",
            "extras": {"choices": ["new", "sale"]},
            "annotator": 1,
            "annotation_id": n,
            "created_at": "2024-03-09T22:16:08.728353Z",
            "updated_at": "2024-03-09T22:16:08.728378Z",
            "lead_time": 4.2,
        }
        for n, kind in enumerate(["hat", "bag", "hat", "bag"], 1)
    ]
    files: dict[str, object] = {f"4b3f1f2d-{n}.png": n for n in range(1, 5)}
    run_import(project, fill({**files, "min.json": tasks}), **ME)
    assert yes(project)["4b3f1f2d-1.png"] == {"hat", "new", "sale"}
    assert groups(project) == {
        "kind": ("exactly-one", {"hat", "bag"}),
        "extras": ("any", {"new", "sale"}),
    }


def test_the_same_choice_in_two_blocks_is_two_labels(
    project: Project, fill: Fill
) -> None:
    both = annotation(result("front", "red"), result("back", "red"))
    other = annotation(result("front", "blue"), result("back", "blue"))
    tasks = [task(1, "1.png", both), task(2, "2.png", other)]
    run_import(project, fill({"1.png": 1, "2.png": 2, "ls.json": tasks}), **ME)
    assert yes(project)["1.png"] == {"front: red", "back: red"}


COCO = {
    "info": {"year": 2024, "version": "1.0", "date_created": "2024-03-09"},
    "licenses": [{"id": 1, "name": "", "url": ""}],
    "images": [
        {"id": 7, "license": 1, "file_name": "1.png", "height": 8, "width": 9},
        {"id": 8, "license": 1, "file_name": "sub/2.png", "height": 8, "width": 9},
        {"id": 9, "license": 1, "file_name": "3.png", "height": 8, "width": 9},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 1, "bbox": [], "iscrowd": 0},
        {"id": 2, "image_id": 7, "category_id": 3},
        {"id": 3, "image_id": 8, "category_id": 2, "bbox": [1, 1, 3, 3], "area": 9},
        {"id": 4, "image_id": 8, "category_id": 2, "bbox": [4, 1, 3, 3], "area": 9},
    ],
    "categories": [
        {"id": 0, "name": "clothes", "supercategory": "none"},
        {"id": 1, "name": "red", "supercategory": "colour"},
        {"id": 2, "name": "blue", "supercategory": "colour"},
        {"id": 3, "name": "dress", "supercategory": ""},
    ],
}


def test_coco_categories_of_images_with_and_without_boxes(
    project: Project, fill: Fill
) -> None:
    source = fill({"1.png": 1, "sub/2.png": 2, "3.png": 3, "_annotations.json": COCO})
    report = run_import(project, source, **ME)
    assert (report.layout, report.labels) == ("coco", ["blue", "dress", "red"])
    assert groups(project) == {"colour": ("exactly-one", {"red", "blue"})}
    told = answers(project)
    assert told["1.png"] == {"red": True, "dress": True, "blue": False}
    assert told["2.png"] == {"red": False, "dress": False, "blue": True}
    assert told["3.png"] == {}
    check_again(project, source)


def test_coco_and_lvis_say_no_and_a_file_per_split(
    project: Project, fill: Fill
) -> None:
    def part(name: str, said: list[int], no: list[int]) -> dict[str, object]:
        image = {"id": 1, "file_name": name, "neg_category_ids": no}
        marks = [{"id": n, "image_id": 1, "category_id": x} for n, x in enumerate(said)]
        return {**COCO, "images": [image], "annotations": marks}

    source = fill(
        {
            "train/1.png": 1,
            "val/2.png": 2,
            "annotations/instances_train2017.json": part("1.png", [1], [3]),
            "annotations/instances_val2017.json": part("2.png", [3], []),
        }
    )
    run_import(project, source, **ME)
    assert answers(project)["1.png"] == {"red": True, "dress": False}
    assert answers(project)["2.png"] == {"dress": True}
    assert set(splits_of(project).values()) == {"train", "validation"}
    check_again(project, source)


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>1</id><name>clothes</name><size>3</size><mode>annotation</mode>
      <labels>
        <label>
          <name>shirt</name><color>#2080c0</color><type>tag</type>
          <attributes>
            <attribute>
              <name>size</name><mutable>False</mutable>
              <input_type>select</input_type><default_value>large</default_value>
              <values>large\nsmall</values>
            </attribute>
            <attribute>
              <name>used</name><mutable>False</mutable>
              <input_type>checkbox</input_type><default_value>false</default_value>
              <values>false</values>
            </attribute>
          </attributes>
        </label>
        <label><name>red &amp; blue</name><type>tag</type></label>
      </labels>
    </task>
    <dumped>2024-03-09 22:16:08.728378+00:00</dumped>
  </meta>
  <image id="0" name="1.png" subset="Train" width="9" height="8">
    <tag label="shirt" source="manual">
      <attribute name="size">large</attribute>
      <attribute name="used">true</attribute>
    </tag>
    <tag label="red &amp; blue" source="manual">
    </tag>
  </image>
  <image id="1" name="deep/2.png" width="9" height="8">
    <box label="shirt" source="manual" occluded="0" xtl="1" ytl="1" xbr="3" ybr="3">
      <attribute name="size">small</attribute>
      <attribute name="used">false</attribute>
    </box>
  </image>
  <image id="2" name="3.png" width="9" height="8">
  </image>
</annotations>
"""


def test_cvat_tags_attributes_and_shapes(project: Project, fill: Fill) -> None:
    files = {"images/1.png": 1, "images/deep/2.png": 2, "images/3.png": 3}
    source = fill({**files, "annotations.xml": CVAT})
    report = run_import(project, source, **ME)
    assert (report.layout, report.added, report.refused) == ("cvat", 3, [])
    assert yes(project) == {
        "1.png": {"shirt", "red & blue", "large", "used"},
        "2.png": {"shirt", "small"},
        "3.png": set(),
    }
    assert groups(project) == {"size": ("exactly-one", {"large", "small"})}
    assert list(splits_of(project).values()).count("train") == 1
    check_again(project, source)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CVAT.replace("</image>", "</imag>", 1), "line 36, column"),
        (CVAT[:-30], "is no right XML: line"),
        (
            '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY lol "lol">]>\n'
            "<annotations>&lol;</annotations>",
            "document type (line 2)",
        ),
        ("<annotations><track/></annotations>", "CVAT for video"),
        ("<annotations><meta/></annotations>", "no <image>"),
    ],
)
def test_wrong_or_hostile_xml_names_the_line(
    project: Project, fill: Fill, text: str, words: str
) -> None:
    source = fill({"1.png": 1, "annotations.xml": text})
    with pytest.raises(BadTable) as error:
        plan_import(project, source)
    assert words in str(error.value)


def test_custom_vision_pictures_are_found_by_id_or_by_name(
    project: Project, fill: Fill
) -> None:
    ids = [f"b4d5a3c1-0000-4000-8000-00000000000{n}" for n in range(3)]
    images = [
        tagged(ids[0], "https://irisprod.blob.core.windows.net/o-1?sv=1", "Hemlock"),
        tagged(ids[1], "https://irisprod.blob.core.windows.net/c/two.png", "Cherry"),
        tagged(ids[2], "https://irisprod.blob.core.windows.net/o-3?sv=1", "Negative"),
    ]
    names = {f"{ids[0]}.png": 1, "two.png": 2, f"{ids[2].replace('-', '')}.png": 3}
    source = fill({**names, "images.json": images, "tags.json": [{"name": "Hemlock"}]})
    report = run_import(project, source, **ME)
    assert (report.layout, report.added, report.refused) == ("custom-vision", 3, [])
    told = list(answers(project).values())
    assert {"Hemlock": True, "Cherry": False} in told
    assert {"Hemlock": False, "Cherry": False} in told
    check_again(project, source)


def test_a_file_alone_finds_its_pictures_in_the_project(
    project: Project, fill: Fill, tmp_path: Path
) -> None:
    folder = fill({"a/1.png": 1, "b/1.png": 2, "2.png": 3})
    run_import(project, folder, ImportOptions(layout="plain"), **ME)
    alone = tmp_path / "alone" / "labels.csv"
    alone.parent.mkdir()
    alone.write_text("image,label\na/1.png,x\n2,y\n1.png,x\n7.png,x\n")
    report = run_import(project, alone, **ME)
    assert (report.added, report.matched, report.filled) == (0, 2, 2)
    reasons = [item.reason for item in report.refused]
    assert "could be 2 files" in reasons[0] and "No picture called" in reasons[1]
    assert plan_import(project, alone).known == 2


def test_what_differs_is_listed_and_overwritten_only_when_asked(
    project: Project, fill: Fill
) -> None:
    # The second line makes blue a label the table knows, so it says no to it.
    folder = fill({"1.png": 1, "labels.csv": "image,label\n1.png,red\n2.png,blue\n"})
    run_import(project, folder, ImportOptions(layout="plain"), **ME)
    red, blue = create_labels(project, ["red", "blue"], who="me")
    image_id = list_images(project)[0].image_id
    said = {red.label_id: False, blue.label_id: True}
    answer(project, image_id, said, who="eve", batch_id="1")
    plan = plan_import(project, folder)
    listed = [(c.picture, c.here, c.says) for c in plan.listed]
    assert listed == [("1.png", ("blue",), ("red",))]
    run_import(project, folder, **ME)
    assert yes(project)["1.png"] == {"blue"}
    report = run_import(project, folder, ImportOptions(overwrite=True), **ME)
    assert yes(project)["1.png"] == {"red"}
    undo(project, who="me", batch_id=report.batch_id)
    assert yes(project)["1.png"] == {"blue"}


def test_unknown_labels_are_made_mapped_or_left_out(
    project: Project, fill: Fill
) -> None:
    create_labels(project, ["shirt"], who="me")
    text = "image,tags\n1.png,tee;red\n2.png,junk\n3.png,tee;junk\n"
    files: dict[str, object] = {f"{n}.png": n for n in range(1, 4)}
    source = fill({**files, "labels.csv": text})
    plan = plan_import(project, source)
    assert plan.unknown == [("junk", 2), ("red", 1), ("tee", 2)]
    chosen = ImportOptions(label_map={"Tee": "shirt", "junk": None})
    report = run_import(project, source, chosen, **ME)
    assert (report.labels, report.new_labels) == (["red", "shirt"], ["red"])
    assert yes(project) == {
        "1.png": {"shirt", "red"},
        "2.png": set(),
        "3.png": {"shirt"},
    }
    assert answers(project)["2.png"] == {}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("coco.json", '{"images": [\n{"id": 1,}]}', "line 2, column 10"),
        (
            "ls.json",
            '[{"id": 1, "data": {"image": "1.png"}, "annotations": [',
            "column",
        ),
        ("coco.json", json.dumps(COCO).replace('"1.png"', "5"), "“file_name” should"),
        ("ls.json", json.dumps([task(1, "x.txt", annotation())]), "names a picture"),
    ],
)
def test_wrong_json_names_line_and_field(
    project: Project, fill: Fill, name: str, text: str, words: str
) -> None:
    report = plan_import(project, fill({"1.png": 1, name: text}))
    assert any(words in item.reason for item in report.refused)
    assert any(item.path.startswith(name) for item in report.refused)


@pytest.mark.parametrize("piece", [1, 7, 2**20])
def test_json_is_read_the_same_in_pieces_of_any_size(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.json_stream.PIECE_CHARACTERS", piece)
    data = {"a": 12, "b": [{"é\n": [1, "\\u00e9"]}, 22, None], "c": [], "d": {"x": []}}
    text = json.dumps(data, indent=1).encode()
    found = [(e.key, e.index, e.value) for e in walk_json(lambda: io.BytesIO(text), "")]
    assert found[0] == ("a", None, 12) and found[-1] == ("d", None, {"x": []})
    assert [value for key, _, value in found if key == "b"] == data["b"]


def test_an_import_report_is_the_same_as_its_dry_run(
    project: Project, fill: Fill
) -> None:
    source = fill({"1.png": 1, "sub/2.png": 2, "coco.json": COCO})
    plan = plan_import(project, source)
    report: ImportReport = run_import(project, source, **ME)
    assert plan.as_json() == report.as_json()
    assert "3.png" in report.refused[0].reason


@pytest.mark.parametrize(
    "text", ["<View", '<!DOCTYPE a [<!ENTITY b "c">]><a/>', "", "é"]
)
def test_a_broken_labeling_interface_lists_nothing(
    coloured: Project, fill: Fill, text: str
) -> None:
    tasks = [task(1, "/data/upload/1.png", annotation(result("c", "red")))]
    source = fill({"1.png": 1, "tasks.json": tasks, "label_config.xml": text})
    report = run_import(coloured, source, **ME)
    assert (report.added, report.refused) == (1, [])
    assert report.open_questions == [("garment", 1), ("worn", 1)]


def test_choices_of_two_blocks_are_listed_with_their_block() -> None:
    blocks = "".join(
        f'<Choices name="{name}" toName="image"><Choice value="red"/>'
        f'<Choice value="{name} x" alias="{name}"/></Choices>'
        for name in ("top", "bag")
    )
    listed = read_interface(f"<View>{blocks}</View>".encode())
    assert listed == ("top: red", "top", "bag: red", "bag")
