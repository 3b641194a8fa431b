"""Similar items with links that open safely, and a picture pasted to be classified."""

import numpy as np
from browser import IN_A_BROWSER, open_browser, run_app, show
from classified_pictures import add_run
from filled_project import HOSTILE
from playwright.sync_api import Page, expect

from mlcore.colour_features import WIDTH as COLOURS
from mlcore.feature_model import spec_of
from mlcore.feature_store import FeatureStore
from mlcore.recipes import QUICK
from storage.home import home_dir
from storage.images import get_images, image_path
from storage.projects import Project
from storage.similar_items import Item, put_items

pytestmark = IN_A_BROWSER
IN_TIME_MS = 30_000
# A clipboard that holds a picture, as a browser hands it over.
PASTE = """
async () => {
  const canvas = new OffscreenCanvas(8, 8)
  canvas.getContext("2d").fillRect(0, 0, 8, 8)
  const blob = await canvas.convertToBlob({ type: "image/png" })
  const clipboardData = new DataTransfer()
  clipboardData.items.add(new File([blob], "image.png", { type: "image/png" }))
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true })
  document.body.dispatchEvent(event)
}
"""


def look_for_alike(page: Page, path: str) -> None:
    page.get_by_text("Similar items", exact=True).click()
    field = page.get_by_test_id("stFileUploader").first
    field.locator("input[type=file]").set_input_files(path)
    first = page.locator("li.item").first
    expect(first).to_be_visible(timeout=IN_TIME_MS)
    expect(page.locator("li.item")).to_have_count(2)
    expect(page.locator("li.item img")).to_have_count(2)  # and none made of a title
    link = page.get_by_role("link", name="shop.example:8080")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("href", "https://shop.example:8080/1?a=b")
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    expect(page.locator("li.item a")).to_have_count(1)


def paste_a_picture(page: Page) -> None:
    page.get_by_text("Classify", exact=True).last.click()
    expect(page.get_by_text("Or paste one")).to_be_visible(timeout=IN_TIME_MS)
    page.evaluate(PASTE)
    # The run has no model: its sentence shows that the picture arrived.
    expect(page.get_by_text("1 picture not read")).to_be_visible(timeout=IN_TIME_MS)
    expect(page.get_by_text("Classify other pictures")).to_be_visible()


def test_items_alike_have_safe_links_and_a_pasted_picture_is_classified(
    project: Project, images: list[int]
) -> None:
    add_run(project)
    found = get_images(project, images)
    rows = np.random.default_rng(1).random((3, 40 + COLOURS), np.float32)
    store = FeatureStore(project, spec_of(QUICK.config), "made-with")
    store.append([image.sha256 for image in found], rows)
    put_items(
        project,
        [
            Item(images[1], HOSTILE, "19 €", "https://shop.example:8080/1?a=b"),
            Item(images[2], "Skirt", "", "javascript:alert(1)"),
        ],
    )
    with run_app(home_dir()) as server, open_browser() as browser:
        page = browser.new_page()
        show(page, server, "classify", project.name)
        look_for_alike(page, str(image_path(project, found[0])))
        paste_a_picture(page)
