"""Imports with a table of labels, and names that cannot be labels."""

import pytest
from import_sources import ME, Fill, fill, yes_names

from mlcore.errors import BadSource, BadTable
from mlcore.importing import ImportOptions, plan_import, run_import
from storage.images import list_images, progress
from storage.projects import Project

__all__ = ["fill"]

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
