"""Pictures come in, the tab is closed, they go on coming; then all of it goes out."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, Server, open_browser, run_app, show
from playwright.sync_api import Browser, Page, Route, expect

from storage.images import count_images
from storage.projects import create_project, open_project, uploads_dir

pytestmark = IN_A_BROWSER
LONG_MS = 60_000
FILES = 130


@pytest.fixture
def folder(tmp_path: Path, make_image: Callable[..., bytes]) -> Path:
    for number in range(FILES):
        path = (
            tmp_path / "source" / ("red_hat", "blue_hat")[number % 2] / f"{number}.png"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_image((number, 1, 9), 16))
    return tmp_path / "source"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def download(page: Page, number: int, target: Path) -> Path:
    links = page.get_by_role("link", name="Download")
    expect(links).to_have_count(number, timeout=LONG_MS)
    with page.expect_download() as waiting:
        links.last.click()
    waiting.value.save_as(target)
    return target


def close_half_way(browser: Browser, server: Server, folder: Path) -> None:
    """Let one of the two requests through, then close the tab."""
    page = browser.new_page()
    seen: list[str] = []

    def only_first(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            route.continue_()
        # The other hangs until the tab is closed.

    show(page, server, "data", "clothes")
    page.route("**/bundle", only_first)
    page.locator("input[data-input=folder]").set_input_files(folder)
    counter = page.get_by_text(re.compile(rf"(100|30) of {FILES} files"))
    expect(counter).to_be_visible(timeout=LONG_MS)
    press(page, "Pause")
    expect(page.get_by_text("Paused")).to_be_visible()
    page.close()


def go_on(page: Page, folder: Path) -> None:
    """Choose the same folder again: only the other half is sent."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("input[data-input=folder]").set_input_files(folder)
    plan = page.get_by_text("This is what would happen")
    expect(plan).to_be_visible(timeout=LONG_MS)
    assert len([url for url in sent if url.endswith("/bundle")]) == 1
    press(page, f"Bring in {FILES} pictures")
    done = page.get_by_text(f"{FILES} pictures came in")
    expect(done).to_be_visible(timeout=LONG_MS)


def take_out(page: Page, target: Path) -> tuple[Path, Path]:
    """Download the data set, then the whole project."""
    page.get_by_role("radio", name="Take out").click()
    press(page, f"Prepare {FILES} pictures")
    data = download(page, 1, target / "data.zip")
    press(page, "Prepare the project")
    return data, download(page, 2, target / "whole.zip")


def open_zips(page: Page, data: Path, whole: Path) -> None:
    """Try the wrong zip, which is refused with words, then the right one."""
    press(page, "New project")
    press(page, "Open a project zip")
    page.locator("input[data-input=zip]").set_input_files(data)
    refusal = page.get_by_text("is not a project packed by Unseen")
    expect(refusal).to_be_visible(timeout=LONG_MS)
    page.locator("input[data-input=zip]").set_input_files(whole)
    heading = page.get_by_role("heading", name="clothes 2")
    expect(heading).to_be_visible(timeout=LONG_MS)


def test_an_upload_goes_on_after_a_closed_tab_and_all_of_it_goes_out_again(
    home: Path, tmp_path: Path, folder: Path
) -> None:
    with create_project("clothes") as project:
        staged = uploads_dir(project)
    with run_app(home) as server, open_browser() as browser:
        close_half_way(browser, server, folder)
        page = browser.new_page()
        show(page, server, "data", "clothes")
        go_on(page, folder)
        assert not list(staged.glob("u*"))
        data, whole = take_out(page, tmp_path)
        open_zips(page, data, whole)
    with zipfile.ZipFile(data) as archive:
        assert len(archive.namelist()) == FILES + 1
    with open_project("clothes 2") as back:
        assert count_images(back) == FILES
