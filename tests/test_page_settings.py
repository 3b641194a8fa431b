"""The Settings page as a script: limits, deleting and restoring a project."""

from pathlib import Path

from streamlit.testing.v1 import AppTest
from test_page_overview import open_page, words

from storage.home import load_settings, weights_dir
from storage.projects import Project, project_names


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page


def field(page: AppTest, label: str) -> "object":
    fields = [*page.main.text_input, *page.main.number_input]
    return next(element for element in fields if element.label == label)


def test_it_says_where_everything_is_and_what_runs(home: Path) -> None:
    page = open_page("settings.py")
    assert str(home) in [block.value for block in page.code]
    assert "tensorflow 2." in words(page)
    assert "SQLite 3." in words(page)


def test_limits_and_name_are_saved() -> None:
    page = open_page("settings.py")
    field(page, "Your name").set_value("  Ada ")
    field(page, "Largest picture file (MB)").set_value(10)
    field(page, "Thin below (pictures)").set_value(12)
    press(page, "Save")
    saved = load_settings()
    assert (saved.name, saved.max_image_bytes, saved.thin_below) == (
        "Ada",
        10 * 2**20,
        12,
    )
    assert page.success[0].value == "Saved."


def test_weight_files_are_found(home: Path) -> None:
    weights_dir().mkdir()
    (weights_dir() / "vgg16_notop.h5").write_bytes(b"x" * 2_000_000)
    assert "vgg16\\_notop\\.h5 (2.0 MB)" in words(open_page("settings.py"))


def test_a_project_is_deleted_only_by_its_name(project: Project) -> None:
    page = open_page("settings.py", "clothes")
    field(page, "Type the project's name to delete it").set_value("cloths")
    press(page, "Delete project")
    assert project_names() == ["clothes"]
    assert "not the name" in page.error[0].value


def test_a_deleted_project_can_be_brought_back(project: Project) -> None:
    page = open_page("settings.py", "clothes")
    field(page, "Type the project's name to delete it").set_value("clothes")
    press(page, "Delete project")
    assert project_names() == []
    assert page.title[0].value == "Welcome to Unseen"
    page = press(open_page("settings.py"), "Bring back")
    assert project_names() == ["clothes"]
    assert page.session_state["project_name"] == "clothes"


def test_settings_that_cannot_be_read_are_a_sentence(home: Path) -> None:
    (home / "settings.json").write_text("{broken")
    page = open_page("settings.py")
    assert "settings.json" in page.error[0].value
