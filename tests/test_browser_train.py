"""A first model by one click, and a changed recipe that is kept, in a real browser."""

from collections.abc import Iterator

import pytest
from browser import (
    IN_A_BROWSER,
    Server,
    open_browser,
    run_app,
    show,
    wait_for_app,
)
from playwright.sync_api import Locator, Page, expect
from tiny_training import make_project

pytestmark = IN_A_BROWSER
TRAINING_TIMEOUT_MS = 240_000


@pytest.fixture
def server(home: object) -> Iterator[Server]:
    from storage.home import home_dir

    make_project("shapes")
    with run_app(home_dir()) as running:
        yield running


def keyed(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}")


def train_with_one_click(page: Page) -> None:
    expect(page.get_by_text("First model in seconds fits best here")).to_be_visible()
    expect(page.get_by_text("looks once at 32 pictures")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("Run 1 finished")).to_be_visible(
        timeout=TRAINING_TIMEOUT_MS
    )
    wait_for_app(page)


def change_and_save(page: Page) -> None:
    page.get_by_text("Start another run").click()
    expect(page.get_by_text("only the answers are fitted")).to_be_visible()
    wait_for_app(page)  # a click while the page is drawn anew is lost
    page.get_by_text("All settings", exact=True).click()
    page.get_by_role("tab", name="More").click()
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("7")
    seed.press("Enter")
    expect(page.get_by_text("1 setting changed from the recipe")).to_be_visible()
    expect(seed).to_be_visible()  # what was open stays open
    page.get_by_role("button", name="Save as a recipe").click()
    page.get_by_role("textbox", name="Name").fill("Seven")
    page.get_by_role("textbox", name="Name").press("Tab")
    wait_for_app(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as “Seven”.")).to_be_visible()


def find_it_again(page: Page) -> None:
    page.get_by_text("Start another run").click()
    page.get_by_role("tab", name="Saved").click()
    card = page.locator("[class*='st-key-train_recipe_card_own']")
    expect(card.get_by_text("Seven")).to_be_visible()
    card.get_by_role("button", name="Use this").click()
    expect(card.get_by_role("button", name="Chosen")).to_be_disabled()
    card.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“Seven” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(card.get_by_text("Seven")).to_be_visible()
    # A fine-tuned network has its pictures varied, and shows how.
    page.get_by_role("tab", name="Ours").click()
    keyed(page, "train_choose_fast").get_by_role("button").click()
    page.get_by_text("Vary the pictures, with a preview").click()
    expect(page.get_by_role("list", name="Pictures as training")).to_be_visible()
    expect(page.locator(".variation img")).to_have_count(16)


@pytest.mark.timeout(400)
def test_one_click_trains_and_a_changed_recipe_is_found_again(server: Server) -> None:
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        show(page, server, "train", "shapes")
        train_with_one_click(page)
        change_and_save(page)
        show(page, server, "train", "shapes")
        find_it_again(page)
