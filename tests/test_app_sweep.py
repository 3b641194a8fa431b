"""What the app clears away by itself, once an hour and at its start."""

import logging
import os
import time
from pathlib import Path

import pytest

from pages.routes import background
from storage.projects import Project, create_project, images_dir

OLD_S = 7200


def leave_orphan(project: Project) -> Path:
    """A picture file of two hours ago without a row, as a crash leaves it."""
    orphan = images_dir(project) / "ab" / "cd" / ("ab" + "cd" * 31 + ".png")
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left behind")
    os.utime(orphan, (time.time() - OLD_S, time.time() - OLD_S))
    return orphan


def test_files_that_a_crash_left_without_a_row_are_removed(project: Project) -> None:
    orphan = leave_orphan(project)
    background.sweep()
    assert not orphan.exists()


def test_a_damaged_project_is_logged_and_does_not_keep_the_others_from_it(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    orphan = leave_orphan(project)
    with create_project("aaa damaged") as damaged:
        database = damaged.folder / "project.db"
    for path in database.parent.glob("project.db*"):
        path.write_bytes(b"not a database, " * 400)
    with caplog.at_level(logging.WARNING, logger="unseen"):
        background.sweep()
    assert "aaa damaged" in caplog.text
    assert not orphan.exists()
