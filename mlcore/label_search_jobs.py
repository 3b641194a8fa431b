"""The search for wrong labels as a job of its own: start, look, cancel. No TensorFlow.

One at a time in a project; what was found before stays until a search is done.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from mlcore import side_jobs, side_process
from mlcore.label_search import search_labels
from mlcore.side_jobs import Progress, SideStatus
from storage.database import immediate
from storage.projects import Project

FOLDER_NAME = "label_search"


class Cancelled(Exception):
    """Somebody asked the search to end."""


@dataclass(frozen=True, slots=True)
class SearchStatus(SideStatus):
    """How far a search is; while it goes on `phase` is one of STAGES."""

    work: ClassVar[str] = "search for label errors"
    kept: ClassVar[str] = "Nothing was changed; start it again."


def search_folder(project: Project) -> Path:
    """Where the search's process says how far it is."""
    return project.folder / FOLDER_NAME


def start_search(project: Project) -> None:
    """Begin to search, unless a search is under way."""
    folder = search_folder(project)
    with immediate(project.db):
        if side_process.is_alive(folder):
            return
        folder.mkdir(exist_ok=True)
        (folder / "job.json").write_text("{}", "utf-8")
        side_process.forget_process(folder)
        side_jobs.write_status(folder, SearchStatus())
        module = "mlcore.label_search_worker"
        side_process.start_process(folder, module, [project.name], {})


def search_status(project: Project) -> SearchStatus | None:
    """How far the last search is; None if there never was one."""
    folder = search_folder(project)
    if not (folder / "status.json").is_file():
        return None
    return side_jobs.status_of(folder, SearchStatus)


def cancel_search(project: Project) -> None:
    """Ask the search to end; what the one before found stays."""
    side_process.ask_cancel(search_folder(project))


def do_search(project: Project) -> int:
    """Search in this process; returns the exit status."""
    side_process.give_way()
    progress = Progress(search_folder(project), SearchStatus())

    def work(_wish: dict[str, Any]) -> None:
        try:
            report = search_labels(project, lambda *told: _tell(progress, *told))
        except Cancelled:
            progress.write("cancelled", "Cancelled. What was found before stays.")
        else:
            progress.write("done", report=report.as_json())

    return side_jobs.run_job(progress, work)


def _tell(progress: Progress, stage: str, done: int, total: int) -> None:
    if progress.is_cancelled():
        raise Cancelled
    if progress.moving != stage:
        progress.moving, progress.written_at = stage, 0.0
    progress(done, total)
