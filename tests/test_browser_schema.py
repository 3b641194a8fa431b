"""Labels and groups in a real browser: order, examples, and what a new label opens."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, open_browser, run_app, show
from playwright.sync_api import Locator, Page, expect

from storage.answers import answer_many
from storage.images import add_images
from storage.labels import label_examples, list_labels, set_group
from storage.projects import create_project, open_project
from storage.records import NewImage

pytestmark = IN_A_BROWSER
LONG_MS = 30_000


@pytest.fixture
def page(home: Path, make_image: Callable[..., bytes]) -> Iterator[Page]:
    """The editor of a project with five pictures and three labels."""
    with create_project("clothes") as project:
        batch = []
        for number in range(5):
            data = make_image((number * 40, 90, 0), 64)
            sha256 = hashlib.sha256(data).hexdigest()
            new = NewImage(sha256, f"{number}.png", "png", 64, 64, len(data), "test")
            batch.append((new, data))
        added = list(add_images(project, batch).added.values())
        set_group(project, "colour", ["black", "blue", "red"], "exactly-one", who="")
        answer_many(project, added, {1: True}, who="", batch_id="all", complete=True)
    with run_app(home) as server, open_browser() as browser:
        tab = browser.new_page(viewport={"width": 400, "height": 800})
        tab.set_default_timeout(LONG_MS)
        show(tab, server, "label", "clothes")
        tab.get_by_role("radio", name="Labels and groups").click()
        yield tab


def names() -> list[str]:
    with open_project("clothes") as project:
        return [label.name for label in list_labels(project)]


def order_by_hand(page: Page) -> None:
    page.locator(".st-key-label_order_open_1 button").click()
    rows = page.get_by_role("dialog").locator(".order li")
    shown = rows.locator(".name")
    expect(shown).to_have_text(["black", "blue", "red"], timeout=LONG_MS)
    rows.nth(2).locator(".handle").hover()
    page.mouse.down()
    box = rows.nth(0).bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 4, steps=4)
    page.mouse.up()
    expect(shown).to_have_text(["red", "black", "blue"])
    page.get_by_role("button", name="Move blue up").click()
    expect(shown).to_have_text(["red", "blue", "black"])
    page.get_by_role("button", name="Save order").click()
    done = page.get_by_text("Last change: Changed the order")
    expect(done).to_be_visible(timeout=LONG_MS)


def open_examples(page: Page) -> Locator:
    page.locator(".st-key-label_edit_1 button:visible").click()
    page.get_by_role("dialog").get_by_role("radio", name="Examples").click()
    tiles = page.get_by_role("dialog").locator("button.tile")
    expect(tiles).to_have_count(5, timeout=LONG_MS)
    return tiles


def choose_examples(page: Page) -> None:
    tiles = open_examples(page)
    for place in (1, 3):
        tiles.nth(place).click()
        expect(tiles.nth(place)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Save examples").click()
    done = page.get_by_text("Last change: Chose examples of black")
    expect(done).to_be_visible(timeout=LONG_MS)


def test_labels_are_ordered_get_examples_and_open_old_pictures(page: Page) -> None:
    order_by_hand(page)
    assert names() == ["red", "blue", "black"]

    choose_examples(page)
    with open_project("clothes") as project:
        assert len(label_examples(project)[1]) == 2
    chosen = open_examples(page).and_(page.locator("[aria-pressed=true]"))
    expect(chosen).to_have_count(2)
    page.keyboard.press("Escape")

    page.get_by_placeholder("Add labels").last.fill("striped")
    page.get_by_role("button", name="Add", exact=True).last.click()
    note = page.get_by_text("striped: 5 pictures are open")
    expect(note).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Label them").click()
    why = page.get_by_text("“striped” was added since").first
    expect(why).to_be_visible(timeout=LONG_MS)
