"""Upload, plan, import and the gallery in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, Server, open_browser, run_app, show
from playwright.sync_api import Browser, Page, expect

from storage.images import count_images
from storage.projects import create_project, open_project

pytestmark = IN_A_BROWSER
HOSTILE = "red_<img src=x onerror=alert(1)>"
FILES = 120
LONG_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    create_project("clothes").db.close()
    with run_app(home) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A tab in which any dialog (a script that ran) or foreign request fails."""
    context = browser.new_context()
    tab = context.new_page()
    outside: list[str] = []
    tab.on("dialog", lambda dialog: outside.append(f"dialog {dialog.message}"))
    tab.on(
        "request",
        lambda request: (
            re.match(r"(http|ws)s?://(127\.0\.0\.1|localhost)|data:|blob:", request.url)
            or outside.append(request.url)
        ),
    )
    yield tab
    context.close()
    assert outside == []


@pytest.fixture
def folder(tmp_path: Path, make_image: Callable[..., bytes]) -> Path:
    """Pictures in three combinations, one of them with a hostile name."""
    source = tmp_path / "source"
    for number in range(FILES):
        name = ["red_dress", "blue_dress", HOSTILE][number % 3]
        (source / name).mkdir(parents=True, exist_ok=True)
        picture = make_image((number, number % 7, 99), 64)
        (source / name / f"{number}.png").write_bytes(picture)
    (source / "red_dress" / "text.png").write_text("not a picture")
    return source


def pictures_stored() -> int:
    with open_project("clothes") as project:
        return count_images(project)


def test_a_folder_of_many_files_arrives_and_comes_in(
    page: Page, server: Server, folder: Path
) -> None:
    show(page, server, "data", "clothes")
    page.locator("input[data-input=folder]").set_input_files(folder)
    expect(page.get_by_text("This is what would happen")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("1 file cannot be brought in")).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=alert(1)> · new")).to_be_visible()
    assert pictures_stored() == 0
    page.get_by_role("button", name=f"Bring in {FILES} pictures").click()
    expect(page.get_by_text(f"{FILES} pictures came in")).to_be_visible(timeout=LONG_MS)
    assert pictures_stored() == FILES
    page.get_by_role("button", name="Add more pictures").click()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()


def test_an_upload_goes_on_while_its_page_is_left(
    page: Page, server: Server, folder: Path
) -> None:
    show(page, server, "data", "clothes")
    # Held until the page was left; unroute lets the held ones go on.
    page.route("**/uploads/*/*", lambda route: None)
    page.locator("input[data-input=folder]").set_input_files(folder)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.unroute("**/uploads/*/*")
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_text("This is what would happen")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("button", name=f"Bring in {FILES}")).to_be_visible()


def test_files_that_fail_are_tried_again(
    page: Page, server: Server, folder: Path
) -> None:
    refusals = iter([True] * 5)

    def fail_first(route: "object") -> None:
        if next(refusals, False):
            route.abort()
        else:
            route.continue_()

    show(page, server, "data", "clothes")
    page.route("**/uploads/*/*", fail_first)
    page.locator("input[data-input=folder]").set_input_files(folder)
    expect(page.get_by_role("button", name=f"Bring in {FILES}")).to_be_visible(
        timeout=LONG_MS
    )


def test_a_cancelled_upload_brings_nothing_in(
    page: Page, server: Server, folder: Path
) -> None:
    show(page, server, "data", "clothes")
    page.route("**/uploads/*/*", lambda route: None)
    page.locator("input[data-input=folder]").set_input_files(folder)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was brought in.")).to_be_visible()
    page.get_by_role("button", name="Choose others").click()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()
    assert pictures_stored() == 0


def test_selected_pictures_are_deleted_and_come_back(
    page: Page, server: Server, folder: Path
) -> None:
    show(page, server, "data", "clothes")
    files = sorted((folder / "blue_dress").iterdir())
    page.locator("input[data-input=files]").set_input_files(files)
    page.get_by_role("button", name="Bring in").click(timeout=LONG_MS)
    expect(page.get_by_text("came in")).to_be_visible(timeout=LONG_MS)
    page.get_by_role("radio", name="Pictures", exact=True).click()
    page.locator("button.tile").nth(0).click()
    page.locator("button.tile").nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 pictures selected")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("3 pictures deleted")).to_be_visible()
    assert pictures_stored() == len(files) - 3
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("3 pictures selected")).to_be_visible()
    assert pictures_stored() == len(files)
