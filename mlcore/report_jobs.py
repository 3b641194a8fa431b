"""Reports written in a process of their own, for the page to offer as a download."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from mlcore import side_jobs
from mlcore.export_names import safe_name
from mlcore.report import write_report
from mlcore.side_jobs import Progress, SideStatus
from storage.projects import Project, uploads_dir

# Beside other jobs, swept with them a day later.
FOLDER = "reports"
KIND = "out"
KEPT_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class ReportStatus(SideStatus):
    """How far a report is."""

    work: ClassVar[str] = "report"


@dataclass(frozen=True, slots=True)
class ReportJob:
    """A report of a run, `form` html or pdf; `path` where it is written."""

    job_id: str
    run_id: str
    form: str
    status: SideStatus
    path: Path


def start_report(project: Project, run_id: str, form: str) -> str:
    """Begin to write a report and return the job's id."""
    for job in list_reports(project)[KEPT_AT_MOST - 1 :]:
        shutil.rmtree(job.path.parent, ignore_errors=True)
    wish = {"run_id": run_id, "form": form}
    command = ["mlcore.report_worker", project.name]
    return side_jobs.start_job(_parent(project), KIND, wish, command, ReportStatus())


def list_reports(project: Project, run_id: str = "") -> list[ReportJob]:
    """Return the reports, of one run or of all, newest first."""
    parent = _parent(project)
    found = [_read(parent / job_id) for job_id in side_jobs.list_jobs(parent, KIND)]
    return [job for job in found if run_id in ("", job.run_id)]


def file_name(project: Project, job: ReportJob) -> str:
    """Return the name to download a report under."""
    return safe_name(f"{project.name}-{job.run_id}-report.{job.form}")


def do_report(project: Project, job_id: str) -> int:
    """Write a report in this process; returns the exit status."""
    folder = side_jobs.job_folder(_parent(project), job_id, "This report")
    progress = Progress(folder, ReportStatus())

    def work(wish: dict[str, Any]) -> None:
        target = folder / f"result.{wish['form']}"
        write_report(project, wish["run_id"], target, progress)
        progress.end({"bytes": target.stat().st_size})

    return side_jobs.run_job(progress, work)


def _parent(project: Project) -> Path:
    return uploads_dir(project) / FOLDER


def _read(folder: Path) -> ReportJob:
    wish = side_jobs.read_wish(folder)
    form = str(wish["form"])
    return ReportJob(
        folder.name,
        str(wish["run_id"]),
        form,
        side_jobs.status_of(folder, ReportStatus),
        folder / f"result.{form}",
    )
