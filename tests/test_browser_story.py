"""The whole job once, as a newcomer does it, in a real browser."""

import os
import re
from collections.abc import Iterator

import pytest
from browser import (
    IN_A_BROWSER,
    Server,
    open_browser,
    run_app,
    wait_for_app,
)
from playwright.sync_api import Page, expect

from mlcore.before_after import compare_doubted, count_right
from storage.images import progress
from storage.projects import open_project
from storage.runs import list_runs

pytestmark = IN_A_BROWSER
PROJECT = "Sample clothes"
TRAINING_TIMEOUT_MS = 240_000


@pytest.fixture
def server(home: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from storage.home import home_dir

    with run_app(home_dir()) as running:
        yield running


def go_to(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    wait_for_app(page)


def make_sample_project(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Try it with sample pictures").click()
    expect(page.get_by_role("heading", level=1, name=PROJECT)).to_be_visible(
        timeout=90_000
    )
    tiles = page.get_by_test_id("stMetricValue")
    for place, value in enumerate(("360", "97 %", "6", "6 of 9")):
        expect(tiles.nth(place)).to_have_text(value)


def label_five_by_keyboard(page: Page) -> None:
    go_to(page, "Label")
    expect(page.get_by_text("348 of 360 labelled")).to_be_visible()
    for _ in range(5):
        for key in ("1", "5", "Enter"):
            page.keyboard.press(key)
    expect(page.get_by_text("353 of 360 labelled")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()


def train_with_one_click(page: Page) -> None:
    go_to(page, "Train")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Run 1 finished")).to_be_visible(
        timeout=TRAINING_TIMEOUT_MS
    )


def look_at_review(page: Page) -> None:
    go_to(page, "Review")
    page.get_by_text("More figures", exact=True).click()
    for name in ("Exact match", "Macro F1", "Avg. precision"):
        shown = page.get_by_text(name, exact=True).filter(visible=True).first
        expect(shown).to_be_visible()


def classify_unseen_pictures(page: Page) -> None:
    go_to(page, "Classify")
    page.get_by_text("Pictures the model has never seen").click()
    page.get_by_role("button", name="Classify all 36").click()
    warning = page.get_by_text("no training picture shows “black dress”")
    expect(warning.first).to_be_visible(timeout=90_000)
    expect(page.get_by_text("black-dress-01.jpg").first).to_be_visible()


def queue_what_is_doubtful(page: Page) -> int:
    """Put the doubtful pictures into the labeling queue and go there; how many."""
    expect(page.get_by_text("36 pictures").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=re.compile(r"Put \d+ doubtful")).click()
    waiting = page.get_by_role("button", name=re.compile(r"Label the \d+ waiting"))
    expect(waiting).to_be_visible()
    expect(page.get_by_text("All doubtful are in the queue").first).to_be_visible()
    expect(page.get_by_role("heading", name="Arriving in use")).to_be_visible()
    count = int(re.findall(r"\d+", waiting.inner_text())[0])
    waiting.click()
    expect(page.get_by_role("heading", level=1, name="Label")).to_be_visible()
    return count


def label_the_queue(page: Page, count: int) -> None:
    """Label as the names of the files say; the queue says why each is asked for."""
    keys = {"black": "1", "blue": "2", "red": "3", "dress": "4", "jeans": "5"}
    expect(page.get_by_text("Read as ").first).to_be_visible()
    for number in range(count):
        expect(page.get_by_text(f"{number + 1} of {count}", exact=True)).to_be_visible()
        name = page.get_by_text(re.compile(r"^\w+-\w+-\d+\.jpg$")).first.inner_text()
        for word in name.split("-")[:2]:
            page.keyboard.press(keys.get(word, "6"))
        page.keyboard.press("Enter")
    expect(page.get_by_text("All saved")).to_be_visible()
    expect(page.get_by_text(f"{count} newly labelled")).to_be_visible(timeout=20_000)


def train_again_and_compare(page: Page) -> None:
    page.get_by_role("button", name="Train again with these").click()
    expect(page.get_by_text("Run 2 finished")).to_be_visible(
        timeout=TRAINING_TIMEOUT_MS
    )
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible()
    expect(page.get_by_text("held-out pictures of both runs")).to_be_visible(
        timeout=90_000
    )
    expect(page.get_by_text("After: run 2").first).to_be_visible()


@pytest.mark.timeout(600)
def test_from_sample_pictures_over_the_warning_to_a_model_that_knows_black_dresses(
    server: Server,
) -> None:
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        make_sample_project(page, server)
        label_five_by_keyboard(page)
        go_to(page, "Coverage")
        expect(page.get_by_text("6 of 9 combinations present")).to_be_visible()
        expect(page.get_by_text("black dress").first).to_be_visible()
        train_with_one_click(page)
        look_at_review(page)
        classify_unseen_pictures(page)
        count = queue_what_is_doubtful(page)
        label_the_queue(page, count)
        train_again_and_compare(page)
        if "UNSEEN_SHOT" in os.environ:
            page.screenshot(path=os.environ["UNSEEN_SHOT"], full_page=True)
    with open_project(PROJECT) as project:
        assert progress(project).labelled == 353 + count
        run = list_runs(project)[0]
        found = compare_doubted(project, run)
        assert len(found.rows) == count
        assert found.unlearned
        before, after = count_right(found.unlearned)
        assert before <= after == len(found.unlearned)
