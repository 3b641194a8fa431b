"""The epochs of a run as a table for a spreadsheet, from the database."""

import csv
import io
from collections.abc import Sequence

from mlcore.errors import TrainingError
from storage.projects import Project
from storage.records import Epoch
from storage.runs import get_run, list_epochs

FIRST = ("epoch", "seconds")


def epochs_csv(project: Project, run_id: str) -> str:
    """Return one line an epoch: number, seconds, then every figure by name.

    What an epoch does not have is empty. Raises `TrainingError` before the first one.
    """
    epochs = list_epochs(project, run_id)
    if not epochs:
        number = get_run(project, run_id).number
        raise TrainingError(f"Run {number} has not finished an epoch yet.")
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    names = metric_names(epochs)
    table.writerow([*FIRST, *names])
    for epoch in epochs:
        figures = [epoch.metrics.get(name, "") for name in names]
        table.writerow([epoch.epoch, epoch.seconds, *figures])
    return out.getvalue()


def metric_names(epochs: Sequence[Epoch]) -> list[str]:
    """Return the names of all figures, in the order in which epochs first had them."""
    return list(dict.fromkeys(name for epoch in epochs for name in epoch.metrics))
