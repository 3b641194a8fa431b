"""The epochs of a run as a table."""

import csv
import io
import json

import pytest

from mlcore.cli import main
from mlcore.epochs_csv import epochs_csv
from mlcore.errors import TrainingError
from storage.projects import Project
from storage.records import Epoch
from storage.runs import add_epoch, claim_next, create_run


def test_every_epoch_is_a_line_and_what_one_lacks_is_empty(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = create_run(project, recipe="x", config={}, epochs_total=2).run_id
    assert claim_next(project) is not None
    with pytest.raises(TrainingError, match="not finished an epoch"):
        epochs_csv(project, run_id)
    add_epoch(project, run_id, 1, Epoch(1, 2.5, {"loss": 0.7}))
    add_epoch(project, run_id, 1, Epoch(2, 2.25, {"loss": 0.5, "val_loss": 0.6}))
    assert main(["epochs", "clothes", run_id]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows == [
        {"epoch": "1", "seconds": "2.5", "loss": "0.7", "val_loss": ""},
        {"epoch": "2", "seconds": "2.25", "loss": "0.5", "val_loss": "0.6"},
    ]
    assert main(["epochs", "clothes", run_id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "epoch": 2,
        "seconds": 2.25,
        "loss": 0.5,
        "val_loss": 0.6,
    }
    assert main(["epochs", "clothes", "r0009-x"]) == 1
