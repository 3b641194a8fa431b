"""Take the pictures of docs/img: every page empty and filled, wide, narrow, dark.

Trains the sample project for a few epochs. Run: python -m benchmarks.screenshots
"""

from pathlib import Path

from browser import Server, open_browser, run_app, show
from playwright.sync_api import Browser, Page

from benchmarks.measure import temporary_home
from mlcore.cli_runs import wait_for_run
from mlcore.jobs import submit
from mlcore.recipes import find_recipe
from mlcore.samples import create_sample_project
from storage.projects import create_project

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "img"
PAGES = ("", "data", "label", "coverage", "train", "review", "classify", "settings")
LABEL_VIEWS = ("grid", "suggestions", "schema")
FILLED, EMPTY = "Sample clothes", "Empty"
EPOCHS = 12
LOOKS = {
    "": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "-narrow": {"viewport": {"width": 400, "height": 860}, "color_scheme": "light"},
    "-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


def shoot(page: Page, name: str) -> None:
    """Save one picture of what is in sight, once pictures have come."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)
    page.screenshot(path=IMAGES / f"{name}.png")


def shoot_project(page: Page, server: Server, project: str, suffix: str) -> None:
    """Save every page of a project."""
    for path in PAGES:
        show(page, server, path, project)
        shoot(page, f"{path or 'overview'}{suffix}")
    for view in LABEL_VIEWS:
        show(page, server, "label", f"{project}&view={view}")
        shoot(page, f"label-{view}{suffix}")


def classify_samples(page: Page, server: Server) -> None:
    """Save the Classify page with its answers on never-seen pictures."""
    show(page, server, "classify", FILLED)
    page.get_by_text("Pictures the model has never seen").click()
    page.get_by_role("button", name="Classify all 36").click()
    page.get_by_text("Download").first.wait_for(timeout=120_000)
    shoot(page, "classify-warning")


def shoot_everything(browser: Browser, server: Server) -> None:
    """Save all pages in all looks; the empty ones in the first look only."""
    for suffix, look in LOOKS.items():
        page = browser.new_context(**look).new_page()
        shoot_project(page, server, FILLED, suffix)
        if not suffix:
            shoot_project(page, server, EMPTY, "-empty")
            classify_samples(page, server)
        page.context.close()


def main() -> None:
    """Make a sample project and a run, then take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with temporary_home() as home, open_browser() as browser, run_app(home) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(server.url)
        page.get_by_role("button", name="Try it with sample pictures").wait_for()
        shoot(page, "welcome")
        page.close()
        make_projects()
        shoot_everything(browser, server)


def make_projects() -> None:
    """Make an empty project and a filled one with a finished run."""
    create_sample_project(FILLED).db.close()
    create_project(EMPTY).db.close()
    config = find_recipe("smallervggnet").config.with_changes(epochs=EPOCHS)
    run_id = submit(FILLED, config)
    wait_for_run(FILLED, run_id)


if __name__ == "__main__":
    main()
