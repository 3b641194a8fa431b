"""Upload 2,000 files in Chromium: do all arrive, and how does memory move?

Run: python -m benchmarks.upload
"""

import os
import time
from pathlib import Path

from browser import open_browser, run_app, show

from benchmarks.measure import Figure, memory_mb, print_figures, temporary_home
from storage.projects import create_project, uploads_dir

FILES = 2_000
FILE_BYTES = 256 * 1024
PROJECT = "upload"


def make_files(folder: Path) -> None:
    """Write files of random bytes: the upload must carry them, good or bad."""
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:05}.jpg").write_bytes(os.urandom(FILE_BYTES))


def count_arrived(folder: Path) -> int:
    """Return how many whole files lie in the upload's staging folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size == FILE_BYTES for path in files)


def main() -> None:
    """Measure and print."""
    with temporary_home() as home:
        make_files(home / "pictures")
        with create_project(PROJECT) as project:
            staged = uploads_dir(project)
        with run_app(home) as server, open_browser() as browser:
            page = browser.new_page()
            show(page, server, "data", PROJECT)
            before = memory_mb(server.process.pid)
            started, peak = time.perf_counter(), before
            files = [str(p) for p in sorted((home / "pictures").iterdir())]
            page.locator("input[type=file]").first.set_input_files(files)
            deadline = started + 600
            while count_arrived(staged) < FILES and time.perf_counter() < deadline:
                peak = max(peak, memory_mb(server.process.pid))
                page.wait_for_timeout(500)
            seconds = time.perf_counter() - started
            arrived = count_arrived(staged)
    print_figures(
        [
            Figure("files arrived of 2,000", arrived, "", "2,000"),
            Figure("upload of 2,000 x 256 kB", seconds, "s", ""),
            Figure("web process before", before, "MB", ""),
            Figure("web process at most", peak, "MB", "flat"),
        ]
    )


if __name__ == "__main__":
    main()
