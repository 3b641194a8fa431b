"""The command line: `python -m mlcore COMMAND`. Thin; no streamlit, no tensorflow.

Exit status: 0 done, 1 the work failed (one line on stderr), 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from mlcore import (
    cli_archive,
    cli_coverage,
    cli_data,
    cli_epochs,
    cli_evaluate,
    cli_health,
    cli_import,
    cli_label_errors,
    cli_models,
    cli_recipes,
    cli_report,
    cli_runs,
    cli_schema,
    cli_series,
    cli_similar,
    cli_suggest,
)
from mlcore.errors import MLError
from mlcore.layouts import LAYOUTS
from mlcore.recipes import DEFAULT_RECIPE
from storage.errors import StorageError

RULES = ("exactly-one", "at-most-one", "any")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = build_parser().parse_args(arguments)
    try:
        status = int(options.work(options) or 0)
        sys.stdout.flush()
        return status
    except (StorageError, MLError) as error:
        return _fail(str(error))
    except BrokenPipeError:
        # `… | head` has read enough; a subclass of OSError, so it stands first.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
    except KeyboardInterrupt:
        return _fail("Interrupted. A run that was started goes on in the background.")


def _fail(sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message}. See `python -m mlcore --help`.\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every command; each sets `work`, the function to call."""
    parser = _Parser(prog="python -m mlcore", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_project_commands(commands)
    _add_import(commands)
    _add_groups(commands)
    cli_coverage.add_command(_command, commands)
    cli_schema.add_command(_command, commands)
    cli_recipes.add_command(_command, commands)
    _add_train(commands)
    _add_run_commands(commands)
    cli_epochs.add_command(_command, commands)
    cli_series.add_commands(_command, commands)
    cli_health.add_command(_command, commands)
    cli_label_errors.add_command(_command, commands)
    cli_suggest.add_command(_command, commands)
    _add_result_commands(commands)
    cli_models.add_commands(_command, commands)
    cli_report.add_command(_command, commands)
    cli_similar.add_commands(_command, commands)
    cli_archive.add_commands(_command, commands)
    return parser


Work = Callable[[argparse.Namespace], int | None]


def _command(commands: Any, name: str, help_text: str, work: Work) -> Any:
    command = commands.add_parser(name, help=help_text, description=help_text)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(work=work)
    return command


def _add_project_commands(commands: Any) -> None:
    _command(commands, "projects", "list the projects", cli_data.list_projects)
    create = _command(
        commands, "create", "make an empty project", cli_data.create_project
    )
    create.add_argument("project")


def _add_import(commands: Any) -> None:
    command = _command(
        commands,
        "import",
        "bring in a folder, a zip, a file with labels or one picture",
        cli_import.import_source,
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


def _add_groups(commands: Any) -> None:
    groups = _command(
        commands, "groups", "show, propose or set label groups", cli_data.edit_groups
    )
    groups.add_argument("project")
    groups.add_argument("--propose", action="store_true")
    groups.add_argument("--set", metavar="NAME=LABEL,LABEL", dest="assignment")
    groups.add_argument("--rule", choices=RULES, default="exactly-one")


def _add_train(commands: Any) -> None:
    train = _command(commands, "train", "queue a run", cli_runs.train)
    train.add_argument("project")
    train.add_argument(
        "--recipe",
        default=DEFAULT_RECIPE,
        help="a name that `recipes PROJECT` lists; %(default)s unless said",
    )
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="change one number of the recipe; may be repeated",
    )
    train.add_argument(
        "--wait", action="store_true", help="show progress, return when done"
    )


def _add_run_commands(commands: Any) -> None:
    listing = _command(commands, "runs", "list a project's runs", cli_runs.list_runs)
    listing.add_argument("project")
    stop = _command(commands, "stop", "stop a run and keep its best", cli_runs.stop)
    stop.add_argument("run", help="RUN or PROJECT/RUN")
    stop.add_argument(
        "--discard", action="store_true", help="cancel it and keep nothing"
    )
    resume = _command(
        commands, "resume", "go on from the last checkpoint", cli_runs.resume
    )
    resume.add_argument("run", help="RUN or PROJECT/RUN")


def _add_result_commands(commands: Any) -> None:
    evaluate = _command(
        commands, "evaluate", "how good a run is", cli_evaluate.evaluate
    )
    evaluate.add_argument("project")
    evaluate.add_argument("run")
    evaluate.add_argument("--folder", help="a labelled folder the run never saw")
    evaluate.add_argument(
        "--measure",
        action="store_true",
        help="ask a run without held-out pictures about the labelled ones first",
    )
    classify = _command(commands, "classify", "label new pictures", cli_runs.classify)
    classify.add_argument("project")
    classify.add_argument("run")
    classify.add_argument("paths", nargs="+", metavar="PATH")
    classify.add_argument("--csv", metavar="OUT", help="write the answers as CSV")
    classify.add_argument(
        "--remember", action="store_true", help="count them among what arrives in use"
    )
