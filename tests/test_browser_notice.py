"""What every page tells: that a run has ended, that the server does not answer."""

from browser import (
    IN_A_BROWSER,
    free_port,
    open_browser,
    run_app,
    show,
    wait_for_app,
)
from playwright.sync_api import expect

from mlcore.config import TrainConfig
from storage.home import home_dir
from storage.projects import Project
from storage.runs import claim_next, create_run, finish_run

pytestmark = IN_A_BROWSER
IN_TIME_MS = 30_000


def test_the_title_says_that_a_run_has_ended_until_its_page_is_opened(
    project: Project,
) -> None:
    with run_app(home_dir()) as server, open_browser() as browser:
        page = browser.new_page()
        asked = f"{server.url}/api/{project.name}/runs/ended"
        with page.expect_response(asked, timeout=IN_TIME_MS):
            page.goto(f"{server.url}/settings?project={project.name}")
        wait_for_app(page)
        expect(page).to_have_title("Unseen")
        config = TrainConfig().as_json()
        run = create_run(project, recipe="fast", config=config, epochs_total=1)
        assert claim_next(project) is not None
        finish_run(project, run.run_id, 1, "finished", seconds=1.0)
        told = "✓ Run 1 finished · Unseen"
        expect(page).to_have_title(told, timeout=IN_TIME_MS)
        page.reload()
        wait_for_app(page)
        expect(page).to_have_title("Unseen")
        second = create_run(project, recipe="fast", config=config, epochs_total=1)
        assert claim_next(project) is not None
        finish_run(project, second.run_id, 1, "failed", seconds=1.0, message="No.")
        expect(page).to_have_title("✗ Run 2 failed · Unseen", timeout=IN_TIME_MS)
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Review").click()
        expect(page).to_have_title("Unseen", timeout=IN_TIME_MS)


def test_a_stopped_server_is_told_in_our_words_until_it_is_back(
    project: Project,
) -> None:
    port = free_port()
    with open_browser() as browser:
        page = browser.new_page()
        told = page.get_by_role("dialog")
        with run_app(home_dir(), port) as server:
            show(page, server, "settings", project.name)
            server.process.kill()
            expect(told).to_contain_text("Start it again", timeout=IN_TIME_MS)
            assert "Connection error" not in told.inner_text()
            assert "treamlit" not in told.inner_text()
        with run_app(home_dir(), port):
            expect(told).to_have_count(0, timeout=IN_TIME_MS)
            wait_for_app(page)
