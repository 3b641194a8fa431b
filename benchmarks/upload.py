"""Upload 50,000 files in Chromium, close the tab half-way, choose them again.

Do all arrive, how fast, and how does memory move in the server and in the browser?

Run: python -m benchmarks.upload [FILES]
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from browser import Server, open_browser, run_app, show
from playwright.sync_api import Browser, Page

from benchmarks.measure import Figure, memory_mb, print_figures, temporary_home
from storage.projects import create_project, uploads_dir

FILES = 50_000
FILE_BYTES = 8 * 1024
LARGE_BYTES = 200 * 2**20
PROJECT = "upload"
LIMIT_S = 1_800


def make_files(folder: Path, files: int) -> None:
    """Write small files of random bytes, and one large one."""
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:05}.jpg").write_bytes(os.urandom(FILE_BYTES))
    with (folder / "large.zip").open("wb") as file:
        for _ in range(LARGE_BYTES // 2**20):
            file.write(os.urandom(2**20))


def count_arrived(staged: Path) -> int:
    """Return how many files the uploads' manifests record."""
    lines = 0
    for manifest in staged.glob("u*/manifest.jsonl"):
        with manifest.open() as file:
            lines += sum(1 for _ in file) - 1
    return lines


def browser_mb(page: Page) -> float:
    """Return the megabytes of JavaScript objects in the page after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    return float(used) / 2**20


def send(
    browser: Browser, server: Server, folder: Path, is_enough: Callable[[], bool]
) -> tuple[float, float, float, float]:
    """Choose the folder in a new tab and wait; return seconds and megabytes: the
    server's most, the page's before and at the end."""
    page = browser.new_page()
    show(page, server, "data", PROJECT)
    before, most = browser_mb(page), 0.0
    started = time.perf_counter()
    page.locator("input[data-input=folder]").set_input_files(folder)
    while not is_enough() and time.perf_counter() - started < LIMIT_S:
        most = max(most, memory_mb(server.process.pid))
        page.wait_for_timeout(250)
    seconds = time.perf_counter() - started
    after = browser_mb(page)
    page.close()
    return seconds, most, before, after


def main(files: int = FILES) -> None:
    """Measure and print."""
    with temporary_home() as home:
        folder = home / "pictures"
        make_files(folder, files)
        with create_project(PROJECT) as project:
            staged = uploads_dir(project)
        with run_app(home) as server, open_browser() as browser:
            idle = memory_mb(server.process.pid)
            half, most, before, _ = send(
                browser, server, folder, lambda: count_arrived(staged) > files // 2
            )
            at_half = count_arrived(staged)
            rest, most_later, _, after = send(
                browser, server, folder, lambda: count_arrived(staged) > files
            )
            arrived, uploads = count_arrived(staged), len(list(staged.glob("u*")))
    print_figures(
        [
            Figure("files here when the tab was closed", at_half, "", ""),
            Figure(f"files here at the end of {files + 1:,}", arrived, "", files + 1),
            Figure("uploads they are in", uploads, "", 1),
            Figure("first half", half, "s", ""),
            Figure("second half, the first skipped", rest, "s", ""),
            Figure("files a second", files / (half + rest), "", ""),
            Figure("web process before", idle, "MB", ""),
            Figure("web process at most", max(most, most_later), "MB", "flat"),
            Figure("page before", before, "MB", ""),
            Figure("page when all had gone", after, "MB", "flat"),
        ]
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
