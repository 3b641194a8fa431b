"""Review in a real browser: what to do next, what it stands on, a report to send."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import (
    IN_A_BROWSER,
    Server,
    choose_option,
    open_browser,
    run_app,
    wait_for_app,
)
from playwright.sync_api import Page, expect
from pretended_runs import pretend_run
from tiny_training import make_project

from storage.images import delete_images, list_images
from storage.labels import list_labels
from storage.projects import open_project
from storage.records import Filter
from storage.splits import assign_splits

pytestmark = IN_A_BROWSER
DRAWN_MS = 30_000


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """Two runs of a project that has no wide red picture, the newer one worse."""
    with open_project(make_project(each=8)) as project:
        ids = {label.name: label.label_id for label in list_labels(project)}
        both = Filter(label_ids=(ids["red"], ids["wide"]))
        gone = [image.image_id for image in list_images(project, both)]
        delete_images(project, gone, who="", batch_id="gone")
        kept = [image.image_id for image in list_images(project, Filter())]
        parts = ("train", "validation")
        assign_splits(project, {i: parts[n % 2] for n, i in enumerate(kept)})
        pretend_run(project)
        pretend_run(project, wrong=3)
    with run_app(home) as running:
        yield running


def read_the_story(page: Page) -> None:
    expect(page.get_by_text("Right on all labels for 9 of 12")).to_be_visible(
        timeout=DRAWN_MS
    )
    steps = page.locator(".st-key-review_steps")
    expect(steps.get_by_text("Collect about 30 pictures of red wide")).to_be_visible(
        timeout=DRAWN_MS
    )
    labels = page.get_by_role("table", name="Figures per label")
    expect(labels.locator("tbody tr")).to_have_count(4, timeout=DRAWN_MS)
    expect(labels.locator("svg.shape rect").first).to_be_visible(timeout=DRAWN_MS)
    bar = labels.locator("tbody tr").first.locator("td.bar").first
    assert "likely" in (bar.get_attribute("title") or "")
    assert bar.locator(".range").count() == 1


def go_where_a_step_leads(page: Page) -> None:
    page.locator(".st-key-review_steps").get_by_text("See them").first.click()
    wait_for_app(page)
    tab = page.get_by_role("tab", name="Wrong pictures")
    expect(tab).to_have_attribute("aria-selected", "true", timeout=DRAWN_MS)
    expect(tab).to_be_in_viewport(timeout=DRAWN_MS)


def compare_with_the_run_before(page: Page) -> None:
    page.get_by_role("tab", name="Another run").click()
    wait_for_app(page)
    closer = page.locator(".st-key-review_closer")
    expect(closer.get_by_text("0 newly right, 3 no longer")).to_be_visible(
        timeout=DRAWN_MS
    )
    expect(closer.get_by_text("Right before, wrong now (3)")).to_be_visible(
        timeout=DRAWN_MS
    )


def move_a_threshold(page: Page) -> None:
    """The sentence beside the slider says at once what it changes."""
    box = page.locator(".st-key-review_thresholds")
    choose_option(page, box.get_by_role("combobox"), "One threshold for all")
    slider = box.get_by_role("slider")
    slider.focus()
    slider.press("End")
    expect(box.get_by_text("of 12 pictures right on all labels")).to_be_visible(
        timeout=DRAWN_MS
    )


def take_the_report(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="Make an HTML file").click()
    ready = page.get_by_role("button", name="Download the HTML file")
    expect(ready).to_be_visible(timeout=DRAWN_MS)
    with page.expect_download() as download:
        ready.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.endswith("-report.html")
    page.goto(path.as_uri())
    expect(page.get_by_role("heading", name="Model card")).to_be_visible(
        timeout=DRAWN_MS
    )
    assert page.locator("img").count() > 3
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


def test_review_says_what_to_do_next_and_gives_a_report(
    server: Server, tmp_path: Path
) -> None:
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{server.url}/review?project=tiny")
        read_the_story(page)
        move_a_threshold(page)
        go_where_a_step_leads(page)
        compare_with_the_run_before(page)
        page.set_viewport_size({"width": 400, "height": 800})
        take_the_report(page, tmp_path)
