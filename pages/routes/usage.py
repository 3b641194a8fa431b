"""What `python app.py` says about itself, and its refusal of what it does not know."""

from __future__ import annotations

from collections.abc import Sequence

from storage.errors import HomeError
from storage.home import home_dir

ASKING = frozenset({"-h", "--help", "help"})
USAGE = """\
Usage: python app.py

Starts Unseen and opens it in the browser. Ctrl-C ends it; a training run goes on.
There are no options. What can be set is set in the environment:

  UNSEEN_HOME     where projects, pictures and runs are kept; now {home}
  UNSEEN_PORT     the port; without it 8501, or the next free one
  UNSEEN_ADDRESS  the address to listen on; 127.0.0.1, this computer only
  UNSEEN_OPEN     0 opens no browser

Such as: UNSEEN_PORT=8600 python app.py
The rest stands in README.md. All of it without a browser: python -m mlcore --help"""


class UnknownOption(Exception):
    """An argument that means nothing here; the message names it."""


def read_arguments(arguments: Sequence[str]) -> str | None:
    """Return the text to print instead of starting, None to start."""
    if ASKING.intersection(arguments):
        return USAGE.format(home=_home_words())
    if arguments:
        raise UnknownOption(
            f"“{arguments[0]}” is no option of app.py; it has none but --help, which "
            "says how port and data folder are set."
        )
    return None


def _home_words() -> str:
    try:
        return str(home_dir())
    except HomeError:
        return "not usable as it is set"
