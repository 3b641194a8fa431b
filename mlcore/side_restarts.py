"""Starting a process again that had died, until it dies without getting any further."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from mlcore import side_process

# So many processes in a row may die without having got any further.
DEATHS_FORGIVEN = 3


def start_again(
    folder: Path, command: list[str], at: dict[str, Any], moving: Collection[str]
) -> str:
    """Start `python -m COMMAND…`; returns "", or why it was not started once more.

    `at` says how far the work is, `moving` are the states of a process at work.
    """
    deaths = _count_deaths(folder, at, moving)
    if deaths >= DEATHS_FORGIVEN:
        return (
            f"The process ended {deaths} times without a word; its log is in {folder}."
        )
    module, *arguments = command
    side_process.start_process(folder, module, arguments, {**at, "deaths": deaths})
    return ""


def _count_deaths(folder: Path, at: dict[str, Any], moving: Collection[str]) -> int:
    """How often in a row the process died and got no further."""
    process = side_process.read_process(folder)
    if any(process.get(name) != value for name, value in at.items()):
        return 0
    said = side_process.read_status(folder)
    has_ended = said.get("pid") == process["pid"] and said.get("state") not in moving
    return 0 if has_ended else int(process["deaths"]) + 1
