"""The process of one packing: `python -m mlcore.export_worker PROJECT JOB_ID`."""

import sys

from mlcore.export_jobs import do_export
from storage.projects import open_project


def main(project_name: str, job_id: str) -> int:
    """Pack to the end; returns the exit status."""
    with open_project(project_name) as project:
        return do_export(project, job_id)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
