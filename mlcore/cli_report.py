"""The command `report`: a run's story, evidence and model card in one file."""

import argparse
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json
from mlcore.report import write_report
from storage.projects import open_project


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    report = make(
        commands, "report", "a run's report to send: one HTML file or a PDF", write
    )
    report.add_argument("project")
    report.add_argument("run")
    report.add_argument("out", help="OUT.html or OUT.pdf")


def write(options: argparse.Namespace) -> None:
    """Write the report and say where it is."""
    progress = ProgressLine("Report")
    with open_project(options.project) as project:
        path = write_report(project, options.run, Path(options.out), progress)
    progress.close()
    found = {"file": str(path), "bytes": path.stat().st_size}
    if options.json:
        print_json(found)
    else:
        print(f"{found['file']}  {found['bytes']:,} bytes")
