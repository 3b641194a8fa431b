"""A run that was trained elsewhere takes its place among a project's runs."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storage.database import immediate, insert_row, now_text, run_sql
from storage.files import explained_disk, sync_folder
from storage.projects import Project, runs_dir
from storage.records import Run
from storage.run_rows import read_run, to_json

IMPORTED = "imported"


def adopt_run(
    project: Project, draft: Path, *, config: Mapping[str, Any], message: str
) -> Run:
    """Make a finished run of the folder `draft`, which becomes the run's own.

    Its recipe is "imported"; `message` says from where. It never waits in the queue:
    no worker can claim it.
    """
    with immediate(project.db) as db:
        now = now_text()
        number = insert_row(
            db,
            "INSERT INTO runs (run_id, state, recipe, config, created_at, ended_at,"
            " epochs_total, message) VALUES ('new', 'finished', ?, ?, ?, ?, 0, ?)",
            [IMPORTED, to_json(config), now, now, message],
        )
        run_id = f"r{number:04d}-{IMPORTED}"
        run_sql(db, "UPDATE runs SET run_id = ? WHERE number = ?", [run_id, number])
        folder = runs_dir(project) / run_id
        with explained_disk():
            # What an interrupted import left: a folder without a row.
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(folder)
            sync_folder(folder.parent)
        return read_run(db, run_id)
