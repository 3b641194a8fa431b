"""One model going out or in: `python -m mlcore.model_worker PROJECT JOB_ID`."""

import sys

from mlcore.model_jobs import do_model_job
from storage.projects import open_project


def main(project_name: str, job_id: str) -> int:
    """Do the job to the end; returns the exit status."""
    with open_project(project_name) as project:
        return do_model_job(project, job_id)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
