"""Runs as background jobs: queue, start, watch, stop and resume.

SQLite is the only truth; a supervisor step can be taken by any process at any
time. Must not import tensorflow: the web process calls this.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mlcore import checkpoints, snapshot, splits
from mlcore.config import TrainConfig
from mlcore.dataset import remove_pixels
from mlcore.processes import is_same_process, process_started
from mlcore.webhook import tell_run_ended
from storage.database import immediate
from storage.errors import RunError, StorageError
from storage.home import home_dir
from storage.projects import Project, open_project, project_names
from storage.records import Run
from storage.runs import (
    claim_next,
    create_run,
    finish_run,
    get_run,
    list_runs,
    mark_interrupted,
    request_stop,
    resume_run,
    run_dir,
    set_process,
)

StartProcess = Callable[[str, Run, Path], "subprocess.Popen[bytes]"]

# A worker is given this long from the claim to its first sign of life.
START_TIMEOUT_S = 60.0
REPOSITORY = Path(__file__).resolve().parent.parent

# Kept by pid until they are reaped: an ended child is a zombie until then.
_children: "dict[int, subprocess.Popen[bytes]]" = {}


def submit(project_name: str, config: TrainConfig, *, series_id: str = "") -> str:
    """Freeze the project's labels, queue a run and start it if nothing runs.

    Runs of one `series_id` belong together. Returns the run id. TrainingError says
    what is missing; nothing is queued then.
    """
    with open_project(project_name) as project:
        run_id = enqueue(project, config, series_id=series_id)
    supervise(project_name)
    return run_id


def enqueue(project: Project, config: TrainConfig, *, series_id: str = "") -> str:
    """`submit` without the start, also inside a transaction of the caller's."""
    splits.assign_project(project, config)
    frozen = snapshot.collect(project, config)
    # One transaction: no supervisor may claim the run before it is frozen.
    with immediate(project.db):
        run = create_run(
            project,
            recipe=config.recipe,
            config=config.as_json(),
            epochs_total=config.epochs,
            data_sha256=frozen.data_sha256(),
            series_id=series_id,
        )
        snapshot.write(frozen, run_dir(project, run.run_id))
    return run.run_id


def supervise(project_name: str, start_process: StartProcess | None = None) -> None:
    """One step: mark a run whose process is gone, then start the next queued one."""
    _reap()
    with open_project(project_name) as project:
        runs = list_runs(project)
        for run in runs:
            if run.state == "running" and _is_lost(run):
                _settle_lost(project, run)
        # Pages look every second: take the write lock only when there is a queue.
        if any(run.state == "queued" for run in runs):
            claimed = claim_next(project)
            if claimed is not None:
                _start(project, claimed, start_process or start_worker)


def supervise_all() -> None:
    """`supervise` for every project in the home.

    A project that cannot be opened stops no other; its error is raised at the end.
    """
    problem: StorageError | None = None
    for name in project_names():
        try:
            supervise(name)
        except StorageError as error:
            problem = problem or error
    if problem is not None:
        raise problem


def stop(project_name: str, run_id: str, discard: bool) -> None:
    """Ask a run to end: keep its best epoch, or discard it. Queued ends at once."""
    with open_project(project_name) as project:
        request_stop(project, run_id, discard)
        _drop_cancelled(project, run_id)
    supervise(project_name)


def resume(project_name: str, run_id: str) -> None:
    """Queue an interrupted or failed run again; it goes on from its checkpoint."""
    with open_project(project_name) as project:
        resume_run(project, run_id)
    supervise(project_name)


def read_log(project_name: str, run_id: str, lines: int = 20) -> list[str]:
    """The last lines of a run's log; empty while there is none."""
    with open_project(project_name) as project:
        path = run_dir(project, run_id) / "log.txt"
    if not path.exists():
        return []
    with path.open("rb") as file:
        if (start := path.stat().st_size - 400 * lines) > 0:
            file.seek(start)
            file.readline()  # the rest of a line
        text = file.read().decode("utf-8", errors="replace")
    return text.splitlines()[-lines:]


def start_worker(project_name: str, run: Run, log: Path) -> "subprocess.Popen[bytes]":
    """A worker process in a session of its own, writing to `log`.

    It survives the end of this process and Ctrl-C in its terminal.
    """
    command = [sys.executable, "-m", "mlcore.worker", project_name, run.run_id]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*command, "--attempt", str(run.attempt)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=REPOSITORY,
            # Absolute: the worker runs in another folder than this process.
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "UNSEEN_HOME": str(home_dir()),
            },
            start_new_session=True,
        )


def _start(project: Project, run: Run, start_process: StartProcess) -> None:
    log = run_dir(project, run.run_id) / "log.txt"
    try:
        child = start_process(project.name, run, log)
    except OSError as error:
        message = f"The training process could not be started: {error}."
        finish_run(
            project, run.run_id, run.attempt, "failed", seconds=0.0, message=message
        )
        return
    _children[child.pid] = child
    started = process_started(child.pid) or 0.0
    # The worker says the same of itself; it may even have ended already.
    with contextlib.suppress(RunError):
        set_process(project, run.run_id, run.attempt, child.pid, started)


def _is_lost(run: Run) -> bool:
    if run.pid is not None:
        return not is_same_process(run.pid, run.process_started)
    # Claimed, but whoever claimed it died before it could start the process.
    return time.time() - (run.heartbeat or 0.0) > START_TIMEOUT_S


def _settle_lost(project: Project, run: Run) -> None:
    current = get_run(project, run.run_id)
    if current.state != "running" or current.attempt != run.attempt:
        return  # it ended by itself between the two looks
    after = f" after {run.epochs_done} of {run.epochs_total} epochs"
    if run.config.get("network") == "features":  # has no epochs to speak of
        after = ""
    message = (
        f"The training process ended without a word{after}. Resume goes on from there."
    )
    mark_interrupted(project, run.run_id, run.attempt, message)
    _drop_cancelled(project, run.run_id)
    # Its worker cannot say it any more.
    tell_run_ended(project.name, get_run(project, run.run_id), lambda _: None)


def _drop_cancelled(project: Project, run_id: str) -> None:
    """Free the space of a run that was cancelled while no worker was alive."""
    if get_run(project, run_id).state == "cancelled":
        folder = run_dir(project, run_id)
        checkpoints.remove_all(folder / "checkpoints")
        remove_pixels(folder)


def _reap() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)
