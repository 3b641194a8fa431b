"""One story: a person switches the HTTP API on, a program asks, the token is revoked.

The examples of docs/api.md are run word by word with the token of the page.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import IN_A_BROWSER, ROOT, open_browser, run_app, show
from made_engine import make_engine_run
from playwright.sync_api import Page, expect

from storage.home import home_dir
from storage.projects import Project

pytestmark = IN_A_BROWSER
IN_TIME_MS = 30_000
EXAMPLE = re.compile(r"```(bash|python)\n(.*?)```", re.DOTALL)


def make_token(page: Page) -> str:
    """Switch the API on and make a token, as a person does; the token."""
    card = page.locator(".st-key-api_settings")
    expect(card).to_contain_text("Off.", timeout=IN_TIME_MS)
    card.get_by_text("Programs may ask the models").click()
    name = card.get_by_role("textbox", name="Name of a new token")
    name.fill("shop <b>website</b>", timeout=IN_TIME_MS)
    card.get_by_role("button", name="Make a token").click()
    expect(card).to_contain_text("Copy the token now", timeout=IN_TIME_MS)
    expect(card).to_contain_text("shop <b>website</b> made")
    found = re.search(r"unseen_[\w-]{43}", card.inner_text())
    assert found
    return found[0]


def run_example(language: str, code: str, url: str, token: str) -> str:
    """What an example of the documentation prints."""
    program = ["bash", "-ec"] if language == "bash" else [sys.executable, "-c"]
    done = subprocess.run(
        [*program, code],
        env=os.environ | {"URL": url, "TOKEN": token},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_token_lets_a_program_ask_until_it_is_revoked(
    project: Project,
    make_image: Callable[..., bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNSEEN_ENGINE", "onnx")
    make_engine_run(project)
    (tmp_path / "picture.jpg").write_bytes(make_image("red", 40, "JPEG"))
    (tmp_path / "other.jpg").write_bytes(make_image("blue", 40, "JPEG"))
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "api.md").read_text()
    one, two, python, similar = EXAMPLE.findall(text)
    with run_app(home_dir()) as server, open_browser() as browser:
        page = browser.new_page()
        show(page, server, "settings", project.name)
        token = make_token(page)
        said = json.loads(run_example(*one, server.url, token))
        assert said["results"][0]["name"] == "picture.jpg"
        assert said["results"][0]["combination"][0] == "red"
        said = json.loads(run_example(*two, server.url, token))
        assert [row["combination"][0] for row in said["results"]] == ["red", "blue"]
        assert "red" in run_example(*python, server.url, token)
        said = json.loads(run_example(*similar, server.url, token))
        assert said["code"] == "not_looked_at"
        card = page.locator(".st-key-api_settings")
        card.get_by_role("button", name="Revoke").click()
        page.get_by_role("button", name="Revoke it").click()
        expect(card).to_contain_text("No program has a token", timeout=IN_TIME_MS)
        expect(card).not_to_contain_text(token)
        said = json.loads(run_example(*one, server.url, token))
        assert said["code"] == "unknown_token"
