"""Coverage part by part: what validation and test show that training never did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage import summarise
from mlcore.coverage_sources import difference_of
from pages.parts.coverage_board import SPLITS
from pages.parts.coverage_compare import show_compare
from pages.parts.coverage_headline import chance_words
from pages.parts.coverage_notice import missing_names
from pages.parts.text import counted, number, percent
from storage import label_sets, labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.coverage import Coverage
    from mlcore.coverage_difference import Difference
    from storage.projects import Project


def filled_splits(project: Project) -> list[str]:
    """Return the parts that hold labelled pictures."""
    return [s for s in SPLITS if label_sets.label_sets(project, split=s)]


def read_splits(project: Project, found: Coverage) -> dict[str, Coverage]:
    """Return the coverage of each part that holds labelled pictures."""
    groups, free = labels.list_groups(project), labels.free_labels(project)
    impossible = label_sets.list_impossible(project)
    return {
        split: summarise(
            label_sets.label_sets(project, split=split),
            groups,
            free,
            strength=found.strength,
            impossible=impossible,
            thin_below=found.thin_below,
        )
        for split in filled_splits(project)
    }


def show_splits(project: Project, found: Coverage) -> None:
    """Show each part's coverage, and in words what training lacks of the others."""
    if not found.possible:
        return
    st.markdown("## Training, validation and test")
    parts = read_splits(project, found)
    if not parts:
        st.caption(
            "No picture belongs to a part yet: they are divided when a run starts, "
            "or in the grid of the Label page."
        )
        return
    with st.container(border=True, key="coverage_splits", gap="small"):
        with st.container(key="coverage_split_table"):
            st.markdown(split_table(parts, found))
        if rest := chance_words(found, len(found.gaps)):
            st.caption(rest)
        for sentence in split_sentences(project, found):
            st.markdown(sentence)
        show_compare(project, found.strength)


def split_table(parts: Mapping[str, Coverage], found: Coverage) -> str:
    """Return a table: pictures, combinations present, and how many are only thin."""
    lines = [
        "| Part | Pictures | Combinations | Thin | Missing |",
        "|---|---:|---:|---:|---:|",
    ]
    rows = {**{SPLITS[split]: part for split, part in parts.items()}, "All": found}
    for title, part in rows.items():
        present = f"{number(part.present)} of {number(part.possible)}"
        lines.append(
            f"| {title} | {number(part.images)} | {present} ({percent(part.coverage)})"
            f" | {number(len(part.thin))} | {number(len(part.missing))} |"
        )
    return "\n".join(lines)


def split_sentences(project: Project, found: Coverage) -> list[str]:
    """Say for validation and test what they show that training never did."""
    splits = filled_splits(project)
    if "train" not in splits:
        return ["No labelled picture is for training, so there is nothing to compare."]
    sentences = [
        difference_words(
            SPLITS[split].lower(),
            difference_of(project, "train", split, found.strength),
        )
        for split in splits
        if split != "train"
    ]
    return [*sentences, *held_out_words(project, splits)]


def held_out_words(project: Project, splits: Sequence[str]) -> list[str]:
    """Name the labels that no held-out picture shows."""
    held_out = [split for split in splits if split != "train"]
    if not held_out:
        return []
    shown = {
        label_id
        for split in held_out
        for found in label_sets.label_sets(project, split=split)
        for label_id in found.label_ids
    }
    absent = [x.name for x in labels.list_labels(project) if x.label_id not in shown]
    if not absent:
        return []
    verb = "has" if len(absent) == 1 else "have"
    figures = "its figures are" if len(absent) == 1 else "their figures are"
    names = missing_names([(name,) for name in absent])
    return [
        f":gray[:material/info:] **{counted(len(absent), 'label')}** {verb} no "
        f"held-out picture: {figures} unknown ({names})."
    ]


def difference_words(name: str, found: Difference) -> str:
    """Say what share of the combinations on `name` pictures training never had."""
    new = found.of_tier("missing")
    if not new:
        return (
            f":gray[:material/info:] The {name} pictures show no combination "
            "that training lacks. So a model's figures there say nothing about "
            "combinations it never saw."
        )
    return (
        f":orange[:material/warning:] **{percent(found.share)}** of the combinations "
        f"on {name} pictures are never shown in training ({number(found.unseen)} of "
        f"{number(found.shown)}): {missing_names([one.names for one in new])}; "
        f"{counted(found.unseen_images, 'picture')}. How a model does on these says "
        "how it does on combinations it never saw."
    )
