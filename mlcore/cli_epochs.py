"""The command `epochs`: the figures of every epoch of a run, as CSV or JSON."""

import argparse
import sys
from typing import Any

from mlcore.cli_output import MakeCommand, print_json
from mlcore.epochs_csv import epochs_csv
from storage import projects, runs


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    listing = make(commands, "epochs", "print a run's epochs as CSV", show)
    listing.add_argument("project")
    listing.add_argument("run")


def show(options: argparse.Namespace) -> None:
    """Print one line an epoch."""
    with projects.open_project(options.project) as project:
        if not options.json:
            sys.stdout.write(epochs_csv(project, options.run))
            return
        run_id = runs.get_run(project, options.run).run_id
        found = runs.list_epochs(project, run_id)
    rows = [{"epoch": e.epoch, "seconds": e.seconds, **e.metrics} for e in found]
    print_json(rows)
