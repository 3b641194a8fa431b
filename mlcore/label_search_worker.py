"""The process of a search for label errors: `python -m mlcore.label_search_worker`."""

import sys

from mlcore.label_search_jobs import do_search
from storage.projects import open_project


def main(project_name: str) -> int:
    """Search to the end; returns the exit status."""
    with open_project(project_name) as project:
        return do_search(project)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
