"""The process of one import job: `python -m mlcore.import_worker PROJECT JOB_ID`."""

import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from mlcore.errors import MLError
from mlcore.import_jobs import Job, JobStatus, job_folder, read_job, write_status
from mlcore.importing import ImportPlan, ImportReport, plan_import, run_import
from mlcore.uploads import discard_upload
from storage.errors import StorageError
from storage.projects import Project, open_project

STATUS_EVERY_S = 0.25


@dataclass(slots=True)
class StatusWriter:
    """Writes how far a job is, at most four times a second."""

    folder: Path
    dry_run: bool
    written_at: float = 0.0
    done: int = 0
    total: int = 0

    def __call__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        now = time.monotonic()
        if now - self.written_at >= STATUS_EVERY_S:
            self.written_at = now
            self.write("reading" if self.dry_run else "storing")

    def write(
        self,
        phase: str,
        message: str = "",
        result: ImportPlan | ImportReport | None = None,
    ) -> None:
        report = None if result is None else result.details()
        status = JobStatus(phase, self.done, self.total, report, message, self.dry_run)
        write_status(self.folder, status)

    def is_cancelled(self) -> bool:
        return (self.folder / "cancel").exists()


def run_job(project: Project, folder: Path, job: Job, writer: StatusWriter) -> None:
    """Do the job and write how it ended; an upload that came in is discarded."""
    stops = writer.is_cancelled
    result: ImportPlan | ImportReport
    if job.dry_run:
        result = plan_import(
            project, job.source, job.options, on_progress=writer, is_cancelled=stops
        )
    else:
        result = run_import(
            project,
            job.source,
            job.options,
            who=job.who,
            on_progress=writer,
            is_cancelled=stops,
        )
    if result.cancelled:
        writer.write("cancelled", "Cancelled. What was stored stays.", result)
        return
    if job.upload_id and not job.dry_run:
        discard_upload(project, job.upload_id)
    writer.write("done", result=result)


def main(project_name: str, job_id: str) -> int:
    """Run one job to its end; returns the exit status."""
    with open_project(project_name) as project:
        folder = job_folder(project, job_id)
        job = read_job(folder)
        writer = StatusWriter(folder, job.dry_run)
        try:
            run_job(project, folder, job, writer)
        except (MLError, StorageError) as error:
            writer.write("failed", str(error))
            return 1
        except Exception as error:
            # Outermost level of this process: nobody else would write it down.
            traceback.print_exc()
            kind = type(error).__name__
            writer.write("failed", f"The import failed unexpectedly ({kind}).")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
