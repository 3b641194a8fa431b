"""Imports for the web, each in a process of its own that outlives the browser.

A job is a folder uploads/job-… as mlcore.side_jobs keeps it.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from mlcore import side_jobs, side_process
from mlcore.errors import UploadError
from mlcore.import_undo import Made, undo_import
from mlcore.layouts import ImportOptions
from mlcore.side_jobs import SideStatus
from mlcore.uploads import staged_source
from storage.files import expand_home, explained_disk
from storage.projects import Project, open_project, uploads_dir


@dataclass(frozen=True, slots=True)
class JobStatus(SideStatus):
    """How far an import is; `report` is `details()` of the plan or report at the end.

    `phase` is reading (also of a dry run), storing, done, failed or cancelled.
    """

    work: ClassVar[str] = "import"
    kept: ClassVar[str] = (
        "What it had stored is kept; start it again to bring in the rest."
    )

    phase: str = "reading"
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What a job has to do; `upload_id` is '' unless the source is an upload."""

    source: Path
    options: ImportOptions
    dry_run: bool
    who: str
    upload_id: str

    def as_json(self) -> dict[str, Any]:
        # json.loads returns Any; what was a dict is a dict.
        return json.loads(json.dumps(asdict(self), default=str))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Job":
        choices = dict(data["options"])
        choices["group_names"] = tuple(choices["group_names"])
        if choices["csv_path"] is not None:
            choices["csv_path"] = Path(choices["csv_path"])
        rest = {key: data[key] for key in ("dry_run", "who", "upload_id")}
        return cls(Path(data["source"]), ImportOptions(**choices), **rest)


def start_job(
    project_name: str,
    source: Path | str,
    options: ImportOptions | None = None,
    *,
    dry_run: bool,
    who: str,
    source_is_upload: bool = False,
) -> str:
    """Start an import or a dry run in the background and return its job id.

    With `source_is_upload`, `source` is an upload id (or its folder), and the
    upload is discarded once an import of it is done.
    """
    with open_project(project_name) as project:
        upload_id = Path(source).name if source_is_upload else ""
        path = staged_source(project, upload_id) if upload_id else Path(source)
        path = expand_home(path).absolute()
        job = Job(path, options or ImportOptions(), dry_run, who, upload_id)
        return side_jobs.start_job(
            uploads_dir(project),
            "job",
            job.as_json(),
            ["mlcore.import_worker", project.name],
            JobStatus(dry_run=dry_run),
        )


def job_status(project_name: str, job_id: str) -> JobStatus:
    """Return how far a job is; a job whose process died has failed."""
    with open_project(project_name) as project:
        return _status_of(job_folder(project, job_id))


def list_jobs(project_name: str) -> list[tuple[str, JobStatus]]:
    """Return the jobs of a project, newest first; swept ones are gone."""
    with open_project(project_name) as project:
        parent = uploads_dir(project)
        job_ids = side_jobs.list_jobs(parent, "job")
        return [(job_id, _status_of(parent / job_id)) for job_id in job_ids]


def _status_of(folder: Path) -> JobStatus:
    return side_jobs.status_of(folder, JobStatus)


def cancel_job(project_name: str, job_id: str) -> None:
    """Ask a job to end after the file it is at; what is stored stays."""
    with open_project(project_name) as project:
        side_process.ask_cancel(job_folder(project, job_id))


def last_import(project_name: str) -> tuple[str, dict[str, Any]] | None:
    """Return the newest import that can be taken back: its job id and report."""
    for job_id, status in list_jobs(project_name):
        report = status.report or {}
        if status.dry_run or not status.ended or not report.get("batch_id"):
            continue
        return None if report.get("undone") else (job_id, report)
    return None


def undo_import_job(project_name: str, job_id: str, *, who: str) -> int | None:
    """Take back what an import did; returns pictures gone, None when undone before."""
    with open_project(project_name) as project, explained_disk():
        folder = job_folder(project, job_id)
        status = _status_of(folder)
        report = status.report or {}
        if not report.get("batch_id"):
            raise UploadError("This import has not ended, so it cannot be undone yet.")
        made = Made(report["batch_id"], report["new_labels"], report["new_groups"])
        gone = undo_import(project, made, who=who)
        undone = replace(status, report=report | {"undone": True})
        side_jobs.write_status(folder, undone)
    return gone


def job_folder(project: Project, job_id: str) -> Path:
    """Return the folder of a job; raises `UploadError` when it is not there."""
    return side_jobs.job_folder(uploads_dir(project), job_id, "This import")
