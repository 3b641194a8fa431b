"""Imports of folders and zips."""

import zipfile
from pathlib import Path

import pytest
from import_sources import CLOTHES, ME, Fill, fill, groups, picture, yes_names

from mlcore.errors import BadSource
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

__all__ = ["fill"]


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
