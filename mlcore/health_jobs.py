"""Measuring pictures in the background: how far it is, starting and ending it.

A process of its own (facts_worker) measures what is new and then looks for copies,
never beside a training run. What is measured is in the database, so a process that
was killed is simply started again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlcore import side_process
from mlcore.file_checks import (
    FileCheck,
    drop_check,
    is_check_wanted,
    last_check,
    want_check,
)
from mlcore.image_facts import VERSION
from mlcore.scoring_runs import training_elsewhere, training_here
from mlcore.side_restarts import start_again
from mlcore.side_supervision import Supervision, supervise, supervise_all
from storage.database import immediate
from storage.facts import count_measured, facts_stamp
from storage.images import count_images
from storage.project_settings import read_setting, write_setting
from storage.projects import Project, open_project

WORKER = "mlcore.facts_worker"
FOLDER_NAME = "facts"
# What the process may be at.
MOVING = ("measuring", "searching", "checking")
SEARCHED_SETTING = "look_alikes_searched"


@dataclass(frozen=True, slots=True)
class FactsStatus:
    """How far measuring is: `done` of `total` images.

    `state` is none (no images), measuring, searching (for copies), checking (stored
    files), waiting, done, cancelled or failed; `message` is a sentence where there is
    something to say. `left_s` is known while it measures or checks.
    """

    state: str
    done: int = 0
    total: int = 0
    message: str = ""
    left_s: float | None = None

    @property
    def is_moving(self) -> bool:
        """Whether it will change without anybody doing anything."""
        return self.state in (*MOVING, "waiting")


def facts_folder(project: Project) -> Path:
    """Where the process of a project says how far it is."""
    return project.folder / FOLDER_NAME


def facts_status(project: Project) -> FactsStatus:
    """How far the measuring of a project's images is."""
    folder = facts_folder(project)
    total = count_images(project)
    if side_process.is_alive(folder):
        return _said_by_worker(folder, total)
    if not total:
        return FactsStatus("none")
    done = count_measured(project, VERSION)
    if not has_work(project):
        return FactsStatus("done", done, total)
    said = side_process.read_status(folder)
    if said.get("state") in ("cancelled", "failed"):
        message = str(said.get("message", ""))
        return FactsStatus(str(said["state"]), done, total, message)
    return FactsStatus("waiting", done, total, what_goes_first(project) or "Starts.")


def _said_by_worker(folder: Path, total: int) -> FactsStatus:
    said = side_process.read_status(folder)
    if said.get("pid") != side_process.read_process(folder).get("pid"):
        return FactsStatus("measuring", 0, total)  # it has only just been started
    state = said["state"] if said["state"] in MOVING else "measuring"
    done, planned = int(said["done"]), int(said["total"])
    return FactsStatus(state, done, planned, left_s=said.get("left_s"))


def what_goes_first(project: Project) -> str:
    """Say which training measuring waits for, "" when for none."""
    return training_here(project) or training_elsewhere(project.name)


def is_searched(project: Project) -> bool:
    """Whether copies were looked for among all that is measured."""
    return bool(read_setting(project, SEARCHED_SETTING) == facts_stamp(project))


def note_searched(project: Project, stamp: list[int]) -> None:
    """Remember that copies were looked for when the facts had this stamp."""
    write_setting(project, SEARCHED_SETTING, stamp)


def has_work(project: Project) -> bool:
    """Whether an image waits to be measured, copies to be looked for, or somebody
    for a check of the files."""
    total = count_images(project)
    if not total:
        return False
    is_measured = count_measured(project, VERSION) == total and is_searched(project)
    return not is_measured or is_check_wanted(project)


def supervise_all_facts() -> None:
    """`supervise_facts` for every project."""
    supervise_all(supervise_facts)


def supervise_facts(project_name: str, *, is_wish: bool = False) -> None:
    """One step: start the process that measures, if there is work and room for it."""
    work = Supervision(FOLDER_NAME, _find_work, what_goes_first)
    supervise(project_name, work, is_wish=is_wish)


def _find_work(project: Project) -> Callable[[], None] | None:
    if _has_ended(facts_folder(project)) or not has_work(project):
        return None
    return partial(_start_worker, project)


def _has_ended(folder: Path) -> bool:
    """Whether a person or a failure ended it; then it waits for a person."""
    return side_process.read_status(folder).get("state") in ("cancelled", "failed")


def _start_worker(project: Project) -> None:
    folder = facts_folder(project)
    with immediate(project.db):
        if side_process.is_alive(folder):
            return
        check = last_check(project) or FileCheck()
        at = {"done": count_measured(project, VERSION), "checked": check.checked}
        command = [WORKER, project.name]
        if problem := start_again(folder, command, at, MOVING):
            _write_end(folder, "failed", problem)


def _write_end(folder: Path, state: str, message: str) -> None:
    side_process.write_status(folder, {"state": state, "message": message})


def start_facts(project_name: str) -> None:
    """Measure now, also after it was cancelled or failed."""
    with open_project(project_name) as project:
        folder = facts_folder(project)
        if not side_process.is_alive(folder) and folder.exists():
            side_process.forget_process(folder)
    supervise_facts(project_name, is_wish=True)


def check_again(project_name: str) -> None:
    """Check all stored files against what came in, from the first on."""
    with open_project(project_name) as project:
        want_check(project)
    start_facts(project_name)


def cancel_facts(project_name: str) -> None:
    """End the process after the pictures it is at; what is measured stays."""
    with open_project(project_name) as project:
        folder = facts_folder(project)
        folder.mkdir(exist_ok=True)
        if side_process.is_alive(folder):
            side_process.ask_cancel(folder)
        else:
            drop_check(project)
            _write_end(folder, "cancelled", "")
