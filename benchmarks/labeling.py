"""Labeling in Chromium with 100,000 images in the project.

Run: python -m benchmarks.labeling [--images 100000] [--typed 500] [--home FOLDER]
With --home the project is made there once and used again; it must have unlabelled
images left.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from browser import Server, open_browser, run_app, show, wait_until_up
from playwright.sync_api import Browser, Page

from benchmarks.measure import (
    Figure,
    memory_mb,
    percentile,
    print_figures,
    temporary_home,
)
from benchmarks.synthetic import make_project
from mlcore.importing import ImportOptions, plan_import
from storage.answers import answers_of
from storage.images import list_images
from storage.labels import list_labels
from storage.projects import open_project
from storage.records import Filter, Image

PROJECT = "large"
PROBE = Path(__file__).with_name("labeling_probe.js")
KEY_GAP_MS = 30
WAIT_S = 180
HEADERS = {"Content-Type": "application/json", "X-Unseen": "1"}


def open_room(browser: Browser, server: Server, view: str, state: str) -> Page:
    """Return a page with the labeler or the grid, the probe inside."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(path=PROBE)
    show(page, server, "label", f"{PROJECT}&view={view}&state={state}")
    page.locator(".frame img" if view == "one" else ".tile img[src]").first.wait_for()
    page.wait_for_timeout(1500)
    return page


def type_images(page: Page, count: int) -> None:
    """Answer `count` images: a colour, a garment, Enter, 30 ms a key."""
    for place in range(count):
        for key in (str(1 + place % 3), str(4 + place // 3 % 3), "Enter"):
            page.keyboard.press(key)
            page.wait_for_timeout(KEY_GAP_MS)


def unlabelled(count: int) -> list[Image]:
    """Return the images that the labeler shows next."""
    with open_project(PROJECT) as project:
        return list_images(project, Filter(state="unlabelled"), limit=count)


def count_right(images: list[Image]) -> int:
    """Return how many images have exactly what was typed, once all are saved."""
    with open_project(PROJECT) as project:
        names = {label.label_id: label.name for label in list_labels(project)}
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            answers = answers_of(project, [image.image_id for image in images])
            if all(len(said) == len(names) for said in answers.values()):
                break
            time.sleep(0.5)
        colours, garments = ["black", "blue", "red"], ["dress", "jeans", "shirt"]
        return sum(
            {names[i] for i, yes in answers[image.image_id].items() if yes}
            == {colours[place % 3], garments[place // 3 % 3]}
            for place, image in enumerate(images)
        )


def measure_typing(browser: Browser, server: Server, count: int) -> list[Figure]:
    """Return key and Enter times, and how many of the images are right."""
    images = unlabelled(count)
    page = open_room(browser, server, "one", "unlabelled")
    type_images(page, count)
    found: dict[str, list[float]] = page.evaluate("probe.found")
    page.wait_for_timeout(2000)
    page.close()
    return [
        Figure("key → painted, p95", percentile(found["key"], 0.95), "ms", "50"),
        Figure("key → painted, median", statistics.median(found["key"]), "ms", ""),
        Figure(
            "Enter → next painted, p95", percentile(found["next"], 0.95), "ms", "60"
        ),
        Figure(
            "Enter → next painted, median", statistics.median(found["next"]), "ms", ""
        ),
        Figure("typed at 30 ms a key, right", count_right(images), "", str(count)),
    ]


def measure_slow_server(browser: Browser, server: Server, count: int) -> Figure:
    """Return how many are right when every request takes 0.3 s more."""
    images = unlabelled(count)
    page = open_room(browser, server, "one", "unlabelled")
    network = page.context.new_cdp_session(page)
    slow = {"latency": 300, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    type_images(page, count)
    right = count_right(images)
    page.close()
    return Figure("… server 0.3 s late, right", right, "", str(count))


def measure_restart(browser: Browser, server: Server, count: int) -> Figure:
    """Return how many are right when the server is killed in the middle."""
    images = unlabelled(count)
    page = open_room(browser, server, "one", "unlabelled")
    type_images(page, count // 2)
    server.process.kill()
    server.process.wait()
    again = threading.Timer(3, restart, [server])
    again.start()
    first = count // 2
    for place in range(first, count):
        for key in (str(1 + place % 3), str(4 + place // 3 % 3), "Enter"):
            page.keyboard.press(key)
            page.wait_for_timeout(KEY_GAP_MS)
    again.join()
    wait_until_up(server)
    right = count_right(images)
    page.close()
    return Figure("… server killed once, right", right, "", str(count))


def restart(server: Server) -> None:
    """Start the app again on the same port."""
    port = server.url.rpartition(":")[2]
    environment = os.environ | {"UNSEEN_PORT": port, "UNSEEN_OPEN": "0"}
    server.process = subprocess.Popen(
        [sys.executable, "app.py"],
        env=environment | {"UNSEEN_HOME": str(server.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def measure_grid(browser: Browser, server: Server) -> list[Figure]:
    """Return the blank times of jumps over the whole grid and of a steady roll."""
    page = open_room(browser, server, "grid", "all")
    jumps = [page.evaluate(f"probe.scrollTo({n / 12})") for n in range(1, 13)]
    roll = page.evaluate("probe.scrollTo(0).then(() => probe.roll(300, 60, 100))")
    page.close()
    return [
        Figure("grid: blank after a jump, median", statistics.median(jumps), "ms", ""),
        Figure("grid: blank after a jump, worst", max(jumps), "ms", "300"),
        Figure("grid: blank while rolling, worst", roll, "ms", "300"),
    ]


def ask(page: Page, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return {ms, answer} of a request that the page itself makes."""
    code = "([path, options]) => probe.timed(path, options)"
    options: dict[str, Any] = {}
    if body is not None:
        options = {"method": "POST", "headers": HEADERS, "body": json.dumps(body)}
    found: dict[str, Any] = page.evaluate(code, [f"/api/{PROJECT}/{path}", options])
    return found


def measure_routes(browser: Browser, server: Server) -> list[Figure]:
    """Return how long a filter and a bulk answer take, asked from the browser."""
    page = open_room(browser, server, "grid", "all")
    expression = quote("(black or red) and not jeans")
    two = quote("black and not jeans")
    filters = [ask(page, f"image-ids?expr={two}")["ms"] for _ in range(7)]
    three = [ask(page, f"image-ids?expr={expression}")["ms"] for _ in range(7)]
    ids = ask(page, "image-ids?state=all")["answer"]["ids"][:10_000]
    with open_project(PROJECT) as project:
        label = list_labels(project)[0].label_id
    bulk = []
    for n in range(5):
        said = {str(label): n % 2 == 0}
        # A repeated id would be answered at once: the work was done before.
        request_id = f"bench-bulk-{time.time_ns()}"
        wish = {"request_id": request_id, "image_ids": ids, "answers": said}
        bulk.append(ask(page, "answers", wish)["ms"])
    page.close()
    return [
        Figure(
            "filter: two labels, one “not”", statistics.median(filters), "ms", "150"
        ),
        Figure("filter: or, and, not", statistics.median(three), "ms", "150"),
        Figure("bulk tag of 10,000 images", statistics.median(bulk), "ms", "1500"),
    ]


def measure_report(rows: int = 20_000) -> Figure:
    """Return the seconds of a dry run of a CSV about images of the project."""
    with tempfile.TemporaryDirectory() as folder, open_project(PROJECT) as project:
        table = Path(folder) / "tags.csv"
        with table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["image_name", "black", "dress"])
            for image in list_images(project, limit=rows):
                writer.writerow([image.name, 1, 0])
        started = time.perf_counter()
        plan = plan_import(project, table, ImportOptions())
        seconds = time.perf_counter() - started
        assert plan.matched == rows, plan.matched
    return Figure("import report of 20,000 CSV rows", seconds, "s", "3")


@contextmanager
def use_home(home: Path | None) -> Iterator[Path]:
    """Point UNSEEN_HOME at this folder, at a temporary one without."""
    if home is None:
        with temporary_home() as made:
            yield made
    else:
        home.mkdir(parents=True, exist_ok=True)
        os.environ["UNSEEN_HOME"] = str(home)
        yield home


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--typed", type=int, default=500)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    figures = []
    with use_home(given.home) as home:
        if not (home / PROJECT).exists():
            left = 20 * given.typed
            make_project(PROJECT, given.images, labelled=given.images - left).db.close()
        figures.append(measure_report())
        with run_app(home) as server, open_browser() as browser:
            figures += measure_typing(browser, server, given.typed)
            figures.append(measure_slow_server(browser, server, given.typed))
            figures += measure_grid(browser, server)
            figures += measure_routes(browser, server)
            used = memory_mb(server.process.pid)
            figures.append(Figure("web process after all that", used, "MB", "600"))
            figures.append(measure_restart(browser, server, given.typed))
            server.process.terminate()
    print_figures(figures)


if __name__ == "__main__":
    main()
