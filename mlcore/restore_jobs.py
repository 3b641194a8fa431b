"""Packed projects that came by upload, made projects in a process of their own."""

from pathlib import Path
from typing import Any

from mlcore import side_jobs, side_process
from mlcore.errors import UploadError
from mlcore.project_restore import RestoreCancelled, import_project
from mlcore.side_jobs import Progress, SideStatus
from mlcore.uploads import discard_upload, list_files
from storage.projects import incoming, uploads_dir


def start_restore(upload_id: str) -> str:
    """Begin to open the zip of an upload and return the job's id."""
    if len(list_files(incoming(), upload_id)) != 1:
        raise UploadError("Choose one zip, as “Take out” makes it.")
    wish = {"upload_id": upload_id}
    return side_jobs.start_job(_parent(), "in", wish, ["mlcore.restore_worker"])


def restore_status(job_id: str) -> SideStatus:
    """Return how far it is; the report of a finished one names the project."""
    return side_jobs.status_of(side_jobs.job_folder(_parent(), job_id), SideStatus)


def cancel_restore(job_id: str) -> None:
    """Ask it to end; no project is made then."""
    side_process.ask_cancel(side_jobs.job_folder(_parent(), job_id))


def do_restore(job_id: str) -> int:
    """Make the project in this process; returns the exit status."""
    side_process.give_way()
    progress = Progress(side_jobs.job_folder(_parent(), job_id))
    return side_jobs.run_job(progress, lambda wish: progress.end(_open(wish, progress)))


def _open(wish: dict[str, Any], progress: Progress) -> dict[str, Any] | None:
    (staged,) = list_files(incoming(), str(wish["upload_id"]))
    try:
        with import_project(
            staged.path,
            shown=staged.name,
            on_progress=progress,
            is_cancelled=progress.is_cancelled,
        ) as project:
            name = project.name
    except RestoreCancelled:
        return None
    discard_upload(incoming(), str(wish["upload_id"]))
    return {"project": name}


def _parent() -> Path:
    return uploads_dir(incoming())
