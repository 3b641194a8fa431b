"""The server as a process: it starts, guards, refuses, and stays light."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import websockets.sync.client
from browser import ROOT, Server, free_port, run_app
from websockets.exceptions import InvalidStatus

from pages.routes.serving import PortTaken, bind

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_app(tmp_path_factory.mktemp("app") / "home") as running:
        yield running


def start(
    home: Path, *options: str, port: int | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `python app.py` that is expected to end by itself."""
    environment = os.environ | {
        "UNSEEN_HOME": str(home),
        "UNSEEN_PORT": str(port or free_port()),
        "UNSEEN_OPEN": "0",
    }
    return subprocess.run(
        [sys.executable, "app.py", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_it_answers_and_says_where_it_is(server: Server) -> None:
    assert httpx.get(server.url + "/healthz").json() == {"status": "ok"}
    port = server.url.rpartition(":")[2]
    assert f"http://localhost:{port}" in server.output.read_text()


def test_a_deep_link_gets_the_app_and_its_headers(server: Server) -> None:
    answer = httpx.get(server.url + "/settings?project=none")
    assert answer.status_code == 200
    assert "<title>Streamlit</title>" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"


def stream_address(server: Server) -> str:
    return server.url.replace("http", "ws") + "/_stcore/stream"


def test_our_own_page_may_open_the_websocket(server: Server) -> None:
    with websockets.sync.client.connect(stream_address(server), origin=server.url):
        pass


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:1"])
def test_another_page_may_not_open_the_websocket(server: Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        websockets.sync.client.connect(stream_address(server), origin=origin)
    assert refused.value.response.status_code == 403


def test_small_answers_do_not_wait_for_an_acknowledgement(server: Server) -> None:
    """Without TCP_NODELAY each costs 44 ms on a kept connection."""
    with httpx.Client(base_url=server.url) as client:
        client.get("/healthz")
        started = time.perf_counter()
        for _ in range(20):
            client.get("/healthz")
        assert (time.perf_counter() - started) / 20 < 0.035


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_web_process_has_no_tensorflow_in_it(server: Server) -> None:
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "tensorflow" not in maps


def test_a_second_app_on_the_same_data_is_refused_in_words(server: Server) -> None:
    done = start(server.home)
    assert done.returncode == 1
    assert "already used by another Unseen" in done.stderr
    assert str(server.process.pid) in done.stderr
    assert "Traceback" not in done.stderr


def test_asking_for_help_starts_nothing_and_a_wrong_option_is_named(
    tmp_path: Path,
) -> None:
    home = tmp_path / "not made"
    asked, mistaken = start(home, "--help"), start(home, "--port", "8600")
    assert asked.returncode == 0 and str(home) in asked.stdout
    assert "UNSEEN_PORT" in asked.stdout and "Ctrl-C" in asked.stdout
    assert mistaken.returncode == 2 and "“--port” is no option" in mistaken.stderr
    assert not home.exists()


def test_a_home_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = start(tmp_path / "file")
    assert done.returncode == 1
    assert "UNSEEN_HOME" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_home_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o500)
    done = start(tmp_path / "home")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_refused_in_words(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = start(tmp_path / "home", port=taken.getsockname()[1])
    assert done.returncode == 1
    assert "UNSEEN_PORT=" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["99999", "0", "²", "-1", "eight", ""])
def test_a_port_that_cannot_be_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("UNSEEN_PORT", port)
    with pytest.raises(PortTaken, match="1 to 65535"):
        bind()


@pytest.mark.parametrize("address", ["no-such-host.invalid", "203.0.113.7"])
def test_an_address_of_another_computer_is_not_called_a_taken_port(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("UNSEEN_ADDRESS", address)
    with pytest.raises(PortTaken, match="UNSEEN_ADDRESS"):
        bind()


def test_streamlit_run_starts_the_same_app(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    environment = os.environ | {"UNSEEN_HOME": str(tmp_path / "home")}
    with subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert healthy(port)
        finally:
            process.terminate()
            process.wait(timeout=20)


def healthy(port: int) -> bool:
    """Ask the health route until it answers, at most a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        except httpx.TransportError:
            time.sleep(0.1)
    return False
