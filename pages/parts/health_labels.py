"""How many pictures each label, group and split has, and where that is too few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.label_balance import (
    FEW,
    MOST_UNEQUAL,
    VERY_FEW,
    Imbalance,
    LabelTally,
    find_imbalances,
    tally_labels,
)
from pages.parts import layout
from pages.parts.review_table import Column, Measure, count, measure_table, name
from pages.parts.text import counted, escape, number
from storage.health_rows import split_tallies
from storage.splits import SPLITS

if TYPE_CHECKING:
    from storage.projects import Project

COLUMNS = (
    Column("Label", "The label.", "name"),
    Column("Group", "The group it is in; a free label is in none.", "number"),
    Column("Pictures", "Pictures on which it is yes; the bar is their share.", "bar"),
    Column("No", "Pictures on which it is no."),
    Column("Unknown", "Labelled pictures on which nobody has said."),
    Column("Train", "Pictures to train on with this label."),
    Column("Validation", "Held out to choose the best epoch."),
    Column("Test", "Held out to the end."),
    Column("Enough?", f"Under {VERY_FEW} or under {FEW} pictures.", "mark"),
)
VERDICTS = {
    "none": ("none", "warn"),
    "very few": (f"under {VERY_FEW}", "warn"),
    "few": (f"under {FEW}", ""),
    "": (f"{FEW} or more", ""),
}
NAMES_SHOWN = 6


def show(project: Project) -> None:
    """Draw the warnings, the table of labels and the sizes of the splits."""
    st.subheader("Labels", anchor=False)
    tallies = tally_labels(project)
    if not tallies:
        st.caption("No labels yet.")
        return
    show_few(tallies)
    for imbalance in find_imbalances(project, tallies):
        layout.finding("warn", imbalance_words(imbalance))
    measure_table(
        "Pictures per label",
        COLUMNS,
        [row_of(tally) for tally in tallies],
        key="health_labels",
    )
    show_splits(project)


def show_few(tallies: list[LabelTally]) -> None:
    """Draw one line for labels with far too few pictures and one for few."""
    worst = [t for t in tallies if t.verdict in ("none", "very few")]
    few = [t for t in tallies if t.verdict == "few"]
    if worst:
        words = f"Under {VERY_FEW} pictures: {listed(worst)}."
        layout.finding("warn", words, "A network cannot learn these, nor be judged.")
    if few:
        layout.finding("info", f"Under {FEW} pictures: {listed(few)}.")
    if not worst and not few:
        st.markdown(
            f":green[:material/check_circle:] Every label has {FEW} pictures or more."
        )


def listed(tallies: list[LabelTally]) -> str:
    """Return "jeans (3), skirt (4) and 2 more", safe as Markdown."""
    shown = [f"{escape(t.name)} ({number(t.yes)})" for t in tallies[:NAMES_SHOWN]]
    more = len(tallies) - len(shown)
    return ", ".join(shown) + (f" and {number(more)} more" if more else "")


def imbalance_words(found: Imbalance) -> str:
    """Return one sentence on two answers that are far apart, safe as Markdown."""
    rare, often = f"**{escape(found.rare)}**", f"**{escape(found.often)}**"
    times = f"1 : {number(round(found.ratio))}"
    if found.group:
        return (
            f"{rare} to {often} is {times} in {escape(found.group)}; over "
            f"1 : {MOST_UNEQUAL} a network leans to the frequent one."
        )
    opposite = "yes" if found.often == "no" else "no"
    return f"{rare} has {times} {opposite} to {found.often}."


def row_of(tally: LabelTally) -> list[Measure]:
    """Return the cells of one label's row."""
    labelled = tally.yes + tally.no + tally.unknown
    words, tone = VERDICTS[tally.verdict]
    bar_tone = "low" if tally.verdict in ("none", "very few") else ""
    return [
        name(tally.name),
        Measure(tally.group or "–", tally.group.casefold() or None),
        Measure(number(tally.yes), tally.yes / max(1, labelled), bar_tone),
        count(tally.no),
        count(tally.unknown),
        *(count(held) for held in tally.by_split),
        Measure(words, tally.yes, tone),
    ]


def show_splits(project: Project) -> None:
    """Draw one line: how many pictures train, validate, test, or wait."""
    tallies = split_tallies(project)
    parts = [f"{split} {number(tallies.get(split, (0, 0))[0])}" for split in SPLITS]
    waiting = tallies.get(None, (0, 0))[0]
    if waiting == sum(images for images, _ in tallies.values()):
        st.caption("Split: the first training run divides the labelled pictures.")
        return
    if waiting:
        parts.append(f"{counted(waiting, 'picture')} in none yet")
    st.caption(f"Split: {' · '.join(parts)}.")
