"""Start the real app and drive it with a real Chromium, for tests and screenshots."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 60
SCROLLED_MS = 300
# Without these Chromium keeps asking hosts on the internet for updates.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "Chromium not found: install Debian's `chromium` to run the browser tests"


@dataclass
class Server:
    """A running app: its address, process, home and output file."""

    url: str
    process: "subprocess.Popen[bytes]"
    home: Path
    output: Path


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# The `pytestmark` of every file of browser tests.
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(find_chromium() is None, reason=MISSING),
]


@contextmanager
def run_app(home: Path, port: int | None = None) -> Iterator[Server]:
    """Start `python app.py` on a free port and stop it at the end."""
    port = port or free_port()
    home.mkdir(parents=True, exist_ok=True)
    output = home / f"server-{port}.txt"
    environment = os.environ | {
        "UNSEEN_HOME": str(home),
        "UNSEEN_PORT": str(port),
        "UNSEEN_OPEN": "0",
    }
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            server = Server(f"http://127.0.0.1:{port}", process, home, output)
            wait_until_up(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_up(server: Server) -> None:
    """Return once the health route answers; fail with the server's own words."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server.url + "/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The app did not start:\n{server.output.read_text()}")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Open a headless Chromium from the PATH, else Playwright's own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=QUIET
        )
        try:
            yield browser
        finally:
            browser.close()


def wait_for_app(page: Page, timeout_s: float = 30) -> None:
    """Wait until Streamlit has drawn the page and no script runs any more."""
    # Not wait_for_function: it needs eval, which the app's own policy forbids.
    page.wait_for_selector(
        "[data-testid='stApp'][data-test-script-state='notRunning']",
        timeout=timeout_s * 1000,
    )


def choose_option(page: Page, box: Locator, name: str) -> None:
    """Open a list and choose from it.

    A list closes when the page is scrolled or drawn anew under it; the scrolling
    Playwright does before a click reaches the page a frame later.
    """
    wait_for_app(page)
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(SCROLLED_MS)
    box.click()
    page.get_by_role("option", name=name).click()


def show(page: Page, server: Server, path: str, project: str | None = None) -> None:
    """Open one page of the app, wait until it stands."""
    query = f"?project={project}" if project else ""
    page.goto(f"{server.url}/{path}{query}")
    wait_for_app(page)
