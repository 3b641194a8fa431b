"""What the chosen run was never shown, in one line above its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import PredictionError
from mlcore.group_offers import believable
from mlcore.label_changes import label_changes
from mlcore.model_json import read_model_json
from mlcore.training_view import view_of_model
from pages.parts import group_offer
from pages.parts.coverage_notice import NAMED_AT_MOST, missing_names, pairs_sentence
from pages.parts.text import counted, escape, number
from storage.runs import run_dir

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run


def show_missing(project: Project, run: Run) -> None:
    """Name the combinations missing in this run's training pictures, if any.

    The project's labels may have changed since; what counts is what was trained on.
    """
    sentence = missing_sentence(project, run)
    if not sentence:
        return
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        key="classify_missing",
    ):
        st.markdown(f":orange[:material/warning:] :small[{sentence}]", width="stretch")


def show_changes(project: Project, run: Run) -> None:
    """Say which labels the project has today and this run has not, or otherwise."""
    try:
        facts = read_model_json(run_dir(project, run.run_id))
    except PredictionError:
        return  # the answers say that in their own words
    if sentence := label_changes(project, facts).sentence():
        st.markdown(f":blue[:material/info:] :small[{escape(sentence)}]")


def missing_sentence(project: Project, run: Run) -> str:
    """Return "Run 1 was trained without 3 of 9 combinations: …" as safe Markdown.

    Empty where nothing is missing, and where the run has no readable model: the
    answers say that in their own words.
    """
    try:
        view = view_of_model(read_model_json(run_dir(project, run.run_id)))
    except PredictionError:
        return ""
    found = view.coverage
    is_grouped = sum(choice.rule != "any" for choice in view.choices) >= 2
    gaps = found.gaps
    if not is_grouped:
        words = pairs_sentence(believable(gaps, group_offer.offers_of(project)))
        if not words:
            return ""
        # Coverage counts all of today's: there more pairs may be told from chance.
        learned = f"{counted(view.images, 'picture')} run {run.number} was trained on"
        return f"In the {learned} (Coverage counts all there are today), {words}"
    if not gaps:
        return ""
    count = f"{number(len(gaps))} of {number(found.possible)} combinations"
    first = [combination.names for combination in gaps[:NAMED_AT_MOST]]
    names = missing_names(first, len(gaps))
    return f"Run {run.number} was trained without **{count}:** {names}"
