"""Training runs: their rows, folders and epochs.

How a run changes its state is written in run_states and offered here too.
"""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storage.database import fetch_all, immediate, insert_row, now_text, run_sql
from storage.errors import RunError
from storage.files import explained_disk
from storage.projects import Project, runs_dir
from storage.records import Epoch, Run
from storage.run_rows import read_run, read_runs, to_json
from storage.run_states import (
    END_STATES,
    add_epoch,
    beat,
    claim_next,
    finish_run,
    mark_interrupted,
    request_stop,
    resume_run,
    set_process,
)

__all__ = [
    "END_STATES",
    "add_epoch",
    "beat",
    "claim_next",
    "create_run",
    "delete_run",
    "finish_run",
    "get_run",
    "list_epochs",
    "list_runs",
    "mark_interrupted",
    "request_stop",
    "resume_run",
    "run_dir",
    "set_process",
]


def create_run(
    project: Project,
    *,
    recipe: str,
    config: Mapping[str, Any],
    epochs_total: int,
    data_sha256: str = "",
    series_id: str = "",
) -> Run:
    """Queue a new run and make its folder; the id is like r0003-smallervggnet."""
    with immediate(project.db) as db:
        number = insert_row(
            db,
            "INSERT INTO runs (run_id, state, recipe, config, created_at, epochs_total,"
            " data_sha256, series_id) VALUES ('new', 'queued', ?, ?, ?, ?, ?, ?)",
            [
                recipe,
                to_json(config),
                now_text(),
                epochs_total,
                data_sha256,
                series_id,
            ],
        )
        run_id = f"r{number:04d}-{_as_file_name(recipe)}"
        run_sql(db, "UPDATE runs SET run_id = ? WHERE number = ?", [run_id, number])
        with explained_disk():
            # exist_ok: an interrupted start may have left an empty folder
            (runs_dir(project) / run_id).mkdir(parents=True, exist_ok=True)
        return read_run(db, run_id)


def _as_file_name(recipe: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", recipe.lower()).strip("-") or "run"


def get_run(project: Project, run_id: str) -> Run:
    """One run; RunError when it is unknown."""
    return read_run(project.db, run_id)


def list_runs(project: Project) -> list[Run]:
    """All runs, newest first."""
    return read_runs(project.db)


def run_dir(project: Project, run_id: str) -> Path:
    """The folder of a run, which must exist as a row: ids never become free paths."""
    return runs_dir(project) / read_run(project.db, run_id).run_id


def list_epochs(project: Project, run_id: str) -> list[Epoch]:
    """The finished epochs of a run, first to last."""
    rows = fetch_all(
        project.db,
        "SELECT epoch, epochs.seconds, epochs.metrics FROM epochs"
        " JOIN runs USING (number) WHERE run_id = ? ORDER BY epoch",
        [run_id],
    )
    return [Epoch(epoch, seconds, json.loads(text)) for epoch, seconds, text in rows]


def delete_run(project: Project, run_id: str) -> None:
    """Remove a run with its folder; a running run must be stopped before."""
    with immediate(project.db) as db:
        run = read_run(db, run_id)
        if run.state == "running":
            raise RunError(f"Run {run_id} is training. Stop it before you delete it.")
        run_sql(db, "DELETE FROM runs WHERE run_id = ?", [run_id])
    # After the row: a folder without a row is only wasted space
    shutil.rmtree(runs_dir(project) / run_id, ignore_errors=True)
