"""Suggestions in the background: how far they are, starting and ending them.

A usable run scores every image in a process of its own (scoring_worker), one at a
time in a data folder and never beside a training run. What is scored is in the
database, so a process that was killed is simply started again. No TensorFlow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mlcore import side_process
from mlcore.scoring_runs import (
    AUTOMATIC_SETTING,
    FOLDER_NAME,
    choose_run,
    is_automatic,
    usable_runs,
    wanted_run,
    what_goes_first,
)
from mlcore.side_restarts import start_again
from mlcore.side_supervision import Supervision, supervise, supervise_all
from storage.database import immediate
from storage.images import count_images
from storage.project_settings import write_setting
from storage.projects import Project, open_project
from storage.records import Run
from storage.scores import count_unscored

__all__ = [
    "ScoringStatus",
    "cancel_scoring",
    "is_automatic",
    "scoring_status",
    "set_automatic",
    "start_scoring",
    "supervise_all_scoring",
    "supervise_scoring",
    "usable_runs",
    "wanted_run",
]

WORKER = "mlcore.scoring_worker"
ENDING = "Ending."


@dataclass(frozen=True, slots=True)
class ScoringStatus:
    """How far a project's suggestions are: `done` of `total` images by `run_id`.

    `state` is none (no run can suggest), running, waiting, done, off, cancelled or
    failed; `message` is a sentence where there is something to say. `per_s` and
    `left_s` are known while it runs.
    """

    run_id: str | None
    state: str
    done: int = 0
    total: int = 0
    message: str = ""
    per_s: float | None = None
    left_s: float | None = None

    @property
    def is_moving(self) -> bool:
        """Whether it will change without anybody doing anything."""
        return self.state in ("running", "waiting")


def scoring_folder(project: Project) -> Path:
    """Where the process of a project says how far it is."""
    return project.folder / FOLDER_NAME


def scoring_status(project: Project) -> ScoringStatus:
    """How far the suggestions of a project are."""
    folder = scoring_folder(project)
    if side_process.is_alive(folder):
        return _said_by_worker(folder)
    run = wanted_run(project)
    if run is None:
        sentence = "Suggestions begin when a first run has finished."
        return ScoringStatus(None, "none", message=sentence)
    total = count_images(project)
    left = count_unscored(project, run.run_id)
    state, message = _idle_state(project, run) if left else ("done", "")
    return ScoringStatus(run.run_id, state, total - left, total, message)


def _said_by_worker(folder: Path) -> ScoringStatus:
    process = side_process.read_process(folder)
    said = side_process.read_status(folder)
    if said.get("pid") != process["pid"]:  # it has only just been started
        return ScoringStatus(process["run_id"], "running", message="Loading the model.")
    is_ending = side_process.is_cancelled(folder)
    return ScoringStatus(
        process["run_id"],
        "running",
        int(said["done"]),
        int(said["total"]),
        ENDING if is_ending else str(said["message"]),
        None if is_ending else said["per_s"],
        said["left_s"],
    )


def _idle_state(project: Project, run: Run) -> tuple[str, str]:
    """The state and its sentence while images wait and no process works on them."""
    said = side_process.read_status(scoring_folder(project))
    has_ended = said.get("state") in ("cancelled", "failed")
    if has_ended and said.get("run_id") == run.run_id:
        return str(said["state"]), str(said.get("message", ""))
    if not is_automatic(project):
        return "off", "Automatic suggestions are off."
    return "waiting", what_goes_first(project) or "Starts in a moment."


def supervise_all_scoring() -> None:
    """`supervise_scoring` for every project."""
    supervise_all(supervise_scoring)


def supervise_scoring(project_name: str, *, even_if_off: bool = False) -> None:
    """One step: start the process that scores, if there is work and room for it.

    `even_if_off` is a person's wish, made just now.
    """
    find_work = partial(_find_work, even_if_off=even_if_off)
    work = Supervision(FOLDER_NAME, find_work, what_goes_first)
    supervise(project_name, work, is_wish=even_if_off)


def _find_work(project: Project, even_if_off: bool) -> Callable[[], None] | None:
    run = wanted_run(project)
    if run is None or not _has_work(project, run, even_if_off):
        return None
    return partial(_start_worker, project, run)


def _has_work(project: Project, run: Run, even_if_off: bool) -> bool:
    if not count_unscored(project, run.run_id):
        return False
    state = _idle_state(project, run)[0]
    return state == "waiting" or (even_if_off and state == "off")


def _start_worker(project: Project, run: Run) -> None:
    folder = scoring_folder(project)
    with immediate(project.db):
        if side_process.is_alive(folder):
            return
        at = {"run_id": run.run_id, "left": count_unscored(project, run.run_id)}
        command = [WORKER, project.name, run.run_id]
        if problem := start_again(folder, command, at, ["running"]):
            _write_end(folder, run.run_id, "failed", problem)


def _write_end(folder: Path, run_id: str, state: str, message: str) -> None:
    said = {"run_id": run_id, "state": state, "message": message}
    side_process.write_status(folder, said)


def start_scoring(project_name: str, run_id: str | None = None) -> None:
    """Score now, with the run given or the wanted one, even if it was cancelled."""
    with open_project(project_name) as project:
        if run_id is not None:
            choose_run(project, run_id)
        _forget_end(project)
    supervise_scoring(project_name, even_if_off=True)


def _forget_end(project: Project) -> None:
    folder = scoring_folder(project)
    if not side_process.is_alive(folder) and folder.exists():
        # A person's wish: what went wrong before counts no more.
        side_process.forget_process(folder)


def cancel_scoring(project_name: str) -> None:
    """End the process after the pictures it is at; what is stored stays."""
    with open_project(project_name) as project:
        folder = scoring_folder(project)
        folder.mkdir(exist_ok=True)
        if side_process.is_alive(folder):
            side_process.ask_cancel(folder)
        elif (run := wanted_run(project)) is not None:
            _write_end(folder, run.run_id, "cancelled", "Cancelled.")


def set_automatic(project: Project, automatic: bool) -> None:
    """Switch automatic suggestions on or off; what is stored stays."""
    write_setting(project, AUTOMATIC_SETTING, automatic)
    folder = scoring_folder(project)
    if automatic:
        _forget_end(project)
    elif side_process.is_alive(folder):
        side_process.ask_cancel(folder)
