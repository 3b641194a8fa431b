"""A run watched while it trains, then beside another one, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import (
    IN_A_BROWSER,
    Server,
    open_browser,
    run_app,
    show,
    wait_for_app,
)
from playwright.sync_api import Page, expect
from tiny_training import TINY, make_project

from mlcore import jobs
from storage.projects import open_project
from storage.records import Epoch
from storage.runs import add_epoch, claim_next, finish_run

pytestmark = IN_A_BROWSER
TRAINING_TIMEOUT_MS = 240_000
LOOK_EVERY_MS = 250
DRAWN_MS = 30_000


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    name = make_project(each=3)
    add_earlier_run(name)
    with run_app(home) as running:
        yield running


def add_earlier_run(name: str) -> None:
    """A run of five epochs that nobody had to wait for."""
    with open_project(name) as project:
        jobs.enqueue(project, TINY.with_changes(epochs=5, learning_rate=0.01))
        run = claim_next(project)
        assert run is not None
        for at in range(1, 6):
            found = {"loss": 1 / at, "val_loss": 1.2 / at, "val_exact_match": at / 6}
            add_epoch(project, run.run_id, run.attempt, Epoch(at, 1.0, found))
        finish_run(
            project,
            run.run_id,
            run.attempt,
            "finished",
            seconds=5.0,
            best_epoch=5,
            metrics={"exact_match": 0.83, "f2": 0.9, "split": "validation"},
        )


def watch_to_the_end(page: Page) -> None:
    """The card keeps its height from the first look until the run is over."""
    card = page.locator(".st-key-train_running")
    expect(card.get_by_text("Time left")).to_be_visible(timeout=DRAWN_MS)
    # The first chart of a session waits for Plotly itself.
    expect(card.locator(".js-plotly-plot").nth(1)).to_be_visible(timeout=DRAWN_MS)
    wait_for_app(page)
    over = page.get_by_text("Run 2 finished").first
    heights = set()
    for _ in range(TRAINING_TIMEOUT_MS // LOOK_EVERY_MS):
        if over.is_visible():
            break
        # It is gone, or 0 px high, while it is taken away: then the run is over.
        found = card.evaluate_all("all => all.map(e => e.offsetHeight)")
        heights |= {height for height in found if height}
        page.wait_for_timeout(LOOK_EVERY_MS)
    expect(over).to_be_visible()
    assert heights and max(heights) - min(heights) <= 2, heights


def compare_both(page: Page) -> None:
    page.get_by_text("Compare runs").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=DRAWN_MS)
    expect(page.get_by_text("All of them learned from the same")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    table = Path(download.value.path()).read_text().splitlines()
    assert table[0].startswith("Run,Exact match,Recipe") and len(table) == 3
    assert "Learning rate" in table[0]
    page.get_by_role("tab", name="Curves").click()
    legend = page.locator(".st-key-train_overlay .legendtext")
    names = ["Run 2 · Clothes tutorial", "Run 1 · Clothes tutorial"]
    expect(legend).to_have_text(names, timeout=DRAWN_MS)


def take_settings_from_below(page: Page) -> None:
    """The form opens at the top, so the page goes there by itself."""
    main = page.get_by_test_id("stMain")
    row = page.locator(".st-key-train_run_1")
    row.get_by_role("button", name="Again").click()
    page.get_by_role("button", name="Use these settings").click()
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    wait_for_app(page)
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_in_viewport()
    assert main.evaluate("e => e.scrollHeight > e.clientHeight")


@pytest.mark.timeout(600)
def test_a_run_is_watched_and_then_compared(server: Server) -> None:
    jobs.submit("tiny", TINY.with_changes(epochs=8))
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        show(page, server, "train", "tiny")
        watch_to_the_end(page)
        compare_both(page)
        take_settings_from_below(page)
        page.set_viewport_size({"width": 400, "height": 900})
        expect(page.locator(".st-key-train_overlay")).to_be_visible()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
