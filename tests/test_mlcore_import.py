"""Importing: what comes in, what it says about labels, and what stays untouched."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mlcore.errors import BadSource, BadTable
from mlcore.importing import ImportOptions, plan_import, run_import
from storage.answers import answer, answers_of, undo
from storage.home import Settings, save_settings
from storage.images import image_path, list_images, progress
from storage.labels import (
    create_labels,
    delete_group,
    list_groups,
    list_labels,
    move_label,
    rule_violations,
    set_group,
)
from storage.projects import Project, images_dir

ME = {"who": "me"}
Fill = Callable[..., Path]


def picture(number: int, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    colour = (number % 256, number // 256, 77)
    Image.new("RGB", (12, 10), colour).save(file, format)
    return file.getvalue()


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A function: file names (a number or bytes each) to a folder of them."""

    def build(files: dict[str, int | bytes | str], name: str = "in") -> Path:
        for path, content in files.items():
            place = tmp_path / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                content = content.encode()
            data = picture(content) if isinstance(content, int) else content
            place.write_bytes(data)
        return tmp_path / name

    return build


def yes_names(project: Project) -> dict[str, set[str]]:
    names = {label.label_id: label.name for label in list_labels(project)}
    images = {image.image_id: image.name for image in list_images(project)}
    found = answers_of(project, images)
    return {
        images[image_id]: {names[label] for label, said in known.items() if said}
        for image_id, known in found.items()
    }


def groups(project: Project) -> dict[str, set[str]]:
    return {g.name: {x.name for x in g.labels} for g in list_groups(project)}


CLOTHES: dict[str, int | bytes | str] = {
    "red_dress/1.png": 1,
    "red_shirt/2.png": 2,
    "blue_dress/3.png": 3,
    "blue_jeans/4.png": 4,
}


def test_combination_folders_give_labels_and_groups(
    project: Project, fill: Fill
) -> None:
    report = run_import(project, fill(CLOTHES), **ME)
    assert (report.layout, report.separator, report.added) == ("combinations", "_", 4)
    assert report.labels == ["blue", "dress", "jeans", "red", "shirt"]
    assert groups(project) == {
        "colour": {"red", "blue"},
        "garment": {"dress", "shirt", "jeans"},
    }
    assert {g.rule for g in list_groups(project)} == {"exactly-one"}
    assert yes_names(project)["4.png"] == {"blue", "jeans"}
    assert progress(project).complete == 4


def test_a_dry_run_says_the_same_and_writes_nothing(
    project: Project, fill: Fill
) -> None:
    source = fill({**CLOTHES, "red_dress/bad.png": b"?", "red_dress/again.png": 1})
    plan = plan_import(project, source)
    assert (plan.new, plan.already_there, len(plan.refused)) == (4, 1, 1)
    assert (list_labels(project), list_images(project)) == ([], [])
    assert not any(images_dir(project).rglob("*.png"))
    assert run_import(project, source, **ME).as_json() == plan.as_json()


def test_importing_again_adds_nothing_and_asks_nothing(
    project: Project, fill: Fill
) -> None:
    source = fill(CLOTHES)
    first = run_import(project, source, **ME)
    before = yes_names(project)
    again = run_import(project, source, **ME)
    assert (again.added, again.already_there, again.conflicts) == (0, 4, 0)
    assert (again.labels, again.groups) == (first.labels, first.groups)
    assert yes_names(project) == before


@pytest.mark.parametrize(
    ("folders", "separator"),
    [
        (("red-dress", "red-shirt"), "-"),
        (("red dress", "blue dress"), " "),
        (("red+dress", "red+shirt"), "+"),
        (("red,dress", "red,shirt"), ","),
        (("a_x_1", "b_x_2"), "_"),
    ],
)
def test_the_separator_is_found(
    project: Project, fill: Fill, folders: tuple[str, ...], separator: str
) -> None:
    source = fill({f"{name}/1.png": i for i, name in enumerate(folders)})
    plan = plan_import(project, source)
    assert (plan.layout, plan.separator) == ("combinations", separator)


@pytest.mark.parametrize(
    ("files", "layout"),
    [
        ({"1.png": 1, "2.png": 2}, "plain"),
        ({"cat/1.png": 1, "dog/2.png": 2}, "folders"),
        ({"train/cat/1.png": 1, "test/cat/2.png": 2, "test/dog/3.png": 3}, "folders"),
        ({"hot_dog/1.png": 1, "ice_cream/2.png": 2}, "folders"),
        ({"red_dress/1.png": 1, "other/2.png": 2}, "folders"),
        ({"a/1.png": 1, "t.csv": "image_name,tags\n1,red\n"}, "csv"),
        ({"a/1.png": 1, "b/2.png": 2, "t.csv": "x,y\n"}, "folders"),
    ],
)
def test_the_layout_is_found(
    project: Project, fill: Fill, files: dict[str, int | str], layout: str
) -> None:
    assert plan_import(project, fill(files)).layout == layout


def test_one_class_per_folder_makes_one_exclusive_group(
    project: Project, fill: Fill
) -> None:
    run_import(project, fill({"cat/1.png": 1, "dog/2.png": 2, "3.png": 3}), **ME)
    assert groups(project) == {"class": {"cat", "dog"}}
    assert yes_names(project) == {"1.png": {"cat"}, "2.png": {"dog"}, "3.png": set()}
    assert progress(project).labelled == 2


def test_the_separator_and_the_layout_can_be_said(project: Project, fill: Fill) -> None:
    source = fill({"t-shirt_red/1.png": 1, "t-shirt_blue/2.png": 2})
    plan = plan_import(project, source, ImportOptions(separator="-"))
    assert plan.labels == ["shirt_blue", "shirt_red", "t"]
    plan = plan_import(project, source, ImportOptions(layout="folders"))
    assert plan.labels == ["t-shirt_blue", "t-shirt_red"]
    plan = plan_import(project, source, ImportOptions(layout="plain"))
    assert (plan.labels, plan.groups, plan.new) == ([], [], 2)
    chosen = ImportOptions(group_names=("what", "hue"))
    assert [g.name for g in plan_import(project, source, chosen).groups] == [
        "what",
        "hue",
    ]
    with pytest.raises(BadSource, match="layout"):
        ImportOptions(layout="spiral")


def test_a_lone_folder_of_known_labels_is_a_combination(
    project: Project, fill: Fill
) -> None:
    run_import(project, fill(CLOTHES), **ME)
    report = run_import(project, fill({"black_dress/9.png": 9}, "more"), **ME)
    assert report.layout == "combinations"
    assert groups(project)["colour"] == {"red", "blue", "black"}
    assert yes_names(project)["9.png"] == {"black", "dress"}
    assert rule_violations(project) == []


def test_new_labels_leave_older_pictures_unknown(project: Project, fill: Fill) -> None:
    run_import(project, fill(CLOTHES), **ME)
    # Black is a colour, and the older pictures have theirs; worn is open on them.
    run_import(project, fill({"black_dress/9.png": 9}, "more"), **ME)
    assert (progress(project).labelled, progress(project).complete) == (5, 5)
    table = "image,tags\n8.png,worn\n"
    run_import(project, fill({"8.png": 8, "t.csv": table}, "last"), **ME)
    assert (progress(project).labelled, progress(project).complete) == (6, 0)


def test_what_a_person_arranged_about_groups_stands(
    project: Project, fill: Fill
) -> None:
    run_import(project, fill(CLOTHES), **ME)
    for group in list_groups(project):
        delete_group(project, group.group_id, who="me")
    run_import(project, fill(CLOTHES), **ME)
    assert groups(project) == {}
    set_group(project, "shade", ["red", "blue"], "at-most-one", who="me")
    red = next(x for x in list_labels(project) if x.name == "red")
    move_label(project, red.label_id, None, who="me")
    report = run_import(project, fill({"green_dress/8.png": 8}), **ME)
    assert groups(project) == {"shade": {"blue", "green"}}
    assert report.groups[0].rule == "at-most-one"


def test_answers_of_people_are_kept_and_only_unknowns_filled(
    project: Project, fill: Fill
) -> None:
    source = fill(CLOTHES)
    run_import(project, source, ImportOptions(layout="plain"), **ME)
    labels = create_labels(project, ["red", "blue", "dress"], who="me")
    red, blue, dress = (label.label_id for label in labels)
    ids = {image.name: image.image_id for image in list_images(project)}
    answer(project, ids["1.png"], {red: False, blue: True}, who="eve", batch_id="1")
    plan = plan_import(project, source)
    report = run_import(project, source, **ME)
    assert plan.conflicts == report.conflicts == 1
    kept = answers_of(project, [ids["1.png"]])[ids["1.png"]]
    assert (kept[red], kept[blue], kept[dress]) == (False, True, True)
    assert progress(project).complete == 4


def test_filling_never_breaks_an_exclusive_group(project: Project, fill: Fill) -> None:
    source = fill(CLOTHES)
    run_import(project, source, ImportOptions(layout="plain"), **ME)
    group = set_group(project, "colour", ["green"], "exactly-one", who="me")
    image_id = list_images(project)[0].image_id
    said = {group.labels[0].label_id: True}
    answer(project, image_id, said, who="eve", batch_id="1")
    assert run_import(project, source, **ME).conflicts == 1
    assert rule_violations(project) == []


def test_the_same_picture_with_other_labels_keeps_the_first(
    project: Project, fill: Fill
) -> None:
    source = fill({"red_dress/1.png": 1, "red_shirt/1.png": 1, "red_shirt/2.png": 2})
    plan = plan_import(project, source)
    report = run_import(project, source, **ME)
    assert plan.as_json() == report.as_json()
    assert (report.added, report.already_there, report.conflicts) == (2, 1, 1)
    assert yes_names(project)["1.png"] == {"red", "dress"}


def test_one_bad_file_never_stops_the_rest(project: Project, fill: Fill) -> None:
    files: dict[str, int | bytes] = {f"{n}.png": n for n in range(250)}
    bad = {
        "text.png": b"not an image",
        "cut.jpg": picture(1, "JPEG")[:200],
        "empty.jpg": b"",
        "notes.txt": b"hello",
    }
    report = run_import(project, fill({**files, **bad}), **ME)
    assert report.added == 250
    assert {r.path for r in report.refused} == set(bad)
    assert all(r.reason.endswith(".") for r in report.refused)


def test_the_limits_of_the_settings_hold(project: Project, fill: Fill) -> None:
    save_settings(Settings(max_image_bytes=1024, max_image_pixels=119))
    report = run_import(project, fill({"a.png": 1, "b.png": b"x" * 2000}), **ME)
    assert report.added == 0
    assert "megapixels" in report.refused[0].reason
    assert "MB" in report.refused[1].reason


def test_originals_are_stored_byte_for_byte_under_the_ending_of_their_content(
    project: Project, fill: Fill
) -> None:
    data = picture(5, "JPEG")
    run_import(project, fill({"photo.PNG": data}), **ME)
    image = list_images(project)[0]
    assert (image.name, image.ext) == ("photo.PNG", "jpg")
    assert image_path(project, image).read_bytes() == data


def test_a_zip_says_what_its_folder_would(
    project: Project, fill: Fill, tmp_path: Path
) -> None:
    path = tmp_path / "clothes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, number in CLOTHES.items():
            assert isinstance(number, int)
            archive.writestr(f"clothes/{name}", picture(number))
    from_folder = plan_import(project, fill(CLOTHES)).as_json()
    assert plan_import(project, path).as_json() == from_folder
    assert run_import(project, path, **ME).as_json() == from_folder


def test_the_folder_that_was_packed_is_no_label(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "holiday.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday/1.png", picture(1))
    assert plan_import(project, path).layout == "plain"


def test_a_zip_of_nothing_but_an_escape_writes_nothing(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "slip.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.jpg", picture(1))
    before = set(tmp_path.rglob("*"))
    report = run_import(project, path, **ME)
    assert (report.added, len(report.refused)) == (0, 1)
    assert not [p for p in set(tmp_path.rglob("*")) - before if p.suffix == ".jpg"]


TABLE = "image_name,tags\n1,red dress\n2.png,blue dress\nsub/3.png,red\n9,lost\n"


def test_a_table_labels_with_and_without_endings_and_reports_what_is_missing(
    project: Project, fill: Fill
) -> None:
    source = fill({"1.png": 1, "2.png": 2, "sub/3.png": 3, "4.png": 4, "t.csv": TABLE})
    report = run_import(project, source, **ME)
    assert (report.layout, report.added, report.groups) == ("csv", 4, [])
    assert [(r.path, "9" in r.reason) for r in report.refused] == [
        ("t.csv, line 5", True)
    ]
    assert yes_names(project) == {
        "1.png": {"red", "dress"},
        "2.png": {"blue", "dress"},
        "3.png": {"red"},
        "4.png": set(),
    }
    assert (progress(project).labelled, progress(project).total) == (3, 4)


def test_a_table_as_the_source_takes_only_what_it_names(
    project: Project, fill: Fill
) -> None:
    files = {"images/1.jpg": 1, "images/2.jpg": 2, "other/7.jpg": 7}
    folder = fill({**files, "train.csv": "image_name,tags\n1,red\n2,blue\n"})
    report = run_import(project, folder / "train.csv", **ME)
    assert (report.added, report.refused) == (2, [])


def test_a_table_may_lie_elsewhere(project: Project, fill: Fill) -> None:
    source = fill({"1.png": 1})
    table = fill({"t.csv": "file,labels\n1.png,red;dress\n"}, "else") / "t.csv"
    report = run_import(project, source, ImportOptions(csv_path=table), **ME)
    assert (report.layout, report.labels) == ("csv", ["dress", "red"])
    with pytest.raises(BadTable, match="no table"):
        plan_import(project, source, ImportOptions(csv_path=table / "x"))


def test_a_name_that_fits_two_files_is_refused_until_it_says_its_folder(
    project: Project, fill: Fill
) -> None:
    files = {"a/1.png": 1, "b/1.png": 2}
    vague = fill({**files, "t.csv": "image_name,tags\n1,red\n"}, "vague")
    assert "could be 2 files" in plan_import(project, vague).refused[0].reason
    exact = fill({**files, "t.csv": "image_name,tags\na/1,red\nb/1.png,blue\n"})
    assert plan_import(project, exact).refused == []


def test_lines_about_one_picture_add_their_tags_up(
    project: Project, fill: Fill
) -> None:
    text = "image_name,label\n1.png,red\n1.png,dress\n"
    run_import(project, fill({"1.png": 1, "t.csv": text}), **ME)
    assert yes_names(project)["1.png"] == {"red", "dress"}


def test_a_table_in_an_unknown_encoding_stops_the_import_with_a_sentence(
    project: Project, fill: Fill
) -> None:
    text = "image_name,tags\n1,красный\n".encode("cp1251")
    source = fill({"1.png": 1, "t.csv": text})
    with pytest.raises(BadTable, match="neither UTF-8, Windows-1252 nor GBK"):
        run_import(project, source, **ME)
    assert list_images(project) == []
    chosen = ImportOptions(encoding="cp1251")
    assert plan_import(project, source, chosen).labels == ["красный"]


@pytest.mark.parametrize("layout", ["auto", "plain", "folders"])
def test_a_table_that_says_no_labels_is_told_what_it_lacks(
    project: Project, fill: Fill, layout: str
) -> None:
    source = fill(
        {"a/1.png": 1, "b/2.png": 2, "tables/t.csv": "picture,class\n1,red\n"}
    )
    report = run_import(project, source, ImportOptions(layout=layout), **ME)
    assert [item.path for item in report.refused] == ["tables/t.csv"]
    assert "column image_name" in report.refused[0].reason
    assert "tables" not in report.labels


def test_a_csv_that_is_asked_for_and_not_there_is_said(
    project: Project, fill: Fill
) -> None:
    with pytest.raises(BadSource, match="no CSV"):
        plan_import(project, fill({"1.png": 1}), ImportOptions(layout="csv"))


def test_a_folder_name_that_cannot_be_a_label_is_refused_file_by_file(
    project: Project, fill: Fill
) -> None:
    source = fill({"cat/1.png": 1, "dog/2.png": 2, f"{'x' * 101}/3.png": 3})
    report = run_import(project, source, **ME)
    assert report.added == 2
    assert "100 characters" in report.refused[0].reason


def test_markup_in_a_folder_name_is_only_a_name(project: Project, fill: Fill) -> None:
    name = "<img src=x onerror=alert(1)>"
    report = run_import(project, fill({f"{name}/1.png": 1, "b/2.png": 2}), **ME)
    assert report.labels == [name, "b"]


def test_cancelling_keeps_what_is_stored_and_running_again_brings_the_rest(
    project: Project, fill: Fill
) -> None:
    folders = ("red_dress", "red_shirt", "blue_dress", "blue_shirt")
    source = fill(
        {f"{f}/{n}.png": n * 4 + i for i, f in enumerate(folders) for n in range(100)}
    )
    seen: list[tuple[int, int]] = []
    report = run_import(
        project,
        source,
        **ME,
        on_progress=lambda done, total: seen.append((done, total)),
        is_cancelled=lambda: len(seen) >= 130,
    )
    assert report.cancelled and report.added == 130 == len(seen)
    assert progress(project).labelled == 130
    assert seen[-1] == (130, 400)
    rest = run_import(project, source, **ME)
    assert (rest.added, rest.already_there, rest.cancelled) == (270, 130, False)
    assert progress(project).complete == 400
    assert rule_violations(project) == []


def test_an_import_can_be_taken_back(project: Project, fill: Fill) -> None:
    report = run_import(project, fill(CLOTHES), **ME)
    undo(project, who="me", batch_id=report.batch_id)
    assert list_images(project) == []


def test_one_picture_alone_is_a_source(project: Project, fill: Fill) -> None:
    report = run_import(project, fill({"red_dress/1.png": 1}) / "red_dress/1.png", **ME)
    assert (report.added, report.layout) == (1, "plain")
