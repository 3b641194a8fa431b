"""Runs measured on their project's labelled pictures, each in a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from mlcore import side_jobs, side_process
from mlcore.measuring import measure_run
from mlcore.side_jobs import Progress, SideStatus
from storage.database import immediate
from storage.projects import Project, uploads_dir

# Beside other jobs, swept with them a day later.
FOLDER_NAME = "measures"
KIND = "job"


@dataclass(frozen=True, slots=True)
class MeasureStatus(SideStatus):
    """How far a measurement is."""

    work: ClassVar[str] = "measurement"
    kept: ClassVar[str] = "Nothing was changed; start it again."


@dataclass(frozen=True, slots=True)
class MeasureJob:
    """The newest measurement of a run: how far it is."""

    job_id: str
    status: MeasureStatus


def start_measure(project: Project, run_id: str) -> str:
    """Begin to measure a run, unless that is under way, and return the job's id."""
    command = ["mlcore.measure_worker", project.name]
    with immediate(project.db):
        job = newest_measure(project, run_id)
        if job is not None and not job.status.ended:
            return job.job_id
        return side_jobs.start_job(
            _parent(project), KIND, {"run_id": run_id}, command, MeasureStatus()
        )


def newest_measure(project: Project, run_id: str) -> MeasureJob | None:
    """Return the newest measurement of a run; None a day after it, or without one."""
    parent = _parent(project)
    for job_id in side_jobs.list_jobs(parent, KIND):
        folder = parent / job_id
        if side_jobs.read_wish(folder)["run_id"] == run_id:
            return MeasureJob(job_id, side_jobs.status_of(folder, MeasureStatus))
    return None


def cancel_measure(project: Project, job_id: str) -> None:
    """Ask a measurement to end; what was measured before stays."""
    side_process.ask_cancel(_folder(project, job_id))


def do_measure(project: Project, job_id: str) -> int:
    """Measure in this process; returns the exit status.

    At full priority: a person waits, and so does the predictor it starts, not long.
    """
    progress = Progress(_folder(project, job_id), MeasureStatus())

    def work(wish: dict[str, Any]) -> None:
        found = measure_run(
            project,
            wish["run_id"],
            on_progress=progress,
            is_cancelled=progress.is_cancelled,
        )
        if found is None:
            progress.write("cancelled", "Cancelled. What was measured before stays.")
        else:
            progress.end(found.as_json())

    return side_jobs.run_job(progress, work)


def _folder(project: Project, job_id: str) -> Path:
    return side_jobs.job_folder(_parent(project), job_id, "This measurement")


def _parent(project: Project) -> Path:
    return uploads_dir(project) / FOLDER_NAME
