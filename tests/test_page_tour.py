"""The three steps that explain unseen combinations, and the drawn pictures in them."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from browser import MISSING, find_chromium, open_browser, run_app, show
from filled_project import fill
from playwright.sync_api import expect
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from pages.parts.tour import CLOSED, answer_step, is_unasked
from pages.parts.tour_story import STORY, for_screen
from pages.parts.train_recipes import OPEN_KEY, RECIPE_KEY
from pages.routes.answers import HANDLERS
from pages.routes.drawn import ROUTES
from storage.answers import answer_many
from storage.groups import set_group
from storage.project_settings import read_setting, write_setting
from storage.projects import Project, open_project
from storage.runs import create_run

MakeImage = Callable[..., bytes]
MAIN = Path(__file__).parent.parent / "pages" / "main.py"


@pytest.fixture
def sample(project: Project, make_image: MakeImage) -> Project:
    """Three of four combinations, and a kept-out picture as sample projects have."""
    ids = fill(project, make_image, 3)
    colours = set_group(project, "colour", ["black", "red"], "exactly-one", who="")
    kinds = set_group(project, "kind", ["dress", "jeans"], "exactly-one", who="")
    shown = ((0, 1), (1, 0), (1, 1))
    for image_id, (colour, kind) in zip(ids, shown, strict=True):
        yes = {
            colours.labels[colour].label_id: True,
            kinds.labels[kind].label_id: True,
        }
        answer_many(project, [image_id], yes, who="", batch_id="b", complete=True)
    (project.folder / "samples").mkdir()
    (project.folder / "samples" / "black-dress-01.jpg").write_bytes(make_image())
    return project


def open_page(page_file: str) -> AppTest:
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    page.switch_page(page_file).run()
    assert not page.exception
    return page


def test_the_steps_come_unasked_only_in_a_fresh_sample_project(
    sample: Project,
) -> None:
    assert is_unasked(sample)
    write_setting(sample, CLOSED, True)
    assert not is_unasked(sample)
    write_setting(sample, CLOSED, None)
    create_run(sample, recipe="quick", config={}, epochs_total=1)
    assert not is_unasked(sample)


def test_projects_of_ones_own_are_left_alone(project: Project) -> None:
    assert not is_unasked(project)


def test_the_second_step_leads_to_what_can_be_done_now() -> None:
    assert answer_step(has_model=False).places[0][0] == "first"
    assert answer_step(has_model=True).places[0][0] == "classify"


@pytest.mark.parametrize("page_file", ["overview.py", "coverage.py"])
def test_where_combinations_are_missing_a_button_shows_the_steps(
    sample: Project, page_file: str
) -> None:
    page = open_page(page_file)
    [button] = [b for b in page.main.button if "three steps" in b.label]
    button.click().run()
    assert not page.exception


def test_its_button_opens_the_form_with_the_card_chosen_also_after_a_run(
    sample: Project,
) -> None:
    create_run(sample, recipe="quick", config={}, epochs_total=1)
    page = AppTest.from_function(choose_in_tour, kwargs={"name": sample.name}).run()
    assert not page.exception
    asked = {key: page.session_state[key] for key in (OPEN_KEY, RECIPE_KEY)}
    assert asked == {OPEN_KEY: True, RECIPE_KEY: "compositional"}
    train = AppTest.from_file(str(MAIN), default_timeout=30)
    for key, value in asked.items():
        train.session_state[key] = value
    train.switch_page("train.py").run()
    assert not train.exception
    assert train.button(key="train_choose_compositional").label == "Chosen"


def choose_in_tour(name: str) -> None:
    from pages.parts.train_recipes import open_with

    open_with(name, "compositional")


def test_the_whole_story_is_shown_with_pictures_that_the_app_serves(
    sample: Project,
) -> None:
    page = open_page("coverage.py")
    [button] = [b for b in page.main.button if b.label == "The whole story"]
    button.click().run()
    assert not page.exception
    pictures = re.findall(r"\]\((/docs/[^)]+)\)", for_screen(STORY.read_text()))
    assert len(pictures) >= 5
    assert {ask(path).status_code for path in pictures} == {200}
    assert ask("/docs/img/coverage.png").status_code == 404


def ask(path: str) -> httpx.Response:
    app = Starlette(routes=ROUTES, exception_handlers=HANDLERS)

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t") as web:
            return await web.get(path)

    return asyncio.run(get())


def test_drawn_clothes_are_pictures_and_anything_else_is_refused() -> None:
    first, again = ask("/drawn/black/dress/4"), ask("/drawn/black/dress/4")
    assert first.headers["content-type"] == "image/jpeg"
    assert first.content == again.content
    for path in ("/drawn/green/dress/1", "/drawn/red/hat/1", "/drawn/red/dress/9999"):
        assert ask(path).status_code == 404


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(find_chromium() is None, reason=MISSING)
def test_by_keyboard_to_the_shopping_list_and_then_never_again(
    sample: Project, home: Path
) -> None:
    with run_app(home) as server, open_browser() as browser:
        page = browser.new_page(viewport={"width": 400, "height": 860})
        show(page, server, "", "clothes")
        card = page.locator(".st-key-tour_card")
        expect(card.get_by_role("img", name="a black jeans")).to_be_visible()
        card.get_by_role("button", name="Next").focus()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        expect(card.get_by_role("status")).to_have_text("3 of 3")
        card.get_by_role("button", name="Open the shopping list").press("Enter")
        expect(page.locator(".st-key-coverage_shopping")).to_be_in_viewport(
            timeout=20_000
        )
        show(page, server, "", "clothes")
        card.get_by_role("button", name="Do not show this again").click()
        expect(card).to_have_count(0)
    with open_project("clothes") as project:
        assert read_setting(project, CLOSED)
