"""The Coverage page in a real browser: from a warning to pictures that arrive."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, Server, open_browser, run_app, show
from PIL import Image as Pictures
from playwright.sync_api import Page, expect

from mlcore.shopping_targets import list_targets
from storage.answers import set_many
from storage.images import add_images
from storage.labels import list_labels, set_group
from storage.projects import create_project, open_project
from storage.records import NewImage

pytestmark = IN_A_BROWSER

MakeImage = Callable[..., bytes]
NASTY = "<i>black</i>"


def add(make_image: MakeImage, colour: str, garment: str, first: int, end: int) -> None:
    """Add pictures of one combination to the project, labelled, as an import does."""
    with open_project("clothes") as project:
        ids = {label.name: label.label_id for label in list_labels(project)}
        rows = []
        for number in range(first, end):
            data = make_image((number, ids[colour], ids[garment]), 32)
            sha256 = hashlib.sha256(data).hexdigest()
            new = NewImage(sha256, f"{number}.png", "png", 32, 32, len(data), "a")
            [image_id] = add_images(project, [(new, data)]).added.values()
            rows.append((image_id, frozenset({ids[colour], ids[garment]})))
        set_many(project, rows, who="", batch_id=f"import {colour} {garment} {first}")


@pytest.fixture
def server(home: Path, make_image: MakeImage) -> Iterator[Server]:
    """Three of four combinations; no picture shows a black dress."""
    with create_project("clothes") as project:
        set_group(project, "colour", [NASTY, "red"], "exactly-one", who="")
        set_group(project, "garment", ["dress", "jeans"], "exactly-one", who="")
    for colour, garment in ((NASTY, "jeans"), ("red", "dress"), ("red", "jeans")):
        add(make_image, colour, garment, 0, 3)
    with run_app(home) as running:
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with open_browser() as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 900})


def test_from_a_gap_on_the_map_to_pictures_that_fill_it(
    page: Page, server: Server, make_image: MakeImage, tmp_path: Path
) -> None:
    show(page, server, "coverage", "clothes")
    expect(page.get_by_text("3 of 4 combinations present (75 %)")).to_be_visible()
    gap = page.get_by_role("button", name=re.compile(r"\+ dress: 0 pictures"))
    expect(gap).to_have_attribute("aria-pressed", "true")
    panel = page.locator(".st-key-coverage_panel")
    expect(panel.get_by_text("No picture shows this.")).to_be_visible()

    save_the_map(page, tmp_path)
    set_a_target_of_two(page)
    print_the_sheet(page)

    page.locator(".st-key-coverage_shopping").scroll_into_view_if_needed()
    main = page.get_by_test_id("stMain")
    before = main.evaluate("node => node.scrollTop")
    add(make_image, NASTY, "dress", 0, 2)
    done = page.locator("li.row.done")
    expect(done).to_contain_text("Done: 2 pictures", timeout=15_000)
    expect(page.get_by_text("4 of 4 combinations present (100 %)")).to_be_attached()
    assert abs(main.evaluate("node => node.scrollTop") - before) < 150


def save_the_map(page: Page, tmp_path: Path) -> None:
    for kind, head in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as caught:
            page.get_by_text(kind, exact=True).click()
        path = tmp_path / kind
        caught.value.save_as(path)
        assert path.read_bytes().startswith(head)
    with Pictures.open(tmp_path / "PNG") as drawn:
        assert len(drawn.convert("RGB").getcolors(100_000) or []) > 4


def set_a_target_of_two(page: Page) -> None:
    field = page.get_by_label(f"Pictures wanted of {NASTY} + dress")
    field.fill("2")
    field.press("Enter")
    expect(page.get_by_label(f"Forget the number for {NASTY} + dress")).to_be_visible()
    with open_project("clothes") as project:
        assert [target.wanted for target in list_targets(project)] == [2]


def print_the_sheet(page: Page) -> None:
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sheet to print").click()
    sheet = opened.value
    expect(sheet.get_by_role("heading", name=f"{NASTY} dress")).to_be_visible()
    assert sheet.locator("img").first.evaluate("image => image.naturalWidth") > 0
    sheet.close()
