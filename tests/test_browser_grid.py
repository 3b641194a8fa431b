"""The grid and the suggestions in a real browser: many pictures at once."""

import hashlib
import json
from collections.abc import Callable, Iterator

import pytest
from browser import IN_A_BROWSER, Server, open_browser, run_app, show
from playwright.sync_api import Browser, Locator, Page, expect

from mlcore.model_json import MODEL_NAME
from storage.answers import answers_of
from storage.images import Filter, add_images, list_image_ids, list_images
from storage.labels import create_labels, describe_label, set_group
from storage.projects import Project, create_project, delete_project
from storage.records import NewImage
from storage.runs import claim_next, create_run, finish_run, run_dir
from storage.scores import ImageScore, put_scores

pytestmark = IN_A_BROWSER
PICTURES = 90
BLACK, BLUE, DRESS = 1, 2, 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_app(tmp_path_factory.mktemp("grid") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def project(
    server: Server, monkeypatch: pytest.MonkeyPatch, make_image: Callable[..., bytes]
) -> Iterator[Project]:
    """90 unlabelled pictures; black or blue, and dress."""
    monkeypatch.setenv("UNSEEN_HOME", str(server.home))
    with create_project("clothes") as opened:
        set_group(opened, "colour", ["black", "blue"], "exactly-one", who="")
        create_labels(opened, ["dress"], who="")
        describe_label(opened, BLUE, colour="#2563eb", who="")
        drawn = [make_image((2 * i, 90, 200 - 2 * i), 40) for i in range(PICTURES)]
        add_images(opened, [(described(i, data), data) for i, data in enumerate(drawn)])
        yield opened
    delete_project("clothes")


def described(number: int, data: bytes) -> NewImage:
    sha256 = hashlib.sha256(data).hexdigest()
    return NewImage(sha256, f"{number:02}.png", "png", 40, 40, len(data), "test")


def suggest(project: Project) -> None:
    """A finished run that reads a blue dress on each, the surer the earlier."""
    create_run(project, recipe="x", config={}, epochs_total=1)
    run = claim_next(project)
    assert run is not None
    finish_run(project, run.run_id, run.attempt, "finished", seconds=1.0)
    scores = [
        ImageScore(
            image_id=image_id,
            run_id=run.run_id,
            reading=(BLUE, DRESS),
            is_seen=True,
            confidence=0.9,
            uncertainty=0.1,
            probabilities={BLUE: 0.992 - place / 200, DRESS: 0.9},
        )
        for place, image_id in enumerate(list_image_ids(project))
    ]
    put_scores(project, run.run_id, scores)
    described = {"format": 1, "architecture": "smallervggnet"}
    (run_dir(project, run.run_id) / MODEL_NAME).write_text(json.dumps(described))


def centre(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def draw_frame(page: Page, first: Locator, last: Locator) -> None:
    page.mouse.move(*centre(first))
    page.mouse.down()
    page.mouse.move(*centre(last), steps=4)
    page.mouse.up()


def yes_of(project: Project, label_id: int, *, said: bool = True) -> list[int]:
    """The places of the images on which the label is answered so."""
    ids = list_image_ids(project)
    answers = answers_of(project, ids)
    return [n for n, i in enumerate(ids) if answers[i].get(label_id) is said]


def test_many_pictures_are_picked_marked_moved_sorted_and_taken_back(
    server: Server, page: Page, project: Project
) -> None:
    show(page, server, "label", "clothes&view=grid&state=all")
    page.locator(".tile img[src]").first.wait_for()
    pick_by_frame(page)
    pick_and_tag(page, project)
    move_and_review(page, project)
    sort_and_look(page)
    select_what_matches(server, page, project)


def pick_by_frame(page: Page) -> None:
    """A frame picks what it touches, to the pixel: nothing across a gap."""
    boxes = [page.locator(".tile").nth(n).bounding_box() for n in range(12)]
    tiles = [(b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for b in boxes]
    columns = sum(y == tiles[0][1] for _, y, _, _ in tiles)
    (left, top, right, bottom), second = tiles[0], tiles[1]
    frames = {
        (right + 2, top + 30, right + 8, top + 80): [],
        (right + 2, top + 30, second[2] + 7, top + 80): [1],
        (left + 5, bottom + 2, second[2] - 5, bottom + 8): [],
        (left + 5, bottom + 2, second[2] - 5, bottom + 40): [columns, columns + 1],
        (left - 12, top + 20, second[0] + 30, top + 80): [0, 1],
    }
    for (x, y, to_x, to_y), expected in frames.items():
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(to_x, to_y, steps=4)
        page.mouse.up()
        words = f"{len(expected)} of 90 selected" if expected else "90 pictures"
        expect(page.locator(".count")).to_have_text(words)
        for place in expected:
            picked = page.locator(f'.tile[data-place="{place}"][aria-selected="true"]')
            expect(picked).to_have_count(1)
        page.keyboard.press("Escape")


def select_what_matches(server: Server, page: Page, project: Project) -> None:
    """What was labelled a moment ago fades, and "Select all" leaves it alone."""
    show(page, server, "label", "clothes&view=grid&state=unlabelled")
    count = page.locator(".count")
    expect(count).to_have_text("87 pictures")
    page.locator('.tile[data-place="0"]').click()
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator('.tile.stray[data-place="0"]')).to_have_count(1)
    expect(count).to_have_text("86 pictures")
    page.keyboard.press("Control+a")
    expect(count).to_have_text("86 of 86 selected")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(count).to_have_text("0 pictures")
    page.get_by_text("All saved").wait_for()
    assert len(yes_of(project, DRESS)) == 86
    page.keyboard.press("u")
    expect(count).to_have_text("86 pictures")
    expect(page.locator(".tile.stray")).to_have_count(1)
    page.get_by_label("Read the list again").click()
    expect(page.locator(".tile.stray")).to_have_count(0)


def pick_and_tag(page: Page, project: Project) -> None:
    """A frame picks; one that starts on a picked tile takes away. So do keys."""
    tiles = page.locator(".tile")
    page.locator(".room").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    page.get_by_text("1 of 90 selected").wait_for()
    page.keyboard.press("Escape")
    draw_frame(page, tiles.nth(0), tiles.nth(2))
    page.get_by_text("3 of 90 selected").wait_for()
    draw_frame(page, tiles.nth(1), tiles.nth(2))
    page.get_by_text("1 of 90 selected").wait_for()
    tiles.nth(2).click(modifiers=["Control"])
    tiles.nth(3).click(modifiers=["Shift"])
    page.get_by_text("3 of 90 selected").wait_for()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".tag.coloured", has_text="blue")).to_have_count(3)
    page.get_by_text("All saved").wait_for()
    assert yes_of(project, BLUE) == [0, 2, 3]


def move_and_review(page: Page, project: Project) -> None:
    """All pictures go to a split and are reviewed; two undos, one redo."""
    in_test = page.locator(".split", has_text="test")
    page.keyboard.press("Control+a")
    page.get_by_text("Move to split, review").click()
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_role("button", name="Reviewed", exact=True).click()
    in_test.first.wait_for()
    page.get_by_text("All saved").wait_for()
    assert len(list_images(project, Filter(split="test"), limit=200)) == PICTURES
    page.keyboard.press("u")
    page.keyboard.press("u")
    expect(in_test).to_have_count(0)
    page.keyboard.press("Shift+U")
    in_test.first.wait_for()
    page.get_by_text("All saved").wait_for()
    assert not any(image.reviewed for image in list_images(project, limit=200))


def sort_and_look(page: Page) -> None:
    """Newest first, large tiles, a preview that leads to the labeler."""
    first = page.locator('.tile[data-place="0"]')
    page.get_by_label("Order", exact=True).select_option("newest")
    expect(first).to_have_attribute("title", "89.png")
    before = page.locator(".tile").count()
    page.get_by_label("Size of the pictures").fill("320")
    expect(page.locator(".tile")).not_to_have_count(before)
    first.dblclick()
    preview = page.locator("dialog.preview")
    preview.get_by_text("89.png · 1 of 90").wait_for()
    page.keyboard.press("ArrowRight")
    preview.get_by_text("88.png · 2 of 90").wait_for()
    preview.get_by_role("button", name="Label it").click()
    page.locator(".frame img").wait_for()
    page.get_by_text("88.png").wait_for()


def test_suggestions_are_confirmed_by_the_page_and_taken_back(
    server: Server, page: Page, project: Project
) -> None:
    show(page, server, "label", "clothes&view=suggestions")
    page.get_by_role("button", name="Train a model").wait_for()
    suggest(project)
    show(page, server, "label", "clothes&view=suggestions")
    tiles = page.locator(".tile")
    page.get_by_text("60 of 90 suggested").wait_for()
    page.locator(".choice", has_text="dress").first.wait_for()
    expect(tiles.first).to_contain_text("99 %")
    tiles.nth(1).click()
    page.get_by_label("Answer no for").check()
    page.get_by_role("button", name="Confirm 59").click()
    page.get_by_text("30 of 30 suggested").wait_for()
    assert yes_of(project, BLUE) == [0, *range(2, 60)]
    assert yes_of(project, BLACK, said=False) == [0, *range(2, 60)]
    assert yes_of(project, BLUE, said=False) == [1]
    # Only what is surer than the slider says; the rest stays open.
    page.get_by_label("Tick from").fill("65")
    page.get_by_role("button", name="Confirm 9").click()
    page.get_by_text("You have seen them all.").wait_for()
    assert yes_of(project, BLUE, said=False) == [1]
    page.keyboard.press("u")
    page.get_by_text("30 of 30 suggested").wait_for()
    page.keyboard.press("u")
    page.get_by_text("60 of 90 suggested").wait_for()
    assert yes_of(project, BLUE) + yes_of(project, BLUE, said=False) == []

    page.locator(".choice", has_text="blue · dress").click()
    page.get_by_label("Tick from").fill("0")
    page.get_by_role("button", name="Confirm 60").click()
    page.get_by_text("30 of 30 suggested").wait_for()
    assert yes_of(project, BLUE) == yes_of(project, DRESS) == [*range(60)]
