"""A file with labels of pictures that are here already, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browser import (
    IN_A_BROWSER,
    choose_option,
    open_browser,
    run_app,
    show,
    wait_for_app,
)
from playwright.sync_api import expect

from mlcore.importing import ImportOptions, run_import
from storage.answers import answer, answers_of
from storage.images import list_images
from storage.labels import create_labels, list_labels
from storage.projects import create_project, open_project

pytestmark = IN_A_BROWSER
LONG_MS = 60_000
TABLE = "image_name,tags\n0.png,tee;<b>new</b>\n1.png,dress\n2.png,junk\n9.png,tee\n"


@pytest.fixture
def clothes(home: Path, tmp_path: Path, make_image: Callable[..., bytes]) -> None:
    """Three pictures; a person said that the second is a shirt and no dress."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        picture = make_image((number * 60, 90, 99), 64)
        (folder / f"{number}.png").write_bytes(picture)
    with create_project("clothes") as project:
        run_import(project, folder, ImportOptions(layout="plain"), who="me")
        shirt, dress = create_labels(project, ["shirt", "dress"], who="me")
        image = next(x for x in list_images(project) if x.name == "1.png")
        said = {shirt.label_id: True, dress.label_id: False}
        answer(project, image.image_id, said, who="eve", batch_id="1")


def yes_names() -> list[set[str]]:
    with open_project("clothes") as project:
        names = {label.label_id: label.name for label in list_labels(project)}
        ids = [x.image_id for x in list_images(project, order="name")]
        told = answers_of(project, ids)
        return [{names[x] for x, said in told[i].items() if said} for i in ids]


def test_unknown_labels_are_asked_for_once_and_what_differs_is_shown(
    clothes: None, home: Path, tmp_path: Path
) -> None:
    table = tmp_path / "labels.csv"
    table.write_text(TABLE)
    with run_app(home) as server, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        show(page, server, "data", "clothes")
        page.locator("input[data-input=files]").set_input_files(table)
        happens = page.get_by_text("This is what would happen")
        expect(happens).to_be_visible(timeout=LONG_MS)
        expect(page.get_by_text("3 labels this project does not have")).to_be_visible()
        expect(page.get_by_text("No picture called “9.png”")).to_be_visible()
        page.get_by_text("Show which").click()
        # Of shirts the table speaks only once “tee” counts as one.
        says = page.get_by_text("here not dress · the files say dress")
        expect(says).to_be_visible()
        for name, choice in [("tee", "shirt"), ("junk", "Leave it out")]:
            choose_option(page, page.get_by_role("combobox", name=name), choice)
        page.get_by_text("Overwrite the answers that are here").click()
        overwriting = page.get_by_text("1 picture with other answers get what")
        expect(overwriting).to_be_visible(timeout=60_000)
        wait_for_app(page)  # a click while the page is drawn anew is lost
        # What was chosen is counted without being asked for it.
        expect(page.get_by_text("counting again")).to_have_count(0, timeout=LONG_MS)
        bring = page.get_by_role("button", name="Overwrite the answers of 1 picture")
        expect(bring).to_be_enabled(timeout=LONG_MS)
        wait_for_app(page)
        bring.click()
        came = page.get_by_text("See which combinations are there")
        expect(came).to_be_visible(timeout=LONG_MS)
    assert yes_names() == [{"shirt", "<b>new</b>"}, {"dress"}, set()]
