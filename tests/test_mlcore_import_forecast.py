"""What an import would change, said before; and an import taken back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mlcore.import_undo import Made, undo_import
from mlcore.importing import ImportOptions, ImportReport, plan_import, run_import
from storage.images import count_images, list_images
from storage.labels import list_groups, list_labels, rename_label
from storage.projects import Project

MakeImage = Callable[..., bytes]
Fill = Callable[..., Path]
ME = {"who": "me"}
CLOTHES = ["red_dress", "red_shirt", "blue_dress", "blue_jeans"]


@pytest.fixture
def fill(tmp_path: Path, make_image: MakeImage) -> Fill:
    """A function: names of combination folders to a folder with a picture in each."""

    def build(names: list[str], place: str = "in") -> Path:
        for name in names:
            folder = tmp_path / place / name
            folder.mkdir(parents=True)
            shade = sum(name.encode()) % 256
            (folder / f"{name}.png").write_bytes(make_image((shade, 1, 1)))
        return tmp_path / place

    return build


def label_names(project: Project) -> set[str]:
    return {label.name for label in list_labels(project)}


def made_by(report: ImportReport) -> Made:
    return Made(report.batch_id, report.new_labels, report.new_groups)


def test_a_first_import_makes_every_label_and_group(
    project: Project, fill: Fill
) -> None:
    plan = plan_import(project, fill(CLOTHES))
    assert plan.new_labels == plan.labels == ["blue", "dress", "jeans", "red", "shirt"]
    assert plan.new_groups == ["colour", "garment"]
    assert (plan.filled, plan.unused) == (0, [])


def test_later_only_what_is_missing_is_new(project: Project, fill: Fill) -> None:
    run_import(project, fill(CLOTHES), **ME)
    plan = plan_import(project, fill(["green_dress"], "more"))
    assert (plan.new_labels, plan.new_groups) == (["green"], [])


def test_the_same_folder_after_a_rename_changes_nothing(
    project: Project, fill: Fill
) -> None:
    source = fill(CLOTHES)
    run_import(project, source, **ME)
    red = next(label for label in list_labels(project) if label.name == "red")
    rename_label(project, red.label_id, "crimson", who="me")
    plan = plan_import(project, source)
    assert (plan.new, plan.already_there, plan.conflicts) == (0, 4, 2)
    assert (plan.filled, plan.new_labels, plan.unused) == (0, [], ["red"])
    before = label_names(project)
    run_import(project, source, **ME)
    assert label_names(project) == before


def test_pictures_that_would_only_get_answers_are_counted(
    project: Project, fill: Fill
) -> None:
    source = fill(CLOTHES)
    run_import(project, source, ImportOptions(layout="plain"), **ME)
    plan = plan_import(project, source)
    assert (plan.new, plan.filled) == (0, 4)
    assert run_import(project, source, **ME).filled == 4
    assert plan_import(project, source).filled == 0


def test_an_import_is_taken_back_with_what_it_made(
    project: Project, fill: Fill
) -> None:
    run_import(project, fill(CLOTHES), **ME)
    before = label_names(project)
    report = run_import(project, fill(["green_dress", "green_hat"], "more"), **ME)
    assert undo_import(project, made_by(report), who="me") == 2
    assert (count_images(project), label_names(project)) == (4, before)
    assert undo_import(project, made_by(report), who="me") is None


def test_what_was_taken_back_can_come_in_again(project: Project, fill: Fill) -> None:
    source = fill(CLOTHES)
    report = run_import(project, source, **ME)
    assert undo_import(project, made_by(report), who="me") == 4
    assert (list_labels(project), list_groups(project)) == ([], [])
    again = run_import(project, source, **ME)
    assert (again.added, again.already_there) == (4, 0)
    assert all(image.answered == 5 for image in list_images(project))


def test_labels_used_since_stay_when_the_import_goes(
    project: Project, fill: Fill
) -> None:
    first = run_import(project, fill(["red_dress", "blue_hat"]), **ME)
    run_import(project, fill(["red_hat", "red_cap"], "more"), **ME)
    assert undo_import(project, made_by(first), who="me") == 2
    assert label_names(project) == {"red", "hat", "cap"}
