"""Groups offered on pages, from the proposal to coverage and back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import MISSING, find_chromium, open_browser, run_app, show
from filled_project import HOSTILE, MakeImage, fill
from playwright.sync_api import Locator, Page, expect
from streamlit.testing.v1 import AppTest
from test_page_overview import open_page, words

from mlcore.group_offers import dismiss_offer, offer_groups
from mlcore.rule_repairs import find_repairs
from pages.parts import group_breaks
from pages.parts.group_board import read_act, read_groups
from storage.answers import answer_many, answers_of, set_many
from storage.labels import create_labels, rule_violations, set_group
from storage.projects import Project, create_project

LONG_MS = 30_000
COLOURS = ("red", "blue")
SIZES = ("small", "large")


def add_tags(project: Project, make_image: MakeImage, *, count: int = 40) -> None:
    """Flat tags: a colour and a size on each picture, never a large red one, and a
    label with a hostile name on a few."""
    ids = fill(project, make_image, count)
    made = create_labels(project, [*COLOURS, *SIZES, HOSTILE], who="")
    number = {label.name: label.label_id for label in made}
    rows = []
    for at, image_id in enumerate(ids):
        names = ["blue" if at % 3 else "red", "large" if at % 3 > 1 else "small"]
        names += [HOSTILE] * (at % 5 == 0)
        rows.append((image_id, frozenset(number[name] for name in names)))
    set_many(project, rows, who="", batch_id="tags")


def open_pages(project: Project) -> tuple[AppTest, AppTest]:
    coverage = open_page("coverage.py", project.name)
    label = open_page("label.py", project.name)
    label.segmented_control[0].set_value("Labels and groups").run()
    assert not label.exception
    return coverage, label


def test_an_offer_is_on_two_pages_until_it_is_dismissed(
    project: Project, make_image: MakeImage
) -> None:
    add_tags(project, make_image)
    for page in open_pages(project):
        assert "Your labels look like **2 groups**" in words(page)
    dismiss_offer(project, offer_groups(project))
    coverage, label = open_pages(project)
    assert "look like" not in words(coverage) + words(label)
    coverage.button(key="group_offer_again").click().run()
    assert "Your labels look like **2 groups**" in words(coverage)


def test_after_an_import_of_flat_tags_the_groups_they_look_like_are_named(
    project: Project, make_image: MakeImage
) -> None:
    def report() -> None:
        from pages.parts import group_offer

        group_offer.tell_import("clothes")

    add_tags(project, make_image)
    page = AppTest.from_function(report).run()
    assert "2 groups: **colour**, **size**" in words(page)
    dismiss_offer(project, offer_groups(project))
    assert words(page.run()) == ""


@pytest.mark.parametrize(
    "groups",
    [
        None,
        [{"name": "x", "rule": "exactly-one", "ids": [1, 9]}],
        [{"name": "x", "rule": "most", "ids": [1, 2]}],
        [{"name": "x", "rule": "any", "ids": "12"}],
        [{"name": "x", "rule": "any", "ids": [1, 2]}] * 2,
        ["x"],
    ],
)
def test_what_no_board_could_report_is_not_read(groups: object) -> None:
    assert read_groups({"of": "s", "groups": groups}, "s", {1, 2}) is None
    good = [{"name": "x", "rule": "any", "ids": [2, 1]}]
    assert read_groups({"of": "s", "groups": good}, "s", {1, 2}) == [
        ("x", "any", (2, 1))
    ]
    assert read_act({"of": "old", "do": "make", "groups": good}, "s", {1, 2}) is None


def test_pictures_against_a_rule_are_listed_and_settled_in_one_click(
    project: Project, make_image: MakeImage
) -> None:
    add_tags(project, make_image)
    answer_many(project, [1, 4], {2: True}, who="", batch_id="later")
    set_group(project, "colour", COLOURS, "exactly-one", who="")
    coverage, label = open_pages(project)
    assert "break the rule of a group: 2" in label.warning[0].value
    line = "**Against the rule of a group** · 2 pictures"
    assert line in [expander.label for expander in coverage.expander]
    coverage.session_state["health_open_rules"] = True
    coverage.run().button(key="group_breaks_newest").click().run()
    assert "2 pictures settled" in words(coverage)
    assert (
        answers_of(project, [4])[4] | {1: False, 2: True} == answers_of(project, [4])[4]
    )
    coverage.button(key="health_undo_rules").click().run()
    assert not coverage.exception
    assert rule_violations(project) == [1, 4]
    repairs = find_repairs(project, [1, 4])
    assert group_breaks.read_act({"image": 4, "label": 1}, repairs) == (4, 1)
    for wrong in (None, {"image": 4, "label": 9}, {"image": [4], "label": 1}):
        assert group_breaks.read_act(wrong, repairs) is None


@pytest.fixture
def tab(home: Path, make_image: MakeImage) -> Iterator[Page]:
    """The Coverage page of a project with flat tags."""
    with create_project("clothes") as project:
        add_tags(project, make_image)
    with run_app(home) as server, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(LONG_MS)
        show(page, server, "coverage", "clothes")
        yield page


def chip(page: Page, name: str) -> Locator:
    return page.locator(".chip").filter(has_text=name)


def drag(page: Page, name: str, card: Locator) -> None:
    """Drag a label by its middle into a card."""
    chip(page, name).hover()
    page.mouse.down()
    box = card.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 12, steps=5)
    page.mouse.up()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(find_chromium() is None, reason=MISSING)
def test_from_flat_tags_to_combinations_and_back(tab: Page) -> None:
    cards = tab.locator(".card")
    first, second, rest = (cards.nth(at) for at in range(3))
    expect(first.locator(".fit")).to_have_text("40 of 40 pictures fit")
    expect(rest.locator(".chip .words")).to_have_text(HOSTILE)

    drag(tab, HOSTILE, first)
    expect(first.locator(".chip")).to_have_count(3)
    expect(first.locator(".fit")).to_have_text("32 of 40 pictures fit · 8 have two")
    drag(tab, HOSTILE, rest)
    expect(first.locator(".fit")).to_have_text("40 of 40 pictures fit")

    # The same without a mouse: choose two, and the list moves both.
    for name in SIZES:
        chip(tab, name).focus()
        tab.keyboard.press("Enter")
    expect(tab.get_by_text("2 labels chosen")).to_be_visible()
    go = tab.get_by_role("button", name="Make this group")
    tab.get_by_label("Move the chosen labels to").select_option("No group")
    expect(go).to_be_enabled()
    expect(second.locator(".fit")).to_have_text("Empty: it will not be made")
    for name in SIZES:
        chip(tab, name).click()
    tab.get_by_label("Move the chosen labels to").select_option("size")
    tab.get_by_label("Name of group 1").fill("")
    expect(tab.get_by_text("Give each group a name.")).to_be_visible()
    tab.get_by_label("Name of group 1").fill("paint")
    tab.get_by_role("button", name="Make these 2 groups").click()

    # Until groups say what ought to exist, only pairs are counted.
    headline = tab.get_by_text(re.compile(r"\d+ of \d+ combinations present"))
    expect(headline).to_be_visible(timeout=LONG_MS)
    expect(tab.get_by_text("Made the groups paint, size")).to_be_visible()
    expect(tab.locator(".board")).to_have_count(0)
    tab.locator(".st-key-group_made_undo button").click()
    expect(cards.first).to_be_visible(timeout=LONG_MS)
    expect(headline).to_have_count(0)
