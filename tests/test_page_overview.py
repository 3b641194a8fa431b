"""The Overview and the frame around every page, as scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filled_project import fill
from streamlit.testing.v1 import AppTest

from pages.parts.next_step import next_step
from pages.parts.sample_start import Making, make
from storage.answers import answer_many
from storage.labels import set_group
from storage.projects import Project, create_project
from storage.records import Progress
from storage.runs import create_run, request_stop

MAIN = Path(__file__).parent.parent / "pages" / "main.py"
MakeImage = Callable[..., bytes]


def open_page(page_file: str = "overview.py", project: str | None = None) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=20)
    if project is not None:
        page.query_params["project"] = project
    page.switch_page(page_file)
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    shown = [*page.title, *page.markdown, *page.caption, *page.error, *page.success]
    return "\n".join(str(element.value) for element in shown)


def test_without_a_project_there_are_two_ways_to_begin() -> None:
    page = open_page()
    assert page.title[0].value == "Welcome to Unseen"
    buttons = [button.label for button in page.button]
    assert "Try it with sample pictures" in buttons
    assert "Create project" in buttons


def test_creating_a_project_opens_its_data_page() -> None:
    page = open_page()
    field = next(f for f in page.main.text_input if f.label == "Name of the project")
    field.set_value("Winter coats")
    page.main.button[1].click().run()
    assert not page.exception
    assert page.title[0].value == "Data"
    assert page.session_state["project_name"] == "Winter coats"


@pytest.mark.parametrize("name", ["", "a/b", "x" * 300, "../up", "clothes"])
def test_a_bad_project_name_is_refused_in_words(project: Project, name: str) -> None:
    page = open_page(project="clothes")
    page.sidebar.text_input[0].set_value(name)
    press = [b for b in page.sidebar.button if b.label == "Create project"]
    press[0].click().run()
    assert not page.exception
    assert len(page.error) == 1


def test_an_empty_project_asks_for_pictures(project: Project) -> None:
    page = open_page(project="clothes")
    assert page.title[0].value == "clothes"
    assert "Bring pictures in" in words(page)
    assert [tile.value for tile in page.metric][:2] == ["0", "–"]


def test_a_filled_project_shows_where_it_stands(
    project: Project, make_image: MakeImage
) -> None:
    ids = fill(project, make_image, 4)
    colours = set_group(project, "colour", ["black", "red"], "exactly-one", who="")
    kinds = set_group(project, "kind", ["dress", "jeans"], "exactly-one", who="")
    yes = {colours.labels[0].label_id: True, kinds.labels[0].label_id: True}
    answer_many(project, ids[:3], yes, who="", batch_id="b", complete=True)
    page = open_page(project="clothes")
    assert [tile.value for tile in page.metric] == ["4", "75 %", "4", "1 of 4", "0"]
    assert "3 of 4 labelled" in words(page)
    assert "combinations are missing" in words(page)


def test_a_project_of_the_address_wins_and_is_kept(project: Project) -> None:
    create_project("other").db.close()
    page = open_page(project="other")
    assert page.session_state["project_name"] == "other"
    page.switch_page("settings.py").run()
    assert page.session_state["project_name"] == "other"


def test_an_unknown_project_in_the_address_opens_one_that_is_there(
    project: Project,
) -> None:
    page = open_page(project="nowhere")
    assert page.session_state["project_name"] == "clothes"


def test_a_damaged_project_is_a_sentence_and_the_picker_still_works(
    project: Project, home: Path
) -> None:
    (home / "broken").mkdir()
    (home / "broken" / "project.db").write_text("not a database, but long enough" * 9)
    page = open_page(project="broken")
    assert "damaged" in page.error[0].value
    page.sidebar.selectbox[0].select("clothes").run()
    assert page.title[0].value == "clothes"


@pytest.mark.parametrize(
    "page_file",
    ["data.py", "label.py", "coverage.py", "train.py", "review.py", "classify.py"],
)
def test_without_a_project_every_page_shows_the_way(page_file: str) -> None:
    page = open_page(page_file)
    assert "No project yet" in words(page)


@pytest.mark.parametrize(
    ("progress", "labels", "page"),
    [
        (Progress(0, 0, 0), 0, "data.py"),
        (Progress(9, 0, 0), 0, "label.py"),
        (Progress(9, 0, 0), 3, "label.py"),
        (Progress(100, 5, 5), 3, "label.py"),
        (Progress(100, 50, 5), 3, "train.py"),
        (Progress(6, 6, 6), 3, "train.py"),
    ],
)
def test_the_next_step_follows_from_what_is_there(
    progress: Progress, labels: int, page: str
) -> None:
    assert next_step(progress, labels, []).page == page


def test_a_run_under_way_is_what_to_watch(project: Project) -> None:
    run = create_run(project, recipe="smallervggnet", config={}, epochs_total=2)
    assert next_step(Progress(9, 9, 9), 2, [run]).page == "train.py"
    request_stop(project, run.run_id, discard=True)


def test_the_latest_run_is_shown_with_its_state(
    project: Project, make_image: MakeImage
) -> None:
    fill(project, make_image, 1)
    create_run(project, recipe="smallervggnet", config={}, epochs_total=20)
    page = open_page(project="clothes")
    assert (
        "**Run 1** · Clothes tutorial :gray-badge[:material/schedule: Waiting]"
        in words(page)
    )
    assert "0 of 20 epochs" in words(page)


def test_a_sample_project_that_cannot_be_made_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("UNSEEN_HOME", str(tmp_path / "file"))
    making = Making()
    make(making)
    assert making.finished
    assert "UNSEEN_HOME" in making.error


@pytest.mark.slow
def test_an_address_that_names_no_project_says_which_one_is_shown(
    project: Project,
) -> None:
    page = open_page(project="nope")
    assert "There is no project “nope” here" in page.warning[0].value
    assert project.name in page.warning[0].value
