"""The process of one report: `python -m mlcore.report_worker PROJECT JOB_ID`."""

import sys

from mlcore.report_jobs import do_report
from storage.projects import open_project


def main(project_name: str, job_id: str) -> int:
    """Write it to the end; returns the exit status."""
    with open_project(project_name) as project:
        return do_report(project, job_id)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
