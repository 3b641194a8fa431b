"""The command `evaluate`: how good a run is. No streamlit, no TensorFlow here."""

import argparse
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json, print_table
from mlcore.errors import PredictionError
from mlcore.evaluation import evaluate_folder, evaluate_run
from mlcore.measured import MEASURED, Measured, read_measured
from mlcore.measured_words import describe_measured
from mlcore.measuring import measure_run
from mlcore.prediction_service import shutdown_all
from mlcore.scores import Evaluation
from storage.projects import Project, open_project
from storage.runs import run_dir

COLUMNS = ("label", "support", "precision", "recall", "f1", "average_precision")


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    command = make(commands, "evaluate", "how good a run is", evaluate)
    command.add_argument("project")
    command.add_argument("run")
    command.add_argument("--folder", help="a labelled folder the run never saw")
    command.add_argument(
        "--measure",
        action="store_true",
        help="ask a run without held-out pictures about the labelled ones first",
    )


def evaluate(options: argparse.Namespace) -> int:
    """Print a run's figures on its held-out images or on pictures with labels."""
    if options.folder and options.measure:
        raise PredictionError(
            "--folder measures on other pictures than --measure. Choose one of them."
        )
    with open_project(options.project) as project:
        if options.measure and not _measure(project, options.run):
            return 1
        result, measured = _evaluate(project, options)
    if options.json:
        more = {"measured": measured.as_json()} if measured else {}
        print_json(result.as_json() | more)
    else:
        _print(result, measured)
    return 0


def _measure(project: Project, run_id: str) -> bool:
    """Measure a run on the labelled pictures; False when that was broken off."""
    progress = ProgressLine("Asked")
    try:
        return measure_run(project, run_id, on_progress=progress) is not None
    finally:
        progress.close()
        shutdown_all()


def _evaluate(
    project: Project, options: argparse.Namespace
) -> tuple[Evaluation, Measured | None]:
    if options.folder:
        try:
            return evaluate_folder(project, options.run, Path(options.folder)), None
        finally:
            shutdown_all()
    result = evaluate_run(project, options.run)
    is_here = result.split == MEASURED
    return result, read_measured(run_dir(project, options.run)) if is_here else None


def _print(result: Evaluation, measured: Measured | None) -> None:
    report = result.as_json()
    totals = [(k, v) for k, v in report.items() if not isinstance(v, list)]
    print_table(("figure", "value"), totals)
    rows = [[getattr(score, column) for column in COLUMNS] for score in result.labels]
    print_table(COLUMNS, rows)
    if result.unasked:
        names = ", ".join(result.unasked)
        print(f"The folder says nothing about {names}: in no figure.")
    if measured:
        print(" ".join(describe_measured(measured)))
