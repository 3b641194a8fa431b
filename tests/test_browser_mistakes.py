"""Wrong pictures and label errors on Review, judged in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, Server, open_browser, run_app, show, wait_for_app
from filled_project import HOSTILE, MakeImage, fill
from playwright.sync_api import Locator, Page, expect
from pretended_runs import ids_of, pretend_run

from mlcore.label_search import LabelReport
from mlcore.label_worth import Change, Worth
from storage.answers import answers_of, set_many
from storage.groups import set_group
from storage.images import list_image_ids
from storage.projects import create_project, open_project
from storage.saved_views import list_views
from storage.splits import assign_splits
from storage.suspects import Suspect, list_suspected_images, put_suspects

pytestmark = IN_A_BROWSER

FLAT = Change(14, 14, 14, 0, 0, -0.1, 0.1)


@pytest.fixture
def server(home: Path, make_image: MakeImage) -> Iterator[Server]:
    """A run that is wrong on two of four pictures; one other label is suspected."""
    with create_project("clothes") as project:
        ids = fill(project, make_image, 16)
        set_group(project, "colour", ["black", "blue"], "exactly-one", who="")
        set_group(project, "garment", ["dress", HOSTILE], "exactly-one", who="")
        kinds = [("black", "dress"), ("blue", "dress"), ("black", HOSTILE)]
        rows = [(i, ids_of(project, *kinds[at % 3])) for at, i in enumerate(ids)]
        set_many(project, rows, who="", batch_id="all")
        held_out = dict.fromkeys(ids[12:], "validation")
        assign_splits(project, dict.fromkeys(ids[:12], "train") | held_out)
        pretend_run(project, wrong=2)
        [black], [blue] = ids_of(project, "black"), ids_of(project, "blue")
        report = LabelReport(16, 1, 0, "f", 1.0, Worth(FLAT, FLAT))
        suspects = [
            Suspect(ids[0], black, True, 0.02, 0.1),
            Suspect(ids[0], blue, False, 0.97, 0.1),
        ]
        put_suspects(project, suspects, report.as_json())
    with run_app(home) as running:
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with open_browser() as browser:
        yield browser.new_page(viewport={"width": 1280, "height": 900})


def labels_of(place: int) -> set[int]:
    """The labels a picture has now."""
    with open_project("clothes") as project:
        image_id = list_image_ids(project)[place]
        found = answers_of(project, [image_id])[image_id]
        return {label_id for label_id, yes in found.items() if yes}


def wanted(*names: str) -> set[int]:
    with open_project("clothes") as project:
        return set(ids_of(project, *names))


def test_a_mistake_is_mended_and_taken_back_and_all_go_on_to_label(
    page: Page, server: Server
) -> None:
    show(page, server, "review", "clothes")
    page.get_by_role("tab", name="Wrong pictures").click()
    cards = page.get_by_role("list", name="Wrong and unsure pictures")
    card = cards.get_by_role("listitem").filter(has_text="Labelled: black + dress")
    expect(cards.get_by_role("listitem")).to_have_count(2)
    expect(card).to_contain_text(f"blue 100 % + {HOSTILE} 100 %")
    assert page.locator("img[src=x]").count() == 0

    mend_one_by_one(card)
    card.get_by_text("Undo").click()
    every = card.get_by_text(f"All as the model reads: blue + {HOSTILE}", exact=True)
    expect(every).to_be_visible()
    assert labels_of(12) == wanted("black", "dress")

    card.get_by_text("Why?").click()
    dialog = page.get_by_role("dialog")
    # this run has figures but no weights
    expect(dialog.get_by_text("cannot be used")).to_be_visible(timeout=60_000)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    settle_the_label_error(page)

    page.get_by_role("tab", name="Wrong pictures").click()
    page.get_by_role("button", name="Open these in Label").click()
    page.wait_for_url(re.compile("label.*queue=pick-1"))
    wait_for_app(page)
    with open_project("clothes") as project:
        [view] = list_views(project)
    assert view.query == "state=all&queue=pick-1" and view.name.startswith("Wrong")
    expect(
        page.get_by_text(re.compile("Only 8 training pictures")).first
    ).to_be_visible()


def mend_one_by_one(card: Locator) -> None:
    """Mend two questions of a picture; it says what changed and stays in place."""
    card.get_by_text("It is blue", exact=True).click()
    expect(card).to_contain_text("blue added, black taken away")
    assert labels_of(12) == wanted("blue", "dress")
    card.get_by_text(f"It is {HOSTILE}", exact=True).click()
    # it stays where it is, with the way back
    expect(card).to_contain_text("black and dress taken away")
    expect(card).to_contain_text("by now")
    assert labels_of(12) == wanted("blue", HOSTILE)


def settle_the_label_error(page: Page) -> None:
    """Call the one suspected label right; the card stays, the queue is empty."""
    page.get_by_role("tab", name="Label errors").click()
    expect(page.get_by_text("probably carries a wrong label")).to_be_visible()
    expect(page.get_by_text("no more than chance")).to_be_visible()
    card = page.get_by_role("listitem").filter(has_text="the model reads blue 97 %")
    card.get_by_text("It is right as labelled").click()
    expect(card).to_contain_text("Kept as labelled")
    expect(page.get_by_text("0 pictures left")).to_be_visible()
    with open_project("clothes") as project:
        assert list_suspected_images(project) == []
