"""How a run goes from state to state: each step one conditional UPDATE.

queued → running → finished | stopped | failed | cancelled | interrupted, and
interrupted or failed → queued again. A worker names its attempt with every
write; a worker that was given up and replaced is refused (fencing).
"""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from storage.database import (
    fetch_returned,
    fetch_value,
    immediate,
    now_text,
    run_sql,
)
from storage.errors import RunError
from storage.projects import Project
from storage.records import Epoch, Pulse, Run
from storage.run_rows import read_run, to_json

END_STATES = ("finished", "stopped", "failed", "cancelled")
_MINE = "WHERE run_id = :run_id AND attempt = :attempt AND state = 'running'"


def claim_next(project: Project) -> Run | None:
    """Start the oldest queued run; None when one is running or none is queued."""
    with immediate(project.db) as db:
        claimed = fetch_returned(
            db,
            "UPDATE runs SET state = 'running', attempt = attempt + 1,"
            " started_at = coalesce(started_at, :now), heartbeat = :clock,"
            " request = NULL, message = '', pid = NULL, process_started = NULL"
            " WHERE state = 'queued'"
            " AND number = (SELECT min(number) FROM runs WHERE state = 'queued')"
            " AND NOT EXISTS (SELECT 1 FROM runs WHERE state = 'running')"
            " RETURNING run_id",
            {"now": now_text(), "clock": time.time()},
        )
        return read_run(db, claimed[0]["run_id"]) if claimed else None


def set_process(
    project: Project, run_id: str, attempt: int, pid: int, process_started: float
) -> None:
    """Note which process trains the run; its start time tells pids apart."""
    _update_mine(
        project.db,
        "pid = :pid, process_started = :process_started, heartbeat = :clock",
        {
            "run_id": run_id,
            "attempt": attempt,
            "pid": pid,
            "process_started": process_started,
            "clock": time.time(),
        },
    )


def beat(
    project: Project,
    run_id: str,
    attempt: int,
    pulse: Pulse,
) -> str | None:
    """Say that the worker lives and how far it is; returns 'stop', 'discard' or None.

    RunError when the run was given to another worker.
    """
    values = {
        "run_id": run_id,
        "attempt": attempt,
        **asdict(pulse),
        "clock": time.time(),
    }
    _update_mine(
        project.db,
        "heartbeat = :clock, batches_done = :batches_done,"
        " batches_total = :batches_total, stage = :stage,"
        " images_per_s = :images_per_s, memory_mb = :memory_mb",
        values,
    )
    request: str | None = fetch_value(
        project.db, "SELECT request FROM runs WHERE run_id = ?", [run_id]
    )
    return request


def add_epoch(project: Project, run_id: str, attempt: int, epoch: Epoch) -> None:
    """Note a finished epoch; after a resume the same epoch is replaced, not doubled.

    Epochs behind this one, left by an attempt that came further, are dropped.
    """
    with immediate(project.db) as db:
        values = {
            "run_id": run_id,
            "attempt": attempt,
            "epoch": epoch.epoch,
            "clock": time.time(),
        }
        _update_mine(db, "epochs_done = :epoch, heartbeat = :clock", values)
        number = read_run(db, run_id).number
        run_sql(
            db,
            "DELETE FROM epochs WHERE number = ? AND epoch >= ?",
            [number, epoch.epoch],
        )
        run_sql(
            db,
            "INSERT INTO epochs VALUES (?, ?, ?, ?)",
            [number, epoch.epoch, epoch.seconds, to_json(epoch.metrics)],
        )


def finish_run(  # noqa: PLR0913 - one named value per column
    project: Project,
    run_id: str,
    attempt: int,
    state: str,
    *,
    seconds: float,
    best_epoch: int | None = None,
    metrics: Mapping[str, Any] | None = None,
    message: str = "",
) -> None:
    """End a running run as finished, stopped, failed or cancelled."""
    if state not in END_STATES:
        raise RunError(f"A run ends as {', '.join(END_STATES)}, not as {state!r}.")
    values = {
        "run_id": run_id,
        "attempt": attempt,
        "state": state,
        "seconds": seconds,
        "best_epoch": best_epoch,
        "metrics": to_json(metrics or {}),
        "message": message,
        "now": now_text(),
    }
    _update_mine(
        project.db,
        "state = :state, seconds = :seconds, best_epoch = :best_epoch,"
        " metrics = :metrics, message = :message, ended_at = :now, request = NULL",
        values,
    )


def mark_interrupted(project: Project, run_id: str, attempt: int, message: str) -> None:
    """Note that the worker of this attempt is gone; the run can be resumed.

    When somebody had asked to discard the run, it is cancelled instead.
    """
    _update_mine(
        project.db,
        "state = CASE request WHEN 'discard' THEN 'cancelled' ELSE 'interrupted' END,"
        " message = :message, ended_at = :now, request = NULL",
        {
            "run_id": run_id,
            "attempt": attempt,
            "message": message,
            "now": now_text(),
        },
    )


def _update_mine(db: Database, assignments: str, values: dict[str, Any]) -> None:
    if run_sql(db, f"UPDATE runs SET {assignments} {_MINE}", values) == 0:
        run = read_run(db, values["run_id"])
        raise RunError(
            f"Attempt {values['attempt']} of run {run.run_id} may not write any more: "
            f"the run is {run.state} in attempt {run.attempt}."
        )


def request_stop(project: Project, run_id: str, discard: bool) -> None:
    """Ask a running run to stop and keep its best, or to be discarded.

    A queued run is cancelled at once, an interrupted one when it is discarded.
    A wish to discard is not weakened by a later wish to stop.
    """
    wish = "discard" if discard else "stop"
    with immediate(project.db) as db:
        run = read_run(db, run_id)
        if run.state == "running":
            run_sql(
                db,
                "UPDATE runs SET request = CASE request WHEN 'discard' THEN request"
                " ELSE ? END WHERE run_id = ?",
                [wish, run_id],
            )
        elif run.state == "queued" or (run.state == "interrupted" and discard):
            _change_state(db, run_id, "cancelled")
        else:
            raise RunError(f"Run {run_id} is {run.state}, so it cannot be stopped.")


def resume_run(project: Project, run_id: str) -> None:
    """Queue an interrupted or failed run again."""
    with immediate(project.db) as db:
        run = read_run(db, run_id)
        if run.state not in ("interrupted", "failed"):
            raise RunError(
                f"Run {run_id} is {run.state}; only an interrupted or failed run can "
                "be resumed."
            )
        _change_state(db, run_id, "queued")


def _change_state(db: Database, run_id: str, state: str) -> None:
    run_sql(
        db,
        "UPDATE runs SET state = ?, request = NULL, message = '', ended_at = ?"
        " WHERE run_id = ?",
        [state, None if state == "queued" else now_text(), run_id],
    )
