"""Page switches in Chromium with 10,000 images: click to the new title in sight.

Run: python -m benchmarks.page_switch
"""

import statistics
import time

from browser import open_browser, run_app, show
from playwright.sync_api import Page

from benchmarks.measure import Figure, print_figures, temporary_home
from benchmarks.synthetic import make_project

IMAGES = 10_000
PAGES = ("Data", "Label", "Coverage", "Train", "Review", "Classify", "Settings")
ROUNDS = 5


def switch(page: Page, name: str) -> float:
    """Return the seconds from a click in the navigation to the page's title."""
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name)
    title = page.get_by_role("heading", level=1, name=name, exact=True)
    started = time.perf_counter()
    link.click()
    title.wait_for()
    seconds = time.perf_counter() - started
    page.wait_for_timeout(700)
    return seconds


def main() -> None:
    """Measure and print."""
    with temporary_home() as home:
        make_project("big", IMAGES).db.close()
        with run_app(home) as server, open_browser() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            show(page, server, "", "big")
            times = {name: [] for name in PAGES}
            for _ in range(ROUNDS):
                for name in PAGES:
                    times[name].append(switch(page, name))
    print_figures(
        [
            Figure(f"{name}, click to title", statistics.median(t) * 1000, "ms", "300")
            for name, t in times.items()
        ]
    )


if __name__ == "__main__":
    main()
