"""What tells runs apart: settings that differ, figures, and whether data are equal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlcore.config import TrainConfig
from mlcore.config_fields import FIELDS, FIELDS_BY_NAME, rename_old
from storage.records import Run

# The same for every run in a table of its own columns.
OWN_COLUMNS = ("recipe", "seed")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNKNOWN_DATA = "not known"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs beside each other: `settings` are the names of those that differ.

    `data` holds a letter a run, equal for equal data; runs of earlier versions did
    not write down what they learned from.
    """

    runs: tuple[Run, ...]
    settings: tuple[str, ...]
    values: dict[str, dict[str, Any]]
    data: dict[str, str]


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare runs in the given order."""
    values = {run.run_id: settings_of(run) for run in runs}
    names = tuple(
        field.name
        for field in FIELDS
        if field.name not in OWN_COLUMNS and _differs(field.name, values.values())
    )
    return Comparison(tuple(runs), names, values, data_letters(runs))


def settings_of(run: Run) -> dict[str, Any]:
    """The settings that count for this run; what it did not write is the default."""
    written = rename_old(run.config)
    whole = TrainConfig().as_json() | written
    return {
        field.name: whole[field.name] for field in FIELDS if field.applies_to(whole)
    }


def _differs(name: str, settings: Iterable[Mapping[str, Any]]) -> bool:
    """Whether two runs have different values; where it does not count, it is none."""
    return len({repr(values[name]) for values in settings if name in values}) > 1


def setting_title(name: str) -> str:
    """The title of a setting; of another version, its name."""
    field = FIELDS_BY_NAME.get(name)
    return field.title if field else name


def data_letters(runs: Sequence[Run]) -> dict[str, str]:
    """A letter for each run's data, A for the oldest run's."""
    known: dict[str, str] = {}
    for run in sorted(runs, key=lambda run: run.number):
        if run.data_sha256 and run.data_sha256 not in known:
            known[run.data_sha256] = _letter(len(known))
    return {run.run_id: known.get(run.data_sha256, UNKNOWN_DATA) for run in runs}


def _letter(at: int) -> str:
    return LETTERS[at] if at < len(LETTERS) else f"{at + 1}"


def data_note(runs: Sequence[Run]) -> str:
    """A sentence on whether these runs may be compared; "" for fewer than two."""
    if len(runs) < 2:
        return ""
    digests = {run.data_sha256 for run in runs}
    if len(digests - {""}) > 1:
        return (
            "These runs learned from different data (pictures, answers or the "
            "held-out part changed between them): part of the difference is that."
        )
    if "" in digests:
        return (
            "An earlier version did not write down what it learned from, so nobody "
            "knows whether these runs saw the same data."
        )
    return "All of them learned from the same pictures, answers and held-out part."


def figure_of(run: Run, name: str) -> float | None:
    """A figure of the run's held-out pictures, under today's or an earlier name."""
    for key in (f"val_{name}", name):
        value = run.metrics.get(key)
        if isinstance(value, int | float):
            return float(value)
    return None
