"""The process of one measurement: `python -m mlcore.measure_worker PROJECT JOB_ID`."""

import sys

from mlcore.measure_jobs import do_measure
from storage.projects import open_project


def main(project_name: str, job_id: str) -> int:
    """Measure to the end; returns the exit status."""
    with open_project(project_name) as project:
        return do_measure(project, job_id)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
