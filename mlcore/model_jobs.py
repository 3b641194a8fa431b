"""Models packed for elsewhere, and brought in, each in a process of its own."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcore import side_jobs, side_process
from mlcore.errors import UploadError
from mlcore.export_names import safe_name
from mlcore.model_formats import FORMATS
from mlcore.prediction_service import usable_run_dir
from mlcore.side_jobs import Progress, SideStatus
from mlcore.uploads import discard_upload, list_files
from storage.projects import Project, uploads_dir
from storage.runs import get_run

RESULT_NAME = "result.zip"
FOLDER_NAME = "models"
# Of side_jobs: what goes out, what comes in.
OUT, IN = "out", "in"


@dataclass(frozen=True, slots=True)
class ModelJob:
    """One packing of a run: how far it is, and how large the zip is.

    `started` is in unix seconds.
    """

    job_id: str
    run_id: str
    format_key: str
    status: SideStatus
    size_bytes: int
    started: float


def start_model_export(project: Project, run_id: str, format_key: str) -> str:
    """Begin to pack a run and return the job's id; `PredictionError` at once if it has
    no model."""
    usable_run_dir(project, run_id)
    wish = {"run": run_id, "format": FORMATS[format_key].key}
    return _start(project, OUT, wish)


def start_model_import(project: Project, upload_id: str) -> str:
    """Begin to bring in the zip of an upload and return the job's id."""
    if len(list_files(project, upload_id)) != 1:
        raise UploadError("Choose one zip, as “Take it away” makes it.")
    return _start(project, IN, {"upload_id": upload_id})


def _start(project: Project, kind: str, wish: dict[str, Any]) -> str:
    command = ["mlcore.model_worker", project.name]
    return side_jobs.start_job(_parent(project), kind, wish, command)


def list_model_exports(project: Project, run_id: str) -> list[ModelJob]:
    """Return the packings of a run, newest first; a day later they are swept."""
    parent = _parent(project)
    jobs = [_read(parent / job_id) for job_id in side_jobs.list_jobs(parent, OUT)]
    return [job for job in jobs if job.run_id == run_id]


def model_import_status(project: Project, job_id: str) -> SideStatus:
    """Return how far it is; the report of a finished one names the run."""
    return side_jobs.status_of(_folder(project, job_id), SideStatus)


def cancel_model_job(project: Project, job_id: str) -> None:
    """Ask a job to end; what was half-made goes."""
    side_process.ask_cancel(_folder(project, job_id))


def remove_model_job(project: Project, job_id: str) -> None:
    """Remove a job with its zip."""
    shutil.rmtree(_folder(project, job_id), ignore_errors=True)


def model_file(project: Project, job_id: str) -> tuple[Path, str]:
    """Return the finished zip and the name to download it under."""
    folder = _folder(project, job_id)
    job, path = _read(folder), folder / RESULT_NAME
    if job.status.phase != "done" or not path.is_file():
        raise UploadError("This zip is not there any more. Prepare it again.")
    number = get_run(project, job.run_id).number
    return path, safe_name(f"{project.name}-run{number}-{job.format_key}.zip")


def do_model_job(project: Project, job_id: str) -> int:
    """Do a job in this process; returns the exit status."""
    # At the app's own priority: a person waits for it, and it is over in seconds.
    progress = Progress(_folder(project, job_id))
    work = _pack if job_id.startswith(OUT) else _bring_in

    def whole(wish: dict[str, Any]) -> None:
        progress.end(work(project, wish, progress))

    return side_jobs.run_job(progress, whole)


def _pack(
    project: Project, wish: Mapping[str, Any], progress: Progress
) -> dict[str, Any] | None:
    from mlcore.model_export import export_model

    made = export_model(
        project,
        str(wish["run"]),
        str(wish["format"]),
        progress.folder / RESULT_NAME,
        _at_once(progress),
        progress.is_cancelled,
    )
    return None if made is None else made.as_json()


def _bring_in(
    project: Project, wish: Mapping[str, Any], progress: Progress
) -> dict[str, Any] | None:
    from mlcore.model_import import import_model

    upload_id = str(wish["upload_id"])
    (staged,) = list_files(project, upload_id)
    made = import_model(
        project,
        staged.path,
        shown=staged.name,
        on_progress=_at_once(progress),
        is_cancelled=progress.is_cancelled,
    )
    if made is None:
        return None
    discard_upload(project, upload_id)
    return made.as_json()


def _at_once(progress: Progress) -> Callable[[int, int], None]:
    """Write every step: there are few, and each takes seconds."""

    def tell(done: int, total: int) -> None:
        progress.written_at = 0.0
        progress(done, total)

    return tell


def _folder(project: Project, job_id: str) -> Path:
    return side_jobs.job_folder(_parent(project), job_id)


def _parent(project: Project) -> Path:
    # Of their own: the list of packed data sets reads every job beside it.
    return uploads_dir(project) / FOLDER_NAME


def _read(folder: Path) -> ModelJob:
    wish, result = side_jobs.read_wish(folder), folder / RESULT_NAME
    return ModelJob(
        folder.name,
        str(wish["run"]),
        str(wish["format"]),
        side_jobs.status_of(folder, SideStatus),
        result.stat().st_size if result.is_file() else 0,
        (folder / "job.json").stat().st_mtime,
    )
