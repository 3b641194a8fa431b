"""The command line: `python -m mlcore COMMAND`. Thin; no streamlit, no tensorflow.

Exit status: 0 done, 1 the work failed (one line on stderr), 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from mlcore.errors import MLError
from storage.errors import StorageError

# A module is loaded for its own commands only: all of them take a second.
MODULES: dict[str, tuple[str, ...]] = {
    "cli_data": ("projects", "create", "groups"),
    "cli_import": ("import",),
    "cli_coverage": ("coverage",),
    "cli_schema": ("schema",),
    "cli_recipes": ("recipes",),
    "cli_runs": ("train", "runs", "stop", "resume", "classify"),
    "cli_epochs": ("epochs",),
    "cli_series": ("compare", "repeat", "search"),
    "cli_health": ("health",),
    "cli_label_errors": ("label-errors",),
    "cli_suggest": ("suggest",),
    "cli_evaluate": ("evaluate",),
    "cli_models": ("export", "import-model"),
    "cli_report": ("report",),
    "cli_similar": ("similar", "items"),
    "cli_archive": ("export-data", "archive", "restore"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = build_parser(words[0] if words else "").parse_args(words)
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


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of one command, of all of them where there is no such one.

    Each command sets `work`, the function to call.
    """
    parser = _Parser(prog="python -m mlcore", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    own = [module for module, names in MODULES.items() if command in names]
    for module in own or MODULES:
        import_module(f"mlcore.{module}").add_commands(_make_command, commands)
    return parser


Work = Callable[[argparse.Namespace], int | None]


def _make_command(commands: Any, name: str, help_text: str, work: Work) -> Any:
    command = commands.add_parser(name, help=help_text, description=help_text)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(work=work)
    return command
