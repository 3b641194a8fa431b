"""The process of one import job: `python -m mlcore.import_worker PROJECT JOB_ID`."""

import sys
from typing import Any

from mlcore.import_jobs import Job, JobStatus, job_folder
from mlcore.importing import ImportPlan, ImportReport, plan_import, run_import
from mlcore.side_jobs import Progress, read_wish, run_job
from mlcore.uploads import discard_upload
from storage.projects import Project, open_project


def do_job(project: Project, job: Job, progress: Progress) -> None:
    """Do the job and write how it ended; an upload that came in is discarded."""
    result = _import(project, job, progress)
    if result.cancelled:
        message = "Cancelled. What was stored stays."
        progress.write("cancelled", message, result.details())
        return
    if job.upload_id and not job.dry_run:
        discard_upload(project, job.upload_id)
    progress.end(result.details())


def _import(
    project: Project, job: Job, progress: Progress
) -> ImportPlan | ImportReport:
    stops = progress.is_cancelled
    if job.dry_run:
        return plan_import(
            project, job.source, job.options, on_progress=progress, is_cancelled=stops
        )
    return run_import(
        project,
        job.source,
        job.options,
        who=job.who,
        on_progress=progress,
        is_cancelled=stops,
    )


def main(project_name: str, job_id: str) -> int:
    """Run one job to its end; returns the exit status."""
    with open_project(project_name) as project:
        folder = job_folder(project, job_id)
        dry_run = bool(read_wish(folder)["dry_run"])
        moving = "reading" if dry_run else "storing"
        progress = Progress(folder, JobStatus(dry_run=dry_run), moving)

        def work(wish: dict[str, Any]) -> None:
            do_job(project, Job.from_json(wish), progress)

        return run_job(progress, work)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
