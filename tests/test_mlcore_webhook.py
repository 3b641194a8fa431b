"""A program on this computer is told when a run ends, by real HTTP."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tiny_training import TINY, make_project

from mlcore import jobs, webhook, worker
from storage.errors import HomeError
from storage.home import Settings, save_settings
from storage.projects import open_project
from storage.records import Run
from storage.runs import claim_next, finish_run, get_run, run_dir, set_process


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.7/x",
        "https://example.org",
        "http://localhost.evil.org/",
        "http://127.0.0.1@evil.org/",
        "http://localhost:99999/",
        "file:///etc/passwd",
        "127.0.0.1:80",
    ],
)
def test_an_address_off_this_computer_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(HomeError, match="on this computer"):
        Settings(webhook_url=url)


class Listener(HTTPServer):
    """Keeps what it was told; /elsewhere tries to send the teller away."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.told: list[Any] = []
        self.base = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """Takes one message."""

    server: Listener

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.told.append(json.loads(self.rfile.read(length)))
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "http://example.org/")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def claimed(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of the project tiny that a worker may take; nothing starts one."""
    monkeypatch.setattr(jobs, "_start", lambda *_: None)
    config = TINY.with_changes(network="features", image_size_px=32)
    run_id = jobs.submit(make_project(each=3), config)
    with open_project("tiny") as project:
        return get_run(project, run_id)


def test_the_end_of_a_run_is_told_and_a_failure_to_tell_is_only_said(
    claimed: Run, listener: Listener
) -> None:
    with open_project("tiny") as project:
        metrics = {"exact_match": 0.9}
        finish_run(project, claimed.run_id, 1, "finished", seconds=2.0, metrics=metrics)
        run = get_run(project, claimed.run_id)
    said: list[str] = []
    webhook.tell_run_ended("tiny", run, said.append)
    assert said == [], "without an address nobody is told"
    for path in ("/done", "/elsewhere"):
        save_settings(Settings(webhook_url=listener.base + path))
        webhook.tell_run_ended("tiny", run, said.append)
    listener.shutdown()
    listener.server_close()
    webhook.tell_run_ended("tiny", run, said.append)
    assert listener.told[0] == {
        "project": "tiny",
        "run": run.run_id,
        "state": "finished",
        "metrics": {"exact_match": 0.9},
        "seconds": 2.0,
    }
    assert len(listener.told) == 2
    assert said[0].startswith("Told") and "302" in said[1] and "refused" in said[2]


def test_a_worker_tells_of_a_run_that_failed_and_not_of_one_taken_over(
    claimed: Run, listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    save_settings(Settings(webhook_url=f"{listener.base}/done"))
    with open_project("tiny") as project:
        (run_dir(project, claimed.run_id) / "snapshot.json").unlink()
    assert worker.main(["tiny", claimed.run_id, "--attempt", "1"]) == 1
    assert [told["state"] for told in listener.told] == ["failed"]
    assert f"Told {listener.base}/done" in capsys.readouterr().out
    jobs.resume("tiny", claimed.run_id)
    assert worker.main(["tiny", claimed.run_id, "--attempt", "1"]) == 1
    assert len(listener.told) == 1


def test_a_run_whose_worker_vanished_is_told_too(
    claimed: Run, listener: Listener
) -> None:
    save_settings(Settings(webhook_url=f"{listener.base}/done"))
    with open_project("tiny") as project:
        set_process(project, claimed.run_id, claimed.attempt, 2**22 - 1, 1.0)
        assert claim_next(project) is None
    jobs.supervise("tiny")
    jobs.supervise("tiny")
    assert [told["state"] for told in listener.told] == ["interrupted"]
