"""The step that keeps a kind of background work going, project by project."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mlcore import side_process
from storage.errors import StorageError
from storage.home import home_dir
from storage.projects import Project, open_project, project_names


@dataclass(slots=True)
class Supervision:
    """How one kind of work is kept going in a project's folder of this name.

    `find_work` returns what starts the process, None when there is nothing to do;
    `what_goes_first` says what it has to wait for, "" for nothing.
    """

    folder_name: str
    find_work: Callable[[Project], Callable[[], None] | None]
    what_goes_first: Callable[[Project], str]


# How a project's files looked when there was last nothing to do.
_settled: dict[Path, tuple[int, ...]] = {}


def supervise(project_name: str, work: Supervision, *, is_wish: bool = False) -> None:
    """Start the process, if there is work and room for it.

    Where nothing was written since there was nothing to do, this looks at the times
    of a few files only, unless a person wishes it just now.
    """
    folder = home_dir() / project_name / work.folder_name
    if side_process.is_alive(folder):
        return
    looks = side_process.fingerprint(folder)
    if not is_wish and _settled.get(folder) == looks:
        return
    with open_project(project_name) as project:
        start = work.find_work(project)
        if start is None:
            _settled[folder] = looks
        elif not work.what_goes_first(project):
            start()


def supervise_all(step: Callable[[str], None]) -> None:
    """Do a step for every project; one that cannot be opened is skipped."""
    for name in project_names():
        try:
            step(name)
        except StorageError:
            continue  # jobs.supervise_all says it
