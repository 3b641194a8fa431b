"""A thing that speaks against an answer, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caution:
    """One thing that speaks against an answer, and why; as text it is both.

    `doubt` is one of `predictions.DOUBTS`, or "" for what is only worth knowing.
    """

    headline: str
    why: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        return f"{self.headline} {self.why}".strip()


def list_and(names: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return _listing(names, "and")


def list_or(names: Sequence[str]) -> str:
    """Return "a, b or c"."""
    return _listing(names, "or")


def _listing(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last
