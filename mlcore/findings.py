"""One line of what is wrong or risky about a run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list; `level` is 'stop', 'warn' or 'info'.

    `text` and `hint` are plain text and may hold label names: escape them.
    `topic` is "coverage" for missing combinations, which some pages show already.
    """

    level: str
    text: str
    hint: str = ""
    topic: str = ""
