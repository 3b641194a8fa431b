"""The labeler and the grid in a real browser: nothing typed is lost or wrong."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import (
    IN_A_BROWSER,
    Server,
    free_port,
    open_browser,
    run_app,
    show,
)
from playwright.sync_api import Browser, Locator, Page, expect

from storage.answers import answers_of, history, set_many
from storage.images import add_images, get_images, list_image_ids, progress
from storage.implications import imply
from storage.labels import (
    create_labels,
    delete_label,
    list_labels,
    rename_label,
    set_group,
)
from storage.projects import create_project, delete_project, open_project
from storage.records import NewImage
from storage.scores import ImageScore, put_scores

pytestmark = IN_A_BROWSER
HOSTILE = "<img src=x onerror=alert(1)>"
COLOURS = ["black", "blue", "red"]
GARMENTS = ["dress", "jeans", "shirt"]
KEY_GAP_MS = 30
# Streamlit's own "Connection error", which would take the keyboard.
UNTIL_DIALOG = """() => new Promise((done) => new MutationObserver(() => {
    if (document.querySelector("[role=dialog]")) done()
}).observe(document.body, { childList: true }))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def pictures(home: Path, make_image: Callable[..., bytes]) -> None:
    make_project(make_image)


def make_project(make_image: Callable[..., bytes]) -> None:
    """A project of 40 unlabelled pictures, two exclusive groups, a free label."""
    with create_project("clothes") as project:
        set_group(project, "colour", COLOURS, "exactly-one", who="")
        set_group(project, "garment", GARMENTS, "exactly-one", who="")
        create_labels(project, [HOSTILE], who="")
        drawn = [make_image((5 * i, 90, 200 - 5 * i), (60, 80)) for i in range(40)]
        add_images(
            project, [(described(i, data), data) for i, data in enumerate(drawn)]
        )


def described(number: int, data: bytes) -> NewImage:
    sha256 = hashlib.sha256(data).hexdigest()
    return NewImage(sha256, f"{number:02}.png", "png", 60, 80, len(data), "test")


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_app(tmp_path_factory.mktemp("label") / "home") as running:
        yield running


@pytest.fixture
def server(
    shared_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    make_image: Callable[..., bytes],
) -> Iterator[Server]:
    """The module's server with a fresh project."""
    monkeypatch.setenv("UNSEEN_HOME", str(shared_server.home))
    make_project(make_image)
    yield shared_server
    delete_project("clothes")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def open_room(page: Page, server: Server, view: str = "one") -> None:
    show(page, server, "label", f"clothes&view={view}")
    page.wait_for_selector(".frame img" if view == "one" else ".tile img[src]")


def labels_of(place: int) -> tuple[str, str]:
    """What the n-th image gets: all nine combinations in turn."""
    return COLOURS[place % 3], GARMENTS[place // 3 % 3]


def type_labels(page: Page, places: range) -> None:
    for place in places:
        keys = (str(1 + place % 3), str(4 + place // 3 % 3), "Enter")
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(KEY_GAP_MS)


def saved() -> dict[int, set[str]]:
    """The yes labels of every image, by its place."""
    with open_project("clothes") as project:
        names = {label.label_id: label.name for label in list_labels(project)}
        ids = list_image_ids(project)
        answers = answers_of(project, ids)
        return {
            place: {names[i] for i, said in answers[image_id].items() if said}
            for place, image_id in enumerate(ids)
        }


def wait_until_labelled(count: int, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        with open_project("clothes") as project:
            if progress(project).labelled == count:
                return
        time.sleep(0.1)
    raise AssertionError(f"{count} labelled images were expected in {timeout_s} s")


def expect_first(count: int) -> None:
    wait_until_labelled(count)
    found = saved()
    assert {place: found[place] for place in range(count)} == {
        place: set(labels_of(place)) for place in range(count)
    }


def test_twenty_images_typed_at_30_ms_a_key_are_all_right_without_a_rerun(
    server: Server, page: Page
) -> None:
    sent: list[str | bytes] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda frame: sent.append(frame)),
    )
    open_room(page, server)
    sent.clear()
    type_labels(page, range(20))
    expect_first(20)
    assert sent == []
    page.get_by_text("20 of 40 labelled").wait_for()
    page.get_by_text("All saved").wait_for()
    expect(page.locator(".progress-pace")).to_contain_text("20 today", timeout=3000)


def test_every_label_of_a_saved_image_is_answered(server: Server, page: Page) -> None:
    open_room(page, server)
    for key in ("1", "4", "Enter"):
        page.keyboard.press(key)
    wait_until_labelled(1)
    with open_project("clothes") as project:
        assert progress(project).complete == 1


def test_a_server_killed_in_the_middle_loses_nothing(
    page: Page, home: Path, pictures: None
) -> None:
    port = free_port()
    with run_app(home, port) as first:
        open_room(page, first)
        type_labels(page, range(7))
        first.process.kill()
        first.process.wait()
        type_labels(page, range(7, 14))
        page.evaluate(UNTIL_DIALOG)
        type_labels(page, range(14, 20))
        page.get_by_text("No connection").wait_for()
    with run_app(home, port):
        expect_first(20)
        page.get_by_text("All saved").wait_for()


def test_a_full_disk_is_not_called_a_lost_connection(
    server: Server, page: Page
) -> None:
    full = {"status": 507, "json": {"error": "The disk is full."}}
    page.route("**/answers", lambda route: route.fulfill(**full))
    open_room(page, server)
    type_labels(page, range(1))
    page.get_by_text("Disk full or read-only: 1 answer kept here").wait_for()
    page.unroute("**/answers")
    page.get_by_text("All saved").wait_for()
    wait_until_labelled(1)


def test_answers_typed_before_the_tab_was_closed_are_sent_next_time(
    browser: Browser, home: Path, pictures: None
) -> None:
    port = free_port()
    context = browser.new_context()
    with run_app(home, port) as first:
        page = context.new_page()
        open_room(page, first)
        first.process.kill()
        first.process.wait()
        type_labels(page, range(5))
        page.close()
    with run_app(home, port) as second:
        open_room(context.new_page(), second)
        expect_first(5)
    context.close()


def test_undo_takes_back_the_answer_and_jumps_to_its_image(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    type_labels(page, range(3))
    wait_until_labelled(3)
    page.keyboard.press("u")
    wait_until_labelled(2)
    page.get_by_text("3 of 40", exact=True).wait_for()
    assert page.locator(".chip[data-state=yes]").count() == 0
    page.keyboard.press("u")
    wait_until_labelled(1)
    assert saved()[1] == set()


def test_labels_of_an_exclusive_group_behave_like_radio_buttons(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    page.keyboard.press("1")
    page.keyboard.press("3")
    chosen = page.locator(".chip[data-state=yes]")
    assert chosen.all_inner_texts() == ["3\n✓\nred"]
    for key in ("5", "7", "Enter"):
        page.keyboard.press(key)
    wait_until_labelled(1)
    assert saved()[0] == {"red", "jeans", HOSTILE}


def test_a_reload_comes_back_to_the_same_image(server: Server, page: Page) -> None:
    open_room(page, server)
    type_labels(page, range(3))
    wait_until_labelled(3)
    assert "state=unlabelled" in page.url
    page.reload()
    page.get_by_text("1 of 37", exact=True).wait_for()
    page.get_by_text("03.png").wait_for()
    page.get_by_text("All", exact=True).click()
    page.get_by_text("1 of 40", exact=True).wait_for()
    page.keyboard.press("ArrowRight")
    page.reload()
    page.get_by_text("2 of 40", exact=True).wait_for()


def test_arrows_look_around_without_saving(server: Server, page: Page) -> None:
    open_room(page, server)
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    page.get_by_text("2 of 40", exact=True).wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Not saved yet").wait_for()
    assert page.locator(".chip[data-state=yes]").count() == 1
    wait_until_labelled(0)


def test_a_held_enter_key_saves_one_image_only(server: Server, page: Page) -> None:
    open_room(page, server)
    for key in ("1", "4"):
        page.keyboard.press(key)
    hold_enter(page)
    page.get_by_text("2 of 40", exact=True).wait_for()
    wait_until_labelled(1)


def hold_enter(page: Page) -> None:
    for _ in range(10):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")


def test_enter_without_a_colour_asks_and_only_a_second_one_saves(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    page.keyboard.press("4")
    hold_enter(page)
    page.get_by_text("No colour chosen. Enter again saves without").wait_for()
    page.get_by_text("1 of 40", exact=True).wait_for()
    assert saved()[0] == set()
    page.keyboard.press("Enter")
    wait_until_labelled(1)
    assert saved()[0] == {"dress"}


def test_none_and_unknown_answer_the_question_and_keep_the_rest(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    for key in ("4", "Enter", "x", "Enter", "0", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("Saved as none of the labels. “colour”").wait_for()
    wait_until_labelled(2)
    page.get_by_text("1 with open questions").wait_for()
    assert (saved()[0], saved()[1]) == ({"dress"}, set())


def test_what_is_chosen_outlives_a_look_at_the_labels(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    press_all(page, "1")
    page.get_by_text("Not saved yet").wait_for()
    page.get_by_role("radio", name="Labels and groups").click()
    expect(page.locator(".room.labeler")).to_have_count(0)
    page.get_by_role("radio", name="One by one").click()
    page.get_by_role("button", name="black: yes, key 1").wait_for()
    page.get_by_text("Not saved yet").wait_for()
    assert saved()[0] == set()


def test_unknown_stays_unknown_when_the_rest_is_saved(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    page.keyboard.press("1")
    page.locator(".chip", has_text="jeans").focus()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    wait_until_labelled(1)
    page.get_by_text("1 with open questions").wait_for()


def test_the_grid_tags_a_range_at_once_and_takes_it_back(
    server: Server, page: Page
) -> None:
    open_room(page, server, "grid")
    tiles = page.locator(".tile")
    tiles.nth(1).click()
    tiles.nth(6).click(modifiers=["Shift"])
    page.get_by_text("6 of 40 selected").wait_for()
    page.locator(".chip", has_text="blue").click()
    page.get_by_role("button", name="Apply to 6 pictures").click()
    wait_until_labelled(6)
    assert [place for place, said in saved().items() if said == {"blue"}] == [
        *range(1, 7)
    ]
    page.locator(".tile .caption", has_text="blue").nth(5).wait_for()
    page.get_by_role("button", name="Undo").click()
    wait_until_labelled(0)


def test_the_grid_selects_all_of_the_filter_and_says_no_for_the_rest(
    server: Server, page: Page
) -> None:
    open_room(page, server, "grid")
    page.get_by_role("button", name="Select all 40").click()
    page.keyboard.press("2")
    page.locator(".rest").click()
    page.get_by_role("button", name="Apply to 40 pictures").click()
    wait_until_labelled(40)
    with open_project("clothes") as project:
        assert progress(project).complete == 40


def test_images_deleted_in_the_grid_come_back_with_undo(
    server: Server, page: Page
) -> None:
    open_room(page, server, "grid")
    page.locator(".tile").nth(0).click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("Delete 1 picture?").wait_for()
    page.locator(".button.danger").click()
    page.get_by_text("39 pictures", exact=True).wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("40 pictures", exact=True).wait_for()


def label_ids() -> dict[str, int]:
    with open_project("clothes") as project:
        return {label.name: label.label_id for label in list_labels(project)}


def prepare_story(make_image: Callable[..., bytes]) -> list[int]:
    """A large picture at the end, jeans imply the free label, image 2 is scored."""
    ids = label_ids()
    with open_project("clothes") as project:
        data = make_image("navy", (1600, 1200))
        large = NewImage(
            hashlib.sha256(data).hexdigest(), "x.png", "png", 1600, 1200, 1, ""
        )
        add_images(project, [(large, data)])
        imply(project, ids["jeans"], [ids[HOSTILE]], who="")
        images = list_image_ids(project)
        said = {ids["red"]: 0.92, ids["blue"]: 0.05, ids["dress"]: 0.61}
        reading = (ids["red"], ids["dress"])
        score = ImageScore(images[1], "run", reading, True, 0.6, 0.4, said)
        put_scores(project, "run", [score])
        return images


def yes_chips(page: Page) -> set[str]:
    chips = page.locator(".chip[data-state=yes] .name")
    return set(chips.all_inner_texts())


def test_keys_of_ones_own_implied_labels_suggestions_skip_same_and_find(
    server: Server, page: Page, make_image: Callable[..., bytes]
) -> None:
    images = prepare_story(make_image)
    open_room(page, server)
    choose_a_key(page)
    press_all(page, "5")
    assert yes_chips(page) == {"jeans", HOSTILE}
    press_all(page, "i", "1")
    assert yes_chips(page) == {"dress", "black"}
    press_all(page, " ")
    # The second picture: what the model suggests, as it is.
    page.locator(".hint", has_text="92 %").wait_for()
    press_all(page, "a")
    assert yes_chips(page) == {"red", "dress"}
    press_all(page, "Enter", "s")
    page.get_by_text("Skipped").wait_for()
    press_all(page, "d")
    assert yes_chips(page) == {"red", "dress"}
    press_all(page, "f", "j", "e", "a", "Enter")
    assert yes_chips(page) == {"red", "jeans", HOSTILE}
    press_all(page, "Enter")
    wait_until_labelled(3)
    undo_redo_and_look_again(page)
    zoom_into_the_last(page)
    page.get_by_text("Not done yet: 37 pictures are left.").wait_for()
    page.get_by_text("1 skipped by you · 36 before this one").wait_for()
    press_all(page, "Enter")
    page.get_by_text("02.png").wait_for()
    assert saved()[3] == {"red", "jeans", HOSTILE}
    assert (saved()[2], saved()[40]) == (set(), {"black", "dress"})
    with open_project("clothes") as project:
        reviewed = [image.reviewed for image in get_images(project, images[:5])]
    assert reviewed == [False, False, False, True, False]


def press_all(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose_a_key(page: Page) -> None:
    """I for dress; a key that is taken is refused with words."""
    press_all(page, "?")
    page.get_by_role("button", name="Key of dress: 4").click()
    press_all(page, "s")
    page.get_by_text("S is taken: skip").wait_for()
    press_all(page, "i")
    page.get_by_text("I: dress").wait_for()
    press_all(page, "Escape")
    with open_project("clothes") as project:
        assert [x.name for x in list_labels(project) if x.hotkey == "i"] == ["dress"]


def undo_redo_and_look_again(page: Page) -> None:
    """Each goes to its picture; Enter on a finished one says it was looked at."""
    press_all(page, "Control+z")
    page.get_by_text("4 of 41", exact=True).wait_for()
    wait_until_labelled(2)
    press_all(page, "Shift+U")
    wait_until_labelled(3)
    assert yes_chips(page) == {"red", "jeans", HOSTILE}
    press_all(page, "Enter")


def zoom_into_the_last(page: Page) -> None:
    """Found by its number; at 100 % it comes in full size."""
    with page.expect_response(lambda got: "size=full" in got.url) as full:
        press_all(page, "g", "4", "1", "Enter", "z")
    assert full.value.ok
    page.get_by_text("100 %", exact=True).wait_for()
    press_all(page, "1", "i", "Enter")


def person(browser: Browser, server: Server, name: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "unseen_who", "value": name, "url": server.url}])
    return context.new_page()


def test_two_people_get_different_pictures_and_see_each_others_answers(
    server: Server, browser: Browser
) -> None:
    anna, ben = (person(browser, server, name) for name in ("Anna", "Ben"))
    open_room(anna, server)
    anna.keyboard.press("1")
    open_room(ben, server)
    ben.get_by_text("21 of 40", exact=True).wait_for()
    ben.get_by_text("Anna is labelling").wait_for()
    # Going there on purpose is allowed; both see it, the unsaved draft stays.
    ben.keyboard.press("g")
    ben.keyboard.type("1")
    ben.keyboard.press("Enter")
    ben.get_by_text("Anna has this one in hand").wait_for()
    for key in ("2", "4", "Enter"):
        ben.keyboard.press(key)
    anna.get_by_text("Ben just answered this picture; yours is not").wait_for()
    assert yes_chips(anna) == {"black", "dress"}
    anna.keyboard.press("Enter")
    wait_until_labelled(1)
    anna.get_by_text("All saved").wait_for()
    assert saved()[0] == {"black", "dress"}
    with open_project("clothes") as project:
        assert {"Anna", "Ben"} <= {change.who for change in history(project)}
    # The end of the list is not the end of the work.
    press_all(ben, "g", "4", "0", "Enter", "2", "4", "Enter")
    ben.get_by_text("Not done yet: 38 pictures are left.").wait_for()
    ben.get_by_text("in other hands (Anna)").wait_for()
    ben.get_by_role("button", name="Go to the first of them").click()
    ben.get_by_text("20.png").wait_for()
    with open_project("clothes") as project:
        set_many(project, all_red(), who="", batch_id="the-rest")
    ben.locator(".chip[data-state=yes]", has_text="red").wait_for()
    press_all(ben, "g", "4", "0", "Enter", "Enter")
    ben.get_by_text("Done: nothing in this list is left to label.").wait_for()
    for page in (anna, ben):
        page.context.close()


def all_red() -> list[tuple[int, frozenset[int]]]:
    red = frozenset([label_ids()["red"]])
    with open_project("clothes") as project:
        return [(image_id, red) for image_id in list_image_ids(project)]


def bottom_of(found: Locator) -> float:
    box = found.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_on_a_phone_two_groups_and_the_grids_actions_are_in_sight(
    server: Server, page: Page
) -> None:
    page.set_viewport_size({"width": 400, "height": 850})
    open_room(page, server)
    # Streamlit's own bar is 56 px of it.
    frame = page.locator(".frame").bounding_box()
    assert frame is not None and frame["y"] <= 56 + 180
    save = page.get_by_role("button", name="Save and next")
    save_top = bottom_of(save) - 44
    assert bottom_of(page.locator(".chip", has_text="shirt")) < save_top
    open_room(page, server, "grid")
    before = bottom_of(page.locator(".scroller"))
    expect(page.get_by_role("button", name="Tap pictures")).to_be_disabled()
    page.locator(".tile").nth(1).click()
    assert bottom_of(page.locator(".scroller")) == before
    page.get_by_role("button", name="Choose labels for 1 picture").click()
    apply = page.get_by_role("button", name="Apply to 1 picture")
    expect(apply).to_be_enabled()
    assert bottom_of(apply) <= 850
    assert bottom_of(page.locator(".chip", has_text="shirt")) <= 850


def test_a_hostile_label_name_is_shown_as_text_everywhere(
    server: Server, page: Page
) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    for view in ("one", "grid"):
        open_room(page, server, view)
        page.locator(".chip", has_text=HOSTILE).wait_for()
    show(page, server, "label", "clothes&view=schema")
    page.get_by_role("button", name=HOSTILE).wait_for()
    page.get_by_role("button", name=HOSTILE).click()
    page.get_by_role("button", name="Delete label").click()
    page.get_by_text(f"Delete {HOSTILE}?").wait_for()
    assert alerts == []
    assert page.locator("img[src=x]").count() == 0


def test_changes_of_labels_arrive_and_what_is_not_saved_is_said_and_sent_again(
    server: Server, page: Page
) -> None:
    open_room(page, server)
    page.get_by_role("button", name="black: not answered").wait_for()
    press_all(page, "1", "4")
    ids = label_ids()
    with open_project("clothes") as project:
        rename_label(project, ids["black"], "night", who="Anna")
        colour = list_labels(project)[0].group_id
        create_labels(project, ["green"], group_id=colour, who="Anna")
    page.get_by_text("Labels were changed by Anna · Not saved yet").wait_for()
    page.get_by_role("button", name="night: yes, key 1").wait_for()
    page.get_by_role("button", name="green: not answered, key 8").wait_for()
    page.get_by_role("button", name="dress: yes, key 4").wait_for()
    page.get_by_text("00.png").wait_for()
    lose_a_label_unseen(page, ids["dress"])
    be_refused_and_try_again(page)
    light_and_going_nowhere(page)


def lose_a_label_unseen(page: Page, label_id: int) -> None:
    """Its answer is left out, the others are saved, and the chip goes."""
    page.route("**/changes*", lambda route: route.abort())
    with open_project("clothes") as project:
        delete_label(project, label_id, who="Anna")
    press_all(page, "Enter")
    page.get_by_text("dress: deleted or merged meanwhile").wait_for()
    page.get_by_text("All saved").wait_for()
    assert saved()[0] == {"night"}
    page.unroute("**/changes*")
    expect(page.locator(".chip", has_text="dress")).to_have_count(0)


def be_refused_and_try_again(page: Page) -> None:
    """The page stops, counts, keeps; Enter sends again and the keys answer again."""
    answers = "**/api/clothes/answers"
    page.route(answers, lambda route: route.fulfill(status=400, json={"error": "No."}))
    press_all(page, "2", "5", "Enter")
    page.get_by_text("Not saved: 1 answer. No.").wait_for()
    page.get_by_text("1 answer not saved", exact=True).wait_for()
    expect(page.get_by_text("All saved")).to_have_count(0)
    page.unroute(answers)
    press_all(page, "8")
    page.get_by_role("button", name="green: not answered").wait_for()
    press_all(page, "Enter")
    page.get_by_text("All saved").wait_for()
    expect(page.locator(".refusal")).to_be_hidden()
    assert saved()[1] == {"blue", "jeans"}
    page.get_by_text("02.png").wait_for()


def light_and_going_nowhere(page: Page) -> None:
    """Altered light shows on every picture; what is not found is said."""
    press_all(page, ".", "ArrowRight")
    page.get_by_text("Brightness 120 % · contrast 100 %").wait_for()
    press_all(page, "Shift+L")
    expect(page.locator(".light-hint")).to_be_hidden()
    press_all(page, "g", "9", "9")
    page.get_by_text("There is no picture 99: this list has 40.").wait_for()
    press_all(page, "x", "Enter")
    page.get_by_text("No picture in this list is called “99x”.").wait_for()
    press_all(page, "Escape", "f", "y", "y")
    page.get_by_text("No label is called “yy”.").wait_for()
    # Closed and opened again at once, it stays open.
    press_all(page, "Escape", "f", "y")
    page.wait_for_timeout(300)
    expect(page.get_by_text("No label is called “y”.")).to_be_visible()
