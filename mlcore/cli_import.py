"""The command that brings pictures and labels in. No streamlit."""

import argparse
from pathlib import Path
from typing import Any

from mlcore.cli_output import MakeCommand, ProgressLine, print_json
from mlcore.errors import BadSource, ConfigError
from mlcore.importing import (
    ImportOptions,
    ImportPlan,
    ImportReport,
    plan_import,
    run_import,
)
from mlcore.layouts import LAYOUTS
from storage import home, projects

WHO = "command line"
REFUSED_SHOWN = 20
OPEN_SHOWN = 5


def add_commands(make: MakeCommand, commands: Any) -> None:
    """Add the commands of this module to the parser."""
    command = make(
        commands,
        "import",
        "bring in a folder, a zip, a file with labels or one picture",
        import_source,
    )
    command.add_argument("project")
    command.add_argument("source")
    command.add_argument("--layout", choices=LAYOUTS, default="auto")
    command.add_argument(
        "--separator", help="between the labels of a folder name, as in red_dress"
    )
    command.add_argument(
        "--encoding", default="auto", help="of the CSV: auto, utf-8, gbk, …"
    )
    command.add_argument(
        "--map",
        action="append",
        metavar="NAME=LABEL",
        help="give a label of the source another name; NAME= leaves it out",
    )
    command.add_argument(
        "--overwrite",
        action="store_true",
        help="replace answers that differ from the source",
    )
    command.add_argument(
        "--dry-run", action="store_true", help="report only; change nothing"
    )


def import_source(options: argparse.Namespace) -> None:
    """Bring a source in, or with --dry-run only say what would happen."""
    home.prepare_home()
    choices = ImportOptions(
        layout=options.layout,
        separator=options.separator or ImportOptions().separator,
        encoding=options.encoding,
        label_map=dict(map(parse_mapping, options.map or ())),
        overwrite=options.overwrite,
    )
    progress = ProgressLine("Read")
    with projects.open_project(options.project) as project:
        source = Path(options.source)
        result: ImportPlan | ImportReport
        if options.dry_run:
            result = plan_import(project, source, choices, on_progress=progress)
        else:
            result = run_import(project, source, choices, who=WHO, on_progress=progress)
    progress.close()
    if options.json:
        print_json(result.as_json())
    else:
        _print_import(result.details(), dry_run=options.dry_run)
    check_something_came(result.details())


def check_something_came(report: dict[str, Any]) -> None:
    """BadSource, so that a script notices, where all there was is refused."""
    refused = len(report["refused"]) + report["refused_more"]
    if refused and not (
        report["added"] or report["already_there"] or report["matched"]
    ):
        raise BadSource(f"Nothing came in: {refused:,} refused, as listed.")


def parse_mapping(text: str) -> tuple[str, str | None]:
    """Return the two names of `tee=shirt`; `tee=` leaves the label out."""
    name, equals, other = text.partition("=")
    if not (name.strip() and equals):
        raise ConfigError(
            f"--map expects NAME=LABEL, or NAME= to leave the label out; got {text!r}."
        )
    return name.strip(), other.strip() or None


def _print_import(report: dict[str, Any], *, dry_run: bool) -> None:
    refused = report["refused"]
    count = len(refused) + report["refused_more"]
    verb = "would be added" if dry_run else "added"
    print(
        f"{report['added']} {verb}, {report['already_there']} already there, ", end=""
    )
    print(f"{count} refused")
    for row in refused[:REFUSED_SHOWN]:
        print(f"  {row['path']}: {row['reason']}")
    if count > REFUSED_SHOWN:
        print(f"  and {count - REFUSED_SHOWN} more (see --json)")
    if report["matched"]:
        print(f"{report['matched']} pictures of the project are named")
    if report["filled"]:
        verb = "would get" if dry_run else "got"
        print(f"{report['filled']} pictures already there {verb} answers")
    if report["labels"]:
        print("labels: " + ", ".join(report["labels"]))
    if report["unlabelled"]:
        print(f"{report['unlabelled']} of the new pictures carry no label")
    for loss in report["losses"]:
        rest = loss["count"] - len(loss["examples"])
        more = ", …" if rest > 0 else ""
        print(f"{loss['sentence']}: {', '.join(loss['examples'])}{more}")
    _print_unsettled(report)


def _print_unsettled(report: dict[str, Any]) -> None:
    """Print what the source does not say, and where people said otherwise."""
    questions = report["open_questions"]
    for name, pictures in questions[:OPEN_SHOWN]:
        print(f"{name} stays open on {pictures} pictures")
    if len(questions) > OPEN_SHOWN:
        print(f"and {len(questions) - OPEN_SHOWN} more stay open")
    if report["conflicts"] and report["overwrites"]:
        print(f"{report['conflicts']} had other answers, which are overwritten")
    elif report["conflicts"]:
        print(f"{report['conflicts']} kept the answers they had: the import differs")
