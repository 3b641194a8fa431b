"""The totals of a run as tiles: exact match first, each with its likely range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.intervals import total_intervals
from mlcore.ranking_curves import mean_range
from mlcore.review_sentences import share_words_1

if TYPE_CHECKING:
    from mlcore.scores import Interval
    from pages.parts.review_scene import Scene

TOTALS = (
    (
        "exact_match",
        "Exact match",
        "Share of pictures on which every single label is right.",
    ),
    (
        "binary_accuracy",
        "Binary accuracy",
        "Share of single yes/no answers that are right. High even "
        "for a poor model when most answers are no.",
    ),
    (
        "micro_f1",
        "Micro F1",
        "F1 over all answers together; frequent labels weigh more.",
    ),
    ("macro_f1", "Macro F1", "Mean of the labels' F1; every label weighs the same."),
    (
        "f2",
        "F2",
        "Mean F2 over pictures: a missed label costs more than a wrong extra one.",
    ),
    (
        "mean_average_precision",
        "Mean avg. precision",
        "Mean average precision: how well probabilities rank the pictures of each "
        "label, whatever the threshold.",
    ),
)


def show_totals(scene: Scene) -> None:
    """Show the six totals; beside each its range, or what a trial changes."""
    figures = scene.figures
    ranges = find_ranges(scene)
    with st.grid(3, min_column_width=150, gap="small"):
        for name, title, help_text in TOTALS:
            value = getattr(figures, name)
            change = _change(value, getattr(scene.kept, name))
            st.metric(
                title,
                share_words_1(value),
                change or range_words(ranges.get(name)) or None,
                delta_color="normal" if change else "off",
                delta_arrow="auto" if change else "off",
                help=f"{help_text} {_where(ranges.get(name))}".strip(),
                border=True,
            )


def find_ranges(scene: Scene) -> dict[str, Interval | None]:
    """Return the likely range of each total."""
    said = scene.held_out.decide(scene.chosen.limits)
    wanted = {name: getattr(scene.figures, name) for name, _, _ in TOTALS}
    ranges = total_intervals(scene.held_out.y, said, wanted)
    return ranges | {"mean_average_precision": mean_range(scene.rankings)}


def range_words(found: Interval | None) -> str:
    """Return "likely 87–98 %", "" where no range is known."""
    if found is None:
        return ""
    low, high = found
    return f"likely {low * 100:.1f}–{high * 100:.1f} %"


def _where(found: Interval | None) -> str:
    words = range_words(found)
    return f"{words[0].upper()}{words[1:]}, with 95 % confidence." if words else ""


def _change(value: float | None, kept: float | None) -> str:
    """Return "+1.2 points" against what counts for the run, "" for no change."""
    if value is None or kept is None or abs(value - kept) < 0.0005:
        return ""
    return f"{(value - kept) * 100:+.1f} points"
