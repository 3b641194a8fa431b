"""The Data page as a script: from a source to pictures, and the pictures."""

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_page_overview import fill, open_page, words

from mlcore import restore_jobs, side_jobs, uploads
from mlcore.project_archive import export_project
from pages.parts.gallery import GalleryItem, image_url, read_selection, sign
from storage.answers import answer_many
from storage.images import count_images, list_image_ids, list_images
from storage.labels import create_labels, list_groups, list_labels
from storage.projects import Project, incoming, uploads_dir

MakeImage = Callable[..., bytes]
DEADLINE_S = 60


@pytest.fixture
def folder(tmp_path: Path, make_image: MakeImage) -> Path:
    """Three combinations, one file that is no picture."""
    source = tmp_path / "source"
    for number, name in enumerate(["red_dress", "red_shirt", "blue_shirt"]):
        (source / name).mkdir(parents=True)
        (source / name / "1.png").write_bytes(make_image((number, 9, 9)))
    (source / "red_dress" / "notes.png").write_text("not a picture")
    return source


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page


def ask_to_undo(page: AppTest) -> AppTest:
    """Run with the question open, which AppTest forgets after every run."""
    page.session_state["data_undoing"] = True
    page.run()
    assert not page.exception
    return page


def take_back(page: AppTest) -> None:
    asked = ask_to_undo(page)
    label = "Yes, take it back"
    next(button for button in asked.button if button.label == label).click()
    ask_to_undo(asked)


def run_until(page: AppTest, text: str) -> AppTest:
    """Run the page again, as its fragment does, until it says `text`."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        shown = [heading.value for heading in page.subheader]
        if any(text in line for line in [words(page), *shown]):
            return page
        # Asking without a pause would keep the import from its work.
        time.sleep(0.1)
        page.run()
        assert not page.exception
    raise AssertionError(f"never said {text!r}:\n{words(page)}")


def run_until_told(page: AppTest) -> AppTest:
    """Run the page again until it says what the source is instead of pictures."""
    deadline = time.monotonic() + DEADLINE_S
    while not page.info and time.monotonic() < deadline:
        time.sleep(0.1)
        page.run()
        assert not page.exception
    assert "a whole project, packed by Unseen" in page.info[0].value
    return page


def look_at(path: object) -> AppTest:
    page = open_page("data.py", "clothes")
    page.main.text_input[0].set_value(str(path))
    return press(page, "Look at it")


def test_nothing_happens_before_the_plan_is_accepted(
    project: Project, folder: Path
) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    assert [tile.value for tile in page.metric] == ["3", "0", "1", "4"]
    assert "red\\_dress\\/notes\\.png" in words(page)
    assert ":green-badge[dress · new] :green-badge[shirt · new]" in words(page)
    assert count_images(project) == 0
    assert list_labels(project) == []


def test_the_accepted_plan_is_carried_out(project: Project, folder: Path) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    run_until(press(page, "Bring in 3 pictures"), "3 pictures came in")
    assert count_images(project) == 3
    assert [group.name for group in list_groups(project)] == ["colour", "garment"]
    page = press(page, "See which combinations are there")
    assert page.title[0].value == "Coverage"


def test_another_layout_makes_another_plan(project: Project, folder: Path) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    layout = page.main.selectbox[0]
    known = "As recognised: one folder per combination (red_dress)"
    assert layout.options[0] == known
    layout.select("plain").run()
    page = run_until(page, "This is what would happen")
    assert page.main.selectbox[0].options[0] == "As recognised"
    assert [tile.value for tile in page.metric] == ["3", "0", "1", "0"]
    assert "come in unlabelled" in words(page)


def test_groups_can_be_named_before_they_are_made(
    project: Project, folder: Path
) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    page.main.text_input[1].set_value("piece").run()
    page = run_until(page, "This is what would happen")
    run_until(press(page, "Bring in 3 pictures"), "came in")
    assert [group.name for group in list_groups(project)] == ["colour", "piece"]


@pytest.mark.parametrize(
    "path", ["", "relative/path", "/nowhere/at/all", "~nobody-here/x"]
)
def test_a_path_that_leads_nowhere_is_a_sentence(project: Project, path: str) -> None:
    page = look_at(path)
    assert "There is nothing at" in page.error[0].value


def test_an_empty_folder_is_a_sentence_with_a_way_back(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    page = run_until(look_at(tmp_path / "empty"), "holds no files")
    page = press(page, "Choose other files")
    assert not page.error


def test_an_upload_is_planned_as_soon_as_it_has_arrived(
    project: Project, tmp_path: Path, make_image: MakeImage
) -> None:
    upload_id = uploads.new_upload(project)
    path = uploads.stage_path(project, upload_id, "photos.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("red_dress/1.png", make_image("red"))
        archive.writestr("blue_dress/2.png", make_image("blue"))
    size = path.stat().st_size
    uploads.finish_file(project, upload_id, "photos.zip", path, size)
    page = AppTest.from_file(
        str(Path(__file__).parent.parent / "pages" / "main.py"), default_timeout=20
    )
    page.query_params["project"] = "clothes"
    page.session_state["data_uploader_0"] = {
        "upload": {"upload_id": upload_id, "files": 1, "bytes": size, "failed": 0}
    }
    page.switch_page("data.py").run()
    page = run_until(page, "This is what would happen")
    assert [tile.value for tile in page.metric] == ["2", "0", "0", "3"]


def test_the_counts_follow_the_labels_chosen(project: Project, folder: Path) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    box = next(x for x in page.main.selectbox if x.label.startswith("shirt"))
    box.select(1).run()
    # On a quick machine the counting is over before the page is drawn.
    while page.subheader[0].value.endswith("counting again"):
        page.run()
        assert not page.exception
    assert [tile.value for tile in page.metric] == ["3", "0", "1", "3"]
    run_until(press(page, "Bring in 3 pictures"), "3 pictures came in")
    names = {label.name for label in list_labels(project)}
    assert names == {"red", "blue", "dress"}


def test_the_zip_of_a_project_is_opened_rather_than_brought_in(
    project: Project, tmp_path: Path
) -> None:
    packed = tmp_path / "clothes.zip"
    export_project(project, packed)
    upload_id = uploads.new_upload(project)
    path = uploads.stage_path(project, upload_id, "clothes.zip")
    path.write_bytes(packed.read_bytes())
    size = path.stat().st_size
    uploads.finish_file(project, upload_id, "clothes.zip", path, size)
    page = run_until_told(look_at(packed))
    assert any(button.label == "Open a project zip" for button in page.button)
    page = AppTest.from_file(
        str(Path(__file__).parent.parent / "pages" / "main.py"), default_timeout=20
    )
    page.query_params["project"] = "clothes"
    page.session_state["data_uploader_0"] = {
        "upload": {"upload_id": upload_id, "files": 1, "bytes": size, "failed": 0}
    }
    page.switch_page("data.py").run()
    page = run_until_told(page)
    press(page, "Open it as a project")
    (job_id,) = side_jobs.list_jobs(uploads_dir(incoming()), "in")
    deadline = time.monotonic() + DEADLINE_S
    while not restore_jobs.restore_status(job_id).ended:
        assert time.monotonic() < deadline
    assert restore_jobs.restore_status(job_id).report == {"project": "clothes 2"}


def test_an_upload_that_is_gone_is_a_sentence(project: Project) -> None:
    page = AppTest.from_file(
        str(Path(__file__).parent.parent / "pages" / "main.py"), default_timeout=20
    )
    page.query_params["project"] = "clothes"
    page.session_state["data_uploader_0"] = {
        "upload": {"upload_id": "../..", "files": 1, "bytes": 3, "failed": 0}
    }
    page.switch_page("data.py").run()
    assert not page.exception
    assert "not there any more" in words(page)


def test_the_pictures_are_paged_and_found_by_name(
    project: Project, make_image: MakeImage
) -> None:
    fill(project, make_image, 70)
    page = open_page("data.py", "clothes")
    page.segmented_control[0].set_value("Pictures").run()
    assert not page.exception
    assert "70 pictures in this project" in words(page)
    page.main.text_input[0].set_value("69.png").run()
    assert "1 picture found" in words(page)
    page.main.text_input[0].set_value("no such name").run()
    assert "No picture has this in its name" in words(page)


def test_deleted_pictures_come_back_with_undo(
    project: Project, make_image: MakeImage
) -> None:
    fill(project, make_image, 5)
    images = list_images(project, order="newest")
    items = [GalleryItem(image_url("clothes", image.sha256)) for image in images]
    page = open_page("data.py", "clothes")
    page.session_state["data_gallery"] = {
        "selected": {"of": sign("clothes", items), "places": [0, 2]}
    }
    page.segmented_control[0].set_value("Pictures").run()
    page = press(page, "Delete")
    assert count_images(project) == 3
    page = press(page, "Undo")
    assert count_images(project) == 5


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ({"of": "here", "places": [0, 2]}, [0, 2]),
        ({"of": "elsewhere", "places": [0, 2]}, []),
        ({"of": "here", "places": [-1, 9, "1", None]}, []),
        (None, []),
        ([0, 2], []),
    ],
)
def test_a_selection_counts_only_for_the_pictures_it_was_made_of(
    value: object, places: list[int]
) -> None:
    assert read_selection(value, "here", 3) == places


def test_the_same_files_again_leave_nothing_to_press(
    project: Project, folder: Path
) -> None:
    (folder / "red_dress" / "notes.png").unlink()
    page = run_until(look_at(folder), "This is what would happen")
    run_until(press(page, "Bring in 3 pictures"), "3 pictures came in · labelled")
    page = run_until(look_at(folder), "all 3 are already here")
    offered = [button.label for button in page.main.button]
    assert "Choose other files" in offered
    assert not any("Fill" in label or "Bring" in label for label in offered)


def test_filling_in_says_how_many_pictures_it_answers_and_what_stays_open(
    project: Project, folder: Path
) -> None:
    create_labels(project, ["worn"], who="me")
    page = run_until(look_at(folder), "This is what would happen")
    page.main.selectbox[0].select("plain").run()
    page = run_until(page, "come in unlabelled")
    run_until(press(page, "Bring in 3 pictures"), "3 pictures came in")
    page = run_until(look_at(folder), "3 pictures already here would get answers")
    assert "Not everything is said: worn stays open on 3 pictures." in words(page)
    page = press(page, "Fill in the answers of 3 pictures")
    page = run_until(page, "Answers filled in")
    assert "worn stays open on 3 pictures" in words(page)


def test_an_import_is_undone_at_once_or_later(project: Project, folder: Path) -> None:
    page = run_until(look_at(folder), "This is what would happen")
    page = run_until(press(page, "Bring in 3 pictures"), "came in")
    take_back(page)
    assert (count_images(project), list_labels(project)) == (0, [])
    assert "Last import" not in words(open_page("data.py", "clothes"))
    page = run_until(look_at(folder), "This is what would happen")
    run_until(press(page, "Bring in 3 pictures"), "came in")
    page = open_page("data.py", "clothes")
    assert "Last import: 3 pictures came in · labelled blue, dress" in words(page)
    assert "People have" not in words(ask_to_undo(page))
    label_ids = [label.label_id for label in list_labels(project)]
    answer_many(
        project,
        list_image_ids(project)[:2],
        {label_ids[0]: None},
        who="Anna",
        batch_id="by-hand-0001",
    )
    asked = ask_to_undo(page)
    assert "People have answered 2 pictures of them since" in words(asked)
    take_back(asked)
    assert count_images(project) == 0
