"""The training process: `python -m mlcore.worker PROJECT RUN_ID`.

One run, one process. Everything it prints goes to the run's log.txt; everything a
page shows goes through the database.
"""

import argparse
import os
import sys
import time
import traceback
from datetime import datetime

from mlcore import jobs, run_search
from mlcore.errors import MLError
from mlcore.feature_session import FeatureSession
from mlcore.processes import process_started
from mlcore.quiet import import_tensorflow
from mlcore.run_base import BaseSession
from mlcore.webhook import tell_run_ended
from storage.errors import RunError, StorageError
from storage.projects import Project, open_project
from storage.records import Run
from storage.runs import END_STATES, finish_run, get_run, set_process


def main(arguments: list[str] | None = None) -> int:
    """Train the run named on the command line; 0 if it ended as it should."""
    parser = argparse.ArgumentParser(prog="python -m mlcore.worker")
    parser.add_argument("project")
    parser.add_argument("run_id")
    parser.add_argument("--attempt", type=int, default=None)
    given = parser.parse_args(arguments)
    try:
        return _work(given.project, given.run_id, given.attempt)
    except StorageError as error:
        say(str(error))
        return 1


def say(text: str) -> None:
    """One line of the log, with the time of day."""
    print(f"{datetime.now():%H:%M:%S}  {text}", flush=True)


def _work(project_name: str, run_id: str, attempt: int | None) -> int:
    with open_project(project_name) as project:
        run = _take_over(project, run_id, attempt)
        if run is None:
            return 1
        is_well = _train(project, run)
        _tell_end(project, run)
    # The queue goes on, a search with its second round, although the app may be closed.
    jobs.supervise(project_name)
    run_search.advance_searches(project_name)
    return 0 if is_well else 1


def _take_over(project: Project, run_id: str, attempt: int | None) -> Run | None:
    run = get_run(project, run_id)
    if run.state != "running" or attempt not in (None, run.attempt):
        say(f"Run {run_id} is {run.state}, attempt {run.attempt}: nothing to do.")
        return None
    started = process_started(os.getpid()) or 0.0
    set_process(project, run_id, run.attempt, os.getpid(), started)
    return run


def _train(project: Project, run: Run) -> bool:
    started = time.monotonic()
    try:
        _open_session(project, run).execute()
        return True
    except RunError as error:
        say(f"Another process has taken this run over: {error}")
        return False
    except Exception as error:  # the outermost level of the process
        traceback.print_exc(file=sys.stdout)
        message = explain(error)
    seconds = time.monotonic() - started
    _report_failure(project, run, seconds, message)
    return False


def _tell_end(project: Project, run: Run) -> None:
    """Tell whoever wants to know, unless another process goes on with the run."""
    ended = get_run(project, run.run_id)
    if ended.attempt == run.attempt and ended.state in END_STATES:
        tell_run_ended(project.name, ended, say)


def _open_session(project: Project, run: Run) -> BaseSession:
    if run.config.get("network") == "features":
        # With all features at hand it needs no TensorFlow.
        return FeatureSession(project, run, say)
    # Imported here: TensorFlow takes seconds, and its lack is a sentence too.
    import_tensorflow()
    from mlcore.run_session import RunSession

    return RunSession(project, run, say)


def _report_failure(project: Project, run: Run, seconds: float, message: str) -> None:
    say(f"Failed: {message}")
    try:
        finish_run(
            project,
            run.run_id,
            run.attempt,
            "failed",
            seconds=run.seconds + seconds,
            message=message,
        )
    except StorageError as error:
        say(f"The failure could not be written down: {error}")


def explain(error: BaseException) -> str:
    """A failure as one sentence for a person."""
    if isinstance(error, MLError | StorageError):
        return str(error)
    name = type(error).__name__
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return (
            "The computer ran out of memory. Use a smaller batch size or smaller "
            "images, then start again."
        )
    if isinstance(error, ImportError):
        return f"A library for training is missing: {error}. Run make install."
    if isinstance(error, OSError):
        return f"A file could not be read or written: {error}."
    return f"Training broke off unexpectedly ({name}); the log has the details."


if __name__ == "__main__":
    sys.exit(main())
