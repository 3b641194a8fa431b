"""How a run's row becomes a record, and how its JSON columns are written."""

import json
import math
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from storage.database import fetch_all
from storage.errors import RunError
from storage.records import Run

_COLUMNS = (
    "run_id, number, state, recipe, config, created_at, started_at, ended_at,"
    " seconds, epochs_total, epochs_done, batches_total, batches_done, best_epoch,"
    " metrics, request, message, pid, process_started, heartbeat, attempt, stage,"
    " images_per_s, memory_mb, data_sha256, series_id"
)


def read_runs(
    db: Database, where: str = "1", values: tuple[Any, ...] = ()
) -> list[Run]:
    """The runs that match, newest first."""
    rows = fetch_all(
        db, f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY number DESC", values
    )
    return [_as_run(row) for row in rows]


def read_run(db: Database, run_id: str) -> Run:
    """One run, or RunError."""
    found = read_runs(db, "run_id = ?", (run_id,))
    if not found:
        raise RunError(f"There is no run {run_id!r} in this project (any more).")
    return found[0]


def _as_run(row: tuple[Any, ...]) -> Run:
    values = dict(zip(_COLUMNS.replace(",", "").split(), row, strict=True))
    values["config"] = json.loads(values["config"])
    values["metrics"] = json.loads(values["metrics"])
    return Run(**values)


def to_json(values: Mapping[str, Any]) -> str:
    """JSON text; NaN and infinities, which JSON lacks, become null."""
    return json.dumps(_finite(values), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
