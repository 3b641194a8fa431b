"""The half Health of the Data page: what it says, and what one click does."""

import pytest
from browser import MISSING, find_chromium, open_browser, run_app, show, wait_for_app
from drawn_photos import add_photo, darken, draw_photo
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest
from test_page_overview import open_page, words

from mlcore.cli_health import measure_project, verify_files
from mlcore.data_health import find_one
from pages.parts.health_pictures import Act, read_act
from storage.answers import set_many
from storage.images import count_images, get_image, image_path, list_image_ids
from storage.labels import set_group
from storage.projects import Project
from storage.splits import assign_splits, splits_of


@pytest.fixture
def messy(project: Project) -> Project:
    """A photo with a copy, half its size, in another split; a blank one; a label."""
    group = set_group(project, "colour", ["<b>red</b>", "blue"], "any", who="t")
    photo = draw_photo(1)
    ids = [
        add_photo(project, photo, "photo.png"),
        add_photo(project, photo.resize((60, 80)), "small.png"),
        add_photo(project, darken(photo, 0.0), "black.png"),
        add_photo(project, draw_photo(2), "other.png"),
    ]
    yes = frozenset({group.labels[0].label_id})
    set_many(project, [(i, yes) for i in ids[:2]], who="t", batch_id="b")
    assign_splits(project, {ids[0]: "train", ids[1]: "test", ids[3]: "train"})
    measure_project(project)
    return project


def open_health() -> AppTest:
    page = open_page("data.py", "clothes")
    page.segmented_control[0].set_value("Health").run()
    assert not page.exception
    return page


def open_finding(page: AppTest, key: str) -> AppTest:
    page.session_state[f"health_open_{key}"] = True
    page.run()
    assert not page.exception
    return page


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_findings_counts_and_what_is_clean_are_said(messy: Project) -> None:
    page = open_health()
    titles = [expander.label for expander in page.expander]
    assert titles == [
        "**The same picture in two splits** · 1 family, 2 pictures",
        "**Near copies** · 1 family, 2 pictures",
        "**Blank** · 1 picture",
    ]
    said = words(page)
    assert "All 4 pictures looked at." in said
    assert "Not checked since they came in." in said
    assert not page.button(key="health_check").disabled
    assert "Nothing found: damaged or missing, copies with different labels" in said
    assert "Under 5 pictures: \\<b\\>red\\<\\/b\\> (2), blue (0)." in said
    assert "Split: train 2 · validation 0 · test 1 · 1 picture in none yet." in said


def test_what_a_check_of_the_files_found_is_said_with_its_pictures(
    messy: Project,
) -> None:
    image_path(messy, get_image(messy, list_image_ids(messy)[3])).unlink()
    verify_files(messy)
    page = open_health()
    assert page.expander[0].label == "**Damaged or missing** · 1 picture"
    assert ": 1 damaged or missing." in words(page)


def test_deleting_copies_asks_once_and_can_be_undone(messy: Project) -> None:
    page = open_finding(open_health(), "near")
    page = press(page, "health_yes_near")
    assert count_images(messy) == 3
    assert "1 picture deleted" in words(page)
    page = press(page, "health_undo_near")
    assert count_images(messy) == 4


def test_a_family_moves_into_one_split(messy: Project) -> None:
    page = press(open_finding(open_health(), "leaks"), "health_split")
    assert [split for split in splits_of(messy).values() if split] == ["train"] * 3
    press(page, "health_undo_leaks")
    assert "test" in splits_of(messy).values()


def test_a_dismissed_finding_is_gone_until_it_is_shown_again(messy: Project) -> None:
    page = press(open_finding(open_health(), "blank"), "health_dismiss_blank")
    assert find_one(messy, "blank").families == []
    assert "1 dismissed: blank." in words(page)
    page = press(page, "health_restore")
    assert len(find_one(messy, "blank").families) == 1


def test_a_finding_opens_on_the_label_page_as_a_queue(messy: Project) -> None:
    page = press(open_finding(open_health(), "leaks"), "health_label_leaks")
    assert page.title[0].value == "Label"
    assert page.session_state["label_queue"] == "health-leaks"
    assert any("The same picture in two splits" in b.label for b in page.button)


def test_without_pictures_there_is_no_health(project: Project) -> None:
    page = open_page("data.py", "clothes")
    assert not page.segmented_control


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"do": "keep", "ids": [1, 9], "keep": 1},
        {"do": "keep", "ids": [1, 2], "keep": 9},
        {"do": "erase", "ids": [1, 2]},
        {"do": "dismiss", "ids": ["1", 2]},
    ],
)
def test_a_click_on_a_family_that_is_not_there_does_nothing(value: object) -> None:
    assert read_act(value, [(1, 2)]) is None
    good = {"do": "keep", "ids": [2, 1], "keep": 2}
    assert read_act(good, [(1, 2)]) == Act("keep", (1, 2), 2)


@pytest.mark.skipif(find_chromium() is None, reason=MISSING)
def test_of_a_family_the_chosen_picture_stays(messy: Project) -> None:
    with run_app(messy.folder.parent) as server, open_browser() as browser:
        page = browser.new_page()
        show(page, server, "data", "clothes")
        page.get_by_text("Health", exact=True).click()
        page.get_by_text("Near copies").click()
        family = page.locator(".family")
        expect(family.locator(".picture")).to_have_count(2)
        expect(family.locator(".stays").first).to_be_visible()
        family.locator(".picture").nth(1).click()
        expect(family.locator(".stays").nth(1)).to_be_visible()
        family.get_by_role("button", name="Keep only the marked one").click()
        expect(page.get_by_text("1 picture deleted")).to_be_visible()
        wait_for_app(page)
        assert count_images(messy) == 3
        page.get_by_role("button", name="Undo").click()
        expect(family.locator(".picture")).to_have_count(2)
        page.get_by_role("button", name="Open in Label").first.click()
        expect(page.get_by_role("button", name="Near copies")).to_be_visible()
        expect(page.get_by_role("option")).to_have_count(2)
