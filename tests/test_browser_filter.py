"""Filters, saved views and queues in a real browser, as one person's story."""

import hashlib
import re
from collections.abc import Callable, Iterator
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
from playwright.sync_api import Browser, Locator, Page, expect

from storage.answers import set_many
from storage.images import add_images
from storage.labels import create_labels, set_group
from storage.projects import create_project
from storage.records import NewImage

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def server(home: Path, make_image: Callable[..., bytes]) -> Iterator[Server]:
    """Eight pictures: black or blue, of which every second is jeans."""
    with create_project("clothes") as project:
        colours = set_group(project, "colour", ["black", "blue"], "any", who="")
        [jeans] = create_labels(project, ["jeans"], who="")
        rows = []
        for number in range(8):
            data = make_image((20 * number, 90, 90), 32)
            sha256 = hashlib.sha256(data).hexdigest()
            new = NewImage(sha256, f"{number}.png", "png", 32, 32, len(data), "a/b")
            [image_id] = add_images(project, [(new, data)]).added.values()
            colour = colours.labels[number // 4].label_id
            yes = {colour, jeans.label_id} if number % 2 else {colour}
            rows.append((image_id, frozenset(yes)))
        set_many(project, rows, who="", batch_id="import")
        create_labels(project, ["pleated"], who="")
    with run_app(home) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def press_in(page: Page, menu: str, name: str) -> None:
    """Open a menu of the bar and press a button in it."""
    wait_for_app(page)  # a click while the page is drawn anew is lost
    page.locator(f".st-key-{menu} button").first.click()
    page.get_by_role("button", name=name).click()


def type_a_file_name_at_once(page: Page, position: Locator) -> None:
    """What comes after the slash is a name, from the first key, and answers nothing."""
    expect(position).to_have_text("1 of 8")
    for key in ("/", *"3.png", "Enter"):
        page.keyboard.press(key)
    expect(position).to_have_text("1 of 1")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(page.get_by_text("Not saved yet")).to_have_count(0)
    # The keys mean labels again.
    page.keyboard.press("1")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="name contains").click()
    expect(position).to_have_text(re.compile("of 8"))


def test_a_condition_a_saved_view_and_a_queue_with_its_reason(
    page: Page, server: Server
) -> None:
    show(page, server, "label", "clothes")
    position = page.locator(".position")
    type_a_file_name_at_once(page, position)
    page.get_by_role("button", name="Filter").click()
    field = page.get_by_role("textbox", name="Condition")
    field.press_sequentially("black and not jean", delay=20)
    expect(page.get_by_text("did you mean “jeans”?")).to_be_visible()
    field.press_sequentially("s", delay=20)
    expect(page.get_by_text("2 pictures in all")).to_be_visible()
    expect(position).to_have_text("1 of 2")
    assert field.input_value() == "black and not jeans"
    page.keyboard.press("Escape")
    page.locator(".st-key-label_views_menu button").first.click()
    page.get_by_placeholder("A name").fill("Black, no jeans")
    page.get_by_role("button", name="Save view").click()
    named = page.locator(".st-key-label_views_menu button").first
    expect(named).to_have_text(re.compile("Black, no jeans"))
    page.keyboard.press("Escape")

    chip = page.get_by_role("button", name="black and not jeans")
    chip.click()
    expect(position).to_have_text(re.compile("of 8"))
    expect(chip).to_have_count(0)
    press_in(page, "label_views_menu", "Black, no jeans")
    expect(position).to_have_text(re.compile("of 2"))
    page.reload()
    expect(position).to_have_text(re.compile("of 2"))
    expect(chip).to_be_visible()

    press_in(page, "label_queue_menu", "A label was added since · 8")
    expect(page.get_by_text("“pleated” was added since")).to_be_visible()
    expect(position).to_have_text(re.compile("of 2"))
