"""The command `suggest`: let a run suggest labels for every image. No streamlit."""

import argparse
import time
from dataclasses import asdict
from typing import Any

from mlcore import jobs
from mlcore.cli_output import MakeCommand, ProgressLine, print_json
from mlcore.errors import PredictionError
from mlcore.scoring import (
    ScoringStatus,
    scoring_status,
    start_scoring,
    supervise_scoring,
)
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.scores import suggestion_counts

POLL_S = 0.5
ENDED = ("none", "done", "cancelled", "failed")


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    parser = make(
        commands, "suggest", "let a run suggest labels for every image", suggest
    )
    parser.add_argument("project")
    parser.add_argument("run", nargs="?", help="else the newest usable run")
    parser.add_argument(
        "--wait", action="store_true", help="show progress, return when done"
    )


def suggest(options: argparse.Namespace) -> int:
    """Start scoring; with --wait show its progress and report how it ended."""
    with open_project(options.project) as project:
        start_scoring(options.project, options.run)
        status = scoring_status(project)
        if options.wait:
            status = wait_for_scores(project)
        report = asdict(status) | {"suggested": _counts(project)}
    if status.state in ("none", "failed"):
        raise PredictionError(status.message)
    if options.json:
        print_json(report)
    else:
        print(_sentence(status))
    return 0


def wait_for_scores(project: Project) -> ScoringStatus:
    """Return the status once there is nothing more to do, drawing the progress."""
    progress = ProgressLine("Scored")
    while True:
        status = scoring_status(project)
        progress(status.done, status.total)
        if status.state in ENDED:
            progress.close()
            return status
        time.sleep(POLL_S)
        # What suggestions wait for must go on, also where no app is open.
        jobs.supervise(project.name)
        supervise_scoring(project.name, even_if_off=True)


def _counts(project: Project) -> dict[str, int]:
    """Images suggested for each label that do not answer it yet, by name."""
    counts = suggestion_counts(project)
    return {
        label.name: counts[label.label_id]
        for label in list_labels(project)
        if label.label_id in counts
    }


def _sentence(status: ScoringStatus) -> str:
    words = f"{status.run_id}: {status.done} of {status.total} images, {status.state}"
    return f"{words}. {status.message}".rstrip(" .") + "."
