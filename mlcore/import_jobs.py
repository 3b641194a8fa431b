"""Imports for the web, each in a process of its own that outlives the browser.

A job is a folder uploads/job-…: job.json says what to do, status.json how far
it is (replaced as a whole), a file `cancel` asks it to end.
"""

import contextlib
import json
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mlcore.errors import UploadError
from mlcore.import_undo import Made, undo_import
from mlcore.layouts import ImportOptions
from mlcore.processes import is_same_process, process_started
from mlcore.uploads import staged_source
from storage.files import expand_home, explained_disk
from storage.home import home_dir
from storage.projects import Project, open_project, uploads_dir

ROOT = Path(__file__).resolve().parent.parent
ENDED = ("done", "failed", "cancelled")
START_LIMIT_S = 20.0
DIED = (
    "The import ended before it was done. What it had stored is kept; start it again"
    " to bring in the rest."
)
_JOB_ID = re.compile(r"job-[0-9a-f]{16}")
# Without a wait() an ended child stays in the process table as a zombie.
_children: dict[str, "subprocess.Popen[bytes]"] = {}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How far a job is; `report` is `details()` of the plan or report at the end.

    `phase` is reading (also of a dry run), storing, done, failed or cancelled.
    """

    phase: str = "reading"
    done: int = 0
    total: int = 0
    report: dict[str, Any] | None = None
    message: str = ""
    dry_run: bool = False

    @property
    def ended(self) -> bool:
        return self.phase in ENDED


@dataclass(frozen=True, slots=True)
class Job:
    """What a job has to do; `upload_id` is '' unless the source is an upload."""

    source: Path
    options: ImportOptions
    dry_run: bool
    who: str
    upload_id: str

    def as_json(self) -> dict[str, Any]:
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
        job_id = f"job-{secrets.token_hex(8)}"
        folder = uploads_dir(project) / job_id
        with explained_disk():
            folder.mkdir(parents=True)
            _replace(folder / "job.json", job.as_json())
        write_status(folder, JobStatus(dry_run=dry_run))
        _start_process(project.name, job_id, folder)
    return job_id


def _start_process(project_name: str, job_id: str, folder: Path) -> None:
    command = [sys.executable, "-m", "mlcore.import_worker", project_name, job_id]
    with (folder / "log.txt").open("wb") as log:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "UNSEEN_HOME": str(home_dir())},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[job_id] = child
    process = {"pid": child.pid, "started": process_started(child.pid)}
    _replace(folder / "process.json", process)


def job_status(project_name: str, job_id: str) -> JobStatus:
    """Return how far a job is; a job whose process died has failed."""
    with open_project(project_name) as project:
        return _status_of(job_folder(project, job_id))


def list_jobs(project_name: str) -> list[tuple[str, JobStatus]]:
    """Return the jobs of a project, newest first; swept ones are gone."""
    with open_project(project_name) as project:
        folders = [p for p in uploads_dir(project).glob("job-*") if _is_job(p)]
        folders.sort(key=lambda p: (p / "job.json").stat().st_mtime, reverse=True)
        return [(folder.name, _status_of(folder)) for folder in folders]


def _is_job(folder: Path) -> bool:
    return (folder / "status.json").is_file() and (folder / "job.json").is_file()


def _status_of(folder: Path) -> JobStatus:
    # Look at the process first: a job may end between the two looks.
    alive = _is_alive(folder)
    status = JobStatus(**json.loads((folder / "status.json").read_text("utf-8")))
    if alive or status.ended:
        return status
    return JobStatus(
        "failed", status.done, status.total, message=DIED, dry_run=status.dry_run
    )


def _is_alive(folder: Path) -> bool:
    child = _children.get(folder.name)
    if child is not None and child.poll() is not None:
        del _children[folder.name]
    try:
        process = json.loads((folder / "process.json").read_text())
    except FileNotFoundError:
        age_s = time.time() - (folder / "job.json").stat().st_mtime
        return age_s < START_LIMIT_S
    if process["started"] is None:
        return False
    return is_same_process(process["pid"], process["started"])


def cancel_job(project_name: str, job_id: str) -> None:
    """Ask a job to end after the file it is at; what is stored stays."""
    with open_project(project_name) as project, explained_disk():
        (job_folder(project, job_id) / "cancel").touch()


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
        write_status(folder, replace(status, report=report | {"undone": True}))
    return gone


def job_folder(project: Project, job_id: str) -> Path:
    """Return the folder of a job; raises `UploadError` when it is not there."""
    folder = uploads_dir(project) / job_id
    if not _JOB_ID.fullmatch(job_id) or not (folder / "status.json").is_file():
        raise UploadError("This import is not there any more. Start it again.")
    return folder


def read_job(folder: Path) -> Job:
    """Return what the job in this folder has to do."""
    return Job.from_json(json.loads((folder / "job.json").read_text("utf-8")))


def write_status(folder: Path, status: JobStatus) -> None:
    """Replace the status as a whole: a reader sees the old one or the new one."""
    _replace(folder / "status.json", asdict(status))


def _replace(path: Path, data: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with explained_disk():
            partial.write_text(json.dumps(data), "utf-8")
            partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
