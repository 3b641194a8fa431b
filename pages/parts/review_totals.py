"""How good a run is in two or three tiles, and all totals for who wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.intervals import label_intervals, total_intervals
from mlcore.left_out import study_of_run
from mlcore.ranking_curves import mean_range
from mlcore.review_sentences import share_words_1
from mlcore.review_story import weakest_label
from mlcore.scores import wilson
from mlcore.unseen_share import unseen_share
from pages.parts.text import escape, number

if TYPE_CHECKING:
    from mlcore.metrics import LabelScore
    from mlcore.scores import Interval
    from pages.parts.review_scene import Scene

MORE_KEY = "review_more_figures"
EXACT_HELP = "Share of pictures on which every single label is right."
F1_HELP = "F1 joins recall, how many it finds, and precision, how many of those are it."
# Exact match stands beside binary accuracy, which alone promises too much.
TOTALS = (
    ("exact_match", "Exact match", EXACT_HELP),
    (
        "binary_accuracy",
        "Binary accuracy",
        "Share of single yes/no answers that are right. High even "
        "for a poor model when most answers are no.",
    ),
    (
        "micro_f1",
        "Micro F1",
        f"F1 over all answers together; frequent labels weigh more. {F1_HELP}",
    ),
    (
        "macro_f1",
        "Macro F1",
        f"Mean of the labels' F1; every label weighs the same. {F1_HELP}",
    ),
    (
        "f2",
        "F2",
        "Mean F2 over pictures: a missed label costs more than a wrong extra one.",
    ),
    (
        "mean_average_precision",
        "Avg. precision",
        "Mean average precision: how well probabilities rank the pictures of each "
        "label, whatever the threshold.",
    ),
)


def show_totals(scene: Scene) -> None:
    """Show what matters most; the other totals are worked out when asked for."""
    with st.grid(3, min_column_width=150, gap="small"):
        _show_exact_match(scene)
        _show_weakest(scene)
        _show_unseen(scene)
    more = st.expander("More figures", type="compact", key=MORE_KEY, on_change="rerun")
    if more.open:
        with more:
            show_all(scene)


def _show_exact_match(scene: Scene) -> None:
    value, images = scene.figures.exact_match, scene.figures.images
    right = round((value or 0) * images)
    spread = None if value is None else wilson(right, images)
    counted = "" if value is None else f" {number(right)} of {number(images)}."
    change = _change(value, scene.kept.exact_match)
    _tile("Exact match", value, spread, f"{EXACT_HELP}{counted}", change)


def _show_weakest(scene: Scene) -> None:
    found, kept = weakest_label(scene.figures), weakest_label(scene.kept)
    if found is None:
        help_text = "No label with at least 5 examples is ever wrong here."
        _tile("Weakest label", None, None, help_text)
        return
    is_same = kept is not None and kept.label_id == found.label_id
    change = _change(found.f1, kept.f1) if kept and is_same else ""
    title = f"Weakest: {escape(found.label)} (F1)"
    _tile(title, found.f1, label_intervals(found)["f1"], _weak_help(found), change)


def _weak_help(found: LabelScore) -> str:
    said = found.hits + found.false
    return (
        f"The F1 of {escape(found.label)}, the lowest of all labels: it finds "
        f"{number(found.hits)} of {number(found.support)}, and {number(found.false)} "
        f"of {number(said)} it names are wrong. {F1_HELP}"
    )


def _show_unseen(scene: Scene) -> None:
    """Nothing is shown where nobody knows: the story above says so."""
    found = unseen_share(scene.figures, study_of_run(scene.project, scene.run))
    if found is None:
        return
    kept = unseen_share(scene.kept, None) if found.images else None
    how = (
        f"every label right, on {number(found.images)} held-out pictures"
        if found.images
        else "each was left out of training in turn, and asked for"
    )
    change = _change(found.share, kept.share if kept else None)
    help_text = f"Combinations of labels that training never showed: {how}."
    _tile("Never-seen combinations", found.share, found.interval, help_text, change)


def show_all(scene: Scene) -> None:
    """Show the six totals; beside each its range, or what a trial changes."""
    ranges = find_ranges(scene)
    with st.grid(3, min_column_width=150, gap="small"):
        for name, title, help_text in TOTALS:
            value = getattr(scene.figures, name)
            change = _change(value, getattr(scene.kept, name))
            _tile(title, value, ranges.get(name), help_text, change)


def _tile(
    title: str,
    value: float | None,
    spread: Interval | None,
    help_text: str,
    change: str = "",
) -> None:
    st.metric(
        title,
        share_words_1(value),
        change or range_words(spread) or None,
        delta_color="normal" if change else "off",
        delta_arrow="auto" if change else "off",
        help=f"{help_text} {_where(spread)}".strip(),
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
