"""A designed table of measures: bars, notes where nothing is known, sorting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.parts.component_source import join_sources

# Below half a label is more often wrong than right: its bar turns amber.
LOW_BELOW = 0.5

_component = st.components.v2.component(
    "unseen_review_table",
    # a lone line would be read as a path to a file
    html='<div class="measures">\n</div>',
    css=join_sources("review_table.css"),
    js=join_sources("review_table.js"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `kind` is name, bar (a share 0..1), number, words, mark or shape.

    Words break into lines where a number does not.
    """

    title: str
    help: str
    kind: str = "number"


@dataclass(frozen=True, slots=True)
class Measure:
    """One cell: words, the value to sort by (None = not known), its tone, a hint.

    `low` and `high` are the likely range of a bar; `shape` draws how many pictures
    with and without a label lie at each probability, and where its threshold is.
    """

    text: str
    value: float | str | None = None
    tone: str = ""
    help: str = ""
    low: float | None = None
    high: float | None = None
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Pictures by probability, from 0 to 1, with the label and without."""

    with_label: Sequence[int]
    without: Sequence[int]
    threshold: float | None = None


def measure_table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Measure]],
    *,
    key: str,
) -> None:
    """Draw the table; `title` is what a screen reader announces."""
    _component(
        data={
            "title": title,
            "columns": [asdict(column) for column in columns],
            "rows": [[asdict(cell) for cell in row] for row in rows],
        },
        key=key,
    )


def share(
    value: float | None,
    *,
    unknown: str = "–",
    likely: tuple[float, float] | None = None,
    stands_on: str = "",
) -> Measure:
    """Return a share as a bar, or the words for one that is not defined.

    `likely` is its range, drawn over the bar and said on hover with what it stands on.
    """
    if value is None:
        return Measure(unknown)
    tone = "low" if value < LOW_BELOW else ""
    words = f"{value * 100:.0f} %"
    if likely is None:
        return Measure(words, float(value), tone)
    low, high = likely
    said = f"{words}, likely {low * 100:.0f} to {high * 100:.0f} %"
    help_text = f"{said}: {stands_on}" if stands_on else said
    return Measure(words, float(value), tone, help_text, low, high)


def name(text: str) -> Measure:
    """Return a name, shown as it is and sorted without regard to case."""
    return Measure(text, text.casefold())


def count(value: int) -> Measure:
    """Return a whole number."""
    return Measure(f"{value:,}", value)
