"""The process that measures pictures: `python -m mlcore.facts_worker PROJECT`.

It also looks for copies, and checks the stored files when somebody asks for it.

It gives way to training: it ends when a run waits or trains, and is started again
afterwards. Everything it has measured by then is in the database.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from mlcore import health_jobs, side_process
from mlcore.file_checks import check_files, drop_check, last_check
from mlcore.health_jobs import (
    facts_folder,
    is_searched,
    note_searched,
    what_goes_first,
)
from mlcore.image_facts import VERSION, measure_images
from mlcore.near_duplicates import search_project
from storage.facts import count_measured, facts_stamp, unmeasured_ids
from storage.images import count_images
from storage.projects import Project, open_project

MEASURED_AT_ONCE = 100
IDS_AT_ONCE = 20_000
STATUS_EVERY_S = 0.5
LOOK_EVERY_S = 3.0


@dataclass(slots=True)
class Progress:
    """Writes how far the process is, at most twice a second."""

    folder: Path
    done: int
    total: int
    state: str = "measuring"
    began_at: float = field(default_factory=time.monotonic)
    measured: int = 0
    written_at: float = 0.0

    def begin(self, state: str, done: int, total: int) -> None:
        """Turn to another kind of work, of which so much is done."""
        self.state, self.done, self.total, self.measured = state, done, total, 0
        self.began_at = time.monotonic()
        self.write(state)

    def add(self, count: int) -> None:
        """Count images that were measured."""
        self.reach(self.done + self.measured + count, self.total)

    def reach(self, done: int, total: int) -> None:
        """Say how far the present work is."""
        self.measured, self.total = done - self.done, total
        if time.monotonic() - self.written_at >= STATUS_EVERY_S:
            self.write(self.state)

    def write(self, state: str, message: str = "") -> None:
        """Say how far it is, whatever the time."""
        self.written_at = time.monotonic()
        seconds = self.written_at - self.began_at
        done = self.done + self.measured
        left = max(self.total - done, 0)
        status = {
            "pid": os.getpid(),
            "state": state,
            "done": done,
            "total": max(self.total, done),
            "message": message,
            "left_s": left * seconds / self.measured if self.measured else None,
        }
        side_process.write_status(self.folder, status)


@dataclass(slots=True)
class Watch:
    """Looks now and then for a reason to end early."""

    project: Project
    looked_at: float = 0.0

    def reason_to_end(self) -> tuple[str, str] | None:
        """The state to end in and a sentence; None to go on."""
        if side_process.is_cancelled(facts_folder(self.project)):
            return "cancelled", "Cancelled. What is measured stays."
        if time.monotonic() - self.looked_at < LOOK_EVERY_S:
            return None
        self.looked_at = time.monotonic()
        busy = what_goes_first(self.project)
        return ("waiting", busy) if busy else None


def measure_all(
    project: Project, progress: Progress, watch: Watch
) -> tuple[str, str] | None:
    """Measure until no image is left, also such as come in meanwhile.

    Returns why it ended before that, else None.
    """
    while ids := unmeasured_ids(project, VERSION, IDS_AT_ONCE):
        for start in range(0, len(ids), MEASURED_AT_ONCE):
            reason = watch.reason_to_end()
            if reason:
                return reason
            progress.add(measure_images(project, ids[start : start + MEASURED_AT_ONCE]))
    return None


def work(project: Project, progress: Progress) -> tuple[str, str]:
    """Check what is asked for, measure, look for copies; the state it ended in and
    a sentence."""
    watch = Watch(project)
    while health_jobs.has_work(project):
        reason = check_stored(project, progress, watch) or measure_new(
            project, progress, watch
        )
        if reason:
            return reason
        if not is_searched(project):
            stamp = facts_stamp(project)
            progress.begin("searching", 0, 0)
            search_project(project, progress.reach)
            note_searched(project, stamp)
    return "done", ""


def check_stored(
    project: Project, progress: Progress, watch: Watch
) -> tuple[str, str] | None:
    """Check the files if somebody asked for it; why it ended early, else None."""
    check = last_check(project)
    if check is None or check.ended_at is not None:
        return None
    progress.begin("checking", check.checked, count_images(project))
    reason = check_files(project, progress.reach, watch.reason_to_end)
    if reason and reason[0] == "cancelled":
        drop_check(project)
    return reason


def measure_new(
    project: Project, progress: Progress, watch: Watch
) -> tuple[str, str] | None:
    """Measure what is not measured yet; why it ended early, else None."""
    if not unmeasured_ids(project, VERSION, 1):
        return None
    done = count_measured(project, VERSION)
    progress.begin("measuring", done, count_images(project))
    return measure_all(project, progress, watch)


def main(project_name: str) -> int:
    """Measure the images of a project; returns the exit status."""
    side_process.give_way()
    with open_project(project_name) as project:
        facts_folder(project).mkdir(exist_ok=True)
        done = count_measured(project, VERSION)
        progress = Progress(facts_folder(project), done, count_images(project))
        progress.write("measuring")
        state, message = side_process.end_of(lambda: work(project, progress), explain)
        progress.write(state, message)
    return 1 if state == "failed" else 0


def explain(error: Exception) -> str:
    """What broke the measuring off, as a sentence."""
    return f"Measuring broke off unexpectedly ({type(error).__name__})."


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
