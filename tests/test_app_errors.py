"""What a person sees of an error, and what the log keeps."""

import logging
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from streamlit.testing.v1 import AppTest

from pages.routes import background
from pages.routes.home_hold import hold_home, log_into
from storage.errors import HomeError


def show_a_bug() -> None:
    from pages.parts.errors import on_script_error

    try:
        raise KeyError("secret detail")
    except KeyError as error:
        assert on_script_error(error)


def show_a_sentence() -> None:
    from pages.parts.errors import on_script_error
    from storage.errors import LabelError

    assert on_script_error(LabelError("The label name is empty. Give it a name."))


def test_a_bug_is_a_calm_sentence_and_its_details_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "unseen"):
        page = AppTest.from_function(show_a_bug).run()
    assert not page.exception
    assert "Something went wrong" in page.error[0].value
    assert "secret" not in page.error[0].value
    assert "secret detail" in caplog.text


def test_an_error_raised_on_purpose_is_its_own_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = AppTest.from_function(show_a_sentence).run()
    assert page.error[0].value == "The label name is empty. Give it a name."
    assert caplog.text == "" or "LabelError" not in caplog.text


def test_the_log_lies_in_the_data_folder(home: Path) -> None:
    with hold_home(8501):
        logging.getLogger("unseen").error("a line")
    assert "a line" in (home / "unseen.log").read_text()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_does_not_fill_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with log_into(Path("/dev/full")):
        logging.getLogger("unseen").error("a line")
    assert capfd.readouterr().err == ""


def test_what_stays_broken_is_logged_once_and_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def look() -> None:
        raise HomeError("The disk is full.")

    for _ in range(3):
        anyio.run(background.attempt, look)
    assert [record.message for record in caplog.records] == [
        "the step look failed: The disk is full."
    ]
    assert "Traceback" not in caplog.text


def test_holding_the_folder_twice_in_one_process_is_once() -> None:
    with hold_home(1), hold_home(2):
        pass
    with hold_home(3):
        pass


def test_a_folder_held_by_another_process_is_refused(home: Path) -> None:
    code = (
        "import sys\nfrom storage.home import lock_home\n"
        "with lock_home(7):\n    print('held', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(HomeError, match=f"process {other.pid}, port 7"),
            hold_home(),
        ):
            pass
        other.communicate()
