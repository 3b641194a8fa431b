"""The process that looks at pictures: `python -m mlcore.similar_worker PROJECT JOB`."""

import sys

from mlcore.similar_looking import do_looking
from storage.projects import open_project


def main(project_name: str, job_id: str) -> int:
    """Look at all that is new; returns the exit status."""
    with open_project(project_name) as project:
        return do_looking(project, job_id)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
