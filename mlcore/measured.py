"""What a run said of a project's own labelled pictures, kept in the run's folder.

For runs without held-out pictures, such as those trained elsewhere. The pictures lie
there with their answers of that moment, as in a snapshot.
"""

import json
import secrets
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.model_json import PREDICTIONS_NAME
from mlcore.snapshot import Snapshot, write
from storage.files import explained_disk, write_durably

# The folder, and what takes the place of "test" where a split is named.
MEASURED = "measured"
FACTS_NAME = "measured.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """On what a run was measured, and what had to be left out.

    Of `labelled` pictures `images` were asked; `strange` show a label that the run
    does not know, in a group of which it knows others; on `trained_on` it trained, as
    the run `trained_as` of this project tells ("": nobody knows). `not_known` are
    labels of the project that the run lacks, `not_here` its own that no picture asks.
    """

    made_at: str
    labelled: int
    images: int
    strange: int
    trained_on: int
    unreadable: int
    trained_as: str
    not_known: tuple[str, ...]
    not_here: tuple[str, ...]
    history_end: int
    data_sha256: str

    def as_json(self) -> dict[str, Any]:
        """Plain values, as they are kept and printed."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Measured":
        """What `as_json` wrote."""
        found = {field.name: data[field.name] for field in fields(cls)}
        lists = {key: tuple(found[key]) for key in ("not_known", "not_here")}
        return cls(**(found | lists))


def measured_folder(run_folder: Path) -> Path:
    """Where the measurement of a run lies, if there is one."""
    return run_folder / MEASURED


def read_measured(run_folder: Path) -> Measured | None:
    """On what a run was last measured; None if it never was, or that is damaged."""
    path = measured_folder(run_folder) / FACTS_NAME
    try:
        return Measured.from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def keep_measured(
    run_folder: Path, snapshot: Snapshot, predictions: pd.DataFrame, facts: Measured
) -> None:
    """Put a measurement into the place of the one before, whole."""
    draft = run_folder / f".{MEASURED}-{secrets.token_hex(4)}"
    try:
        write(snapshot, draft)
        with explained_disk():
            predictions.to_parquet(draft / PREDICTIONS_NAME, index=False)
        write_durably(draft / FACTS_NAME, json.dumps(facts.as_json()).encode())
        with explained_disk():
            shutil.rmtree(measured_folder(run_folder), ignore_errors=True)
            draft.rename(measured_folder(run_folder))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
