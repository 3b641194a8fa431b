"""Looking at pictures once, so that they can be compared: features for all of them.

In the app it is a process of its own (similar_worker); what is computed stays, so one
that was ended goes on where it was.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlcore import side_jobs, side_process
from mlcore.cli_output import ProgressLine
from mlcore.features import extract
from mlcore.quiet import import_tensorflow
from mlcore.scoring_runs import training_here
from mlcore.side_jobs import Progress, SideStatus
from mlcore.similar_index import index_of
from mlcore.similar_space import find_space
from storage.errors import ImageError
from storage.images import get_images, image_path, list_image_ids
from storage.projects import Project

FOLDER_NAME = "similar"
KIND = "job"


def looking_status(project: Project) -> SideStatus | None:
    """How far it is; None when nobody has asked for it."""
    jobs = side_jobs.list_jobs(_parent(project), KIND)
    if not jobs:
        return None
    return side_jobs.status_of(_parent(project) / jobs[0], SideStatus)


def start_looking(project: Project) -> None:
    """Look at the pictures that have no features yet; ImageError while a run trains."""
    busy = training_here(project)
    if busy:
        raise ImageError(busy)
    status = looking_status(project)
    if status is not None and not status.ended:
        return
    # Of what was, only the last is asked for.
    shutil.rmtree(_parent(project), ignore_errors=True)
    command = ["mlcore.similar_worker", project.name]
    side_jobs.start_job(_parent(project), KIND, {}, command)


def cancel_looking(project: Project) -> None:
    """End it after the pictures it is at; what is computed stays."""
    for job_id in side_jobs.list_jobs(_parent(project), KIND)[:1]:
        side_process.ask_cancel(_parent(project) / job_id)


def do_looking(project: Project, job_id: str) -> int:
    """Do the work in this process; returns the exit status."""
    side_process.give_way()
    progress = Progress(side_jobs.job_folder(_parent(project), job_id))

    def work(_wish: dict[str, Any]) -> None:
        unreadable = _look(project, progress, progress.is_cancelled)
        report = {"unreadable": len(unreadable)}
        progress.end(None if progress.is_cancelled() else report)

    return side_jobs.run_job(progress, work)


def look_now(project: Project) -> dict[str, str]:
    """Look at them in this process; reasons for unreadable ones, by content."""
    progress = ProgressLine("Looked at")
    try:
        return _look(project, progress, lambda: False)
    finally:
        progress.close()


def _look(
    project: Project,
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
) -> dict[str, str]:
    space = find_space(project)
    images = get_images(project, list_image_ids(project))
    pairs = [(image.sha256, image_path(project, image)) for image in images]
    if space.known < space.total:
        import_tensorflow()
    spec, named = space.spec, space.weights_file
    unreadable = extract(project, spec, pairs, on_progress, should_stop, named)
    if not should_stop() and len(unreadable) < len(pairs):
        # Made here, so that nobody waits for it.
        index_of(spec, space.store)
    return unreadable


def _parent(project: Project) -> Path:
    return project.folder / FOLDER_NAME
