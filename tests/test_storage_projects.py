"""Projects as folders: making, listing, deleting, bringing back."""

from pathlib import Path

import pytest

from storage.database import connect, fetch_value, run_sql
from storage.errors import HomeError, ProjectError
from storage.projects import (
    Project,
    create_project,
    delete_project,
    images_dir,
    list_projects,
    open_project,
    project_names,
    restore_project,
)
from storage.runs import claim_next, create_run, finish_run


def test_a_new_project_is_a_complete_folder(home: Path) -> None:
    with create_project("  Sommer Kleider é ") as project:
        assert project.name == "Sommer Kleider é"
        assert images_dir(project) == home / "Sommer Kleider é" / "images"
        assert fetch_value(project.db, "SELECT count(*) FROM images") == 0
    assert sorted(path.name for path in home.iterdir()) == ["Sommer Kleider é"]


@pytest.mark.parametrize(
    "name",
    ["", " ", ".hidden", "a/b", "..", "a\\b", "x" * 61, "a\tb", "a\0b", "a  b", "<b>"],
)
def test_a_name_that_is_no_folder_name_is_refused(home: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="project name"):
        create_project(name)
    with pytest.raises(ProjectError, match="project name"):
        open_project(name)
    assert list(home.iterdir()) == []


def test_names_that_differ_in_case_only_are_the_same(project: Project) -> None:
    with pytest.raises(ProjectError, match="exists already"):
        create_project("CLOTHES")


def test_an_unknown_project_is_told_in_words() -> None:
    with pytest.raises(ProjectError, match="no project named 'nothing'"):
        open_project("nothing")


def test_the_list_is_sorted_and_survives_a_damaged_project(home: Path) -> None:
    for name in ("beta", "Alpha", "gamma"):
        create_project(name).db.close()
    (home / "beta" / "project.db").write_bytes(b"x" * 200)
    (home / "no project").mkdir()
    assert project_names() == ["Alpha", "beta", "gamma"]
    problems = {summary.name: summary.problem for summary in list_projects()}
    assert problems["Alpha"] == problems["gamma"] == ""
    assert "damaged" in problems["beta"]


def test_without_a_data_folder_there_are_no_projects(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSEEN_HOME", str(home / "missing"))
    assert list_projects() == []


def test_a_deleted_project_can_be_brought_back(home: Path, project: Project) -> None:
    create_run(project, recipe="vgg16", config={}, epochs_total=1)
    project.db.close()
    trash_path = delete_project("clothes")
    assert project_names() == []
    assert trash_path.is_dir()
    assert restore_project(trash_path) == "clothes"
    assert [summary.runs for summary in list_projects()] == [1]


def test_a_project_comes_back_only_to_a_free_name(project: Project) -> None:
    project.db.close()
    trash_path = delete_project("clothes")
    create_project("clothes").db.close()
    with pytest.raises(ProjectError, match="exists already"):
        restore_project(trash_path)


def test_only_the_trash_can_be_brought_back(home: Path, project: Project) -> None:
    with pytest.raises(ProjectError, match="not in the trash"):
        restore_project(home / "clothes")


def test_a_project_is_not_deleted_while_it_trains(project: Project) -> None:
    create_run(project, recipe="vgg16", config={}, epochs_total=1)
    run = claim_next(project)
    assert run is not None
    with pytest.raises(ProjectError, match="is training"):
        delete_project("clothes")
    finish_run(project, run.run_id, run.attempt, "stopped", seconds=1.0)
    assert delete_project("clothes").is_dir()


def test_a_damaged_project_can_be_put_away(home: Path, project: Project) -> None:
    project.db.close()
    (home / "clothes" / "project.db").write_bytes(b"")
    assert delete_project("clothes").is_dir()


def test_an_sqlite_error_on_the_way_is_told_in_words(home: Path) -> None:
    with pytest.raises(HomeError, match="read-only"), create_project("a") as project:
        run_sql(project.db, "PRAGMA query_only = ON")
        project.db.execute("DELETE FROM images")


def test_two_connections_see_each_others_writes(home: Path, project: Project) -> None:
    with connect(home / "clothes" / "project.db") as other:
        create_run(project, recipe="vgg16", config={}, epochs_total=1)
        assert fetch_value(other, "SELECT count(*) FROM runs") == 1
