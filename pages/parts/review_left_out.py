"""What a run would do with combinations its training never showed, in Review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_live import live_coverage
from mlcore.left_out import PLAIN, studies_of, study_of_run
from pages.parts.coverage_left_out import show_studies

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run


def show_left_out(project: Project, run: Run) -> None:
    """Show the study of the run's own kind and data, or how to come by one.

    Nothing is shown where no two groups make combinations.
    """
    study = study_of_run(project, run)
    if study is None and not live_coverage(project).grouped[1]:
        return
    st.markdown("## Combinations it never saw")
    if study is None:
        _say_unknown(run)
        return
    plain = studies_of(project, run.data_sha256).get(PLAIN)
    studies = {study.head: study} | ({PLAIN: plain} if plain else {})
    st.caption(
        "The figures above are of combinations that training showed. These are not: "
        "each combination was left out of training in turn, and asked for."
    )
    with st.container(border=True, key="review_left_out", gap="small"):
        show_studies(study, studies, key="review_left_out_rows")


def _say_unknown(run: Run) -> None:
    st.markdown(unknown_sentence(run))
    if run.config.get("network") == "features":
        st.page_link(
            "coverage.py", label="Measure it on Coverage", icon=":material/science:"
        )


def unknown_sentence(run: Run) -> str:
    """Return why the figures of a run tell nothing of new combinations."""
    if run.config.get("network") != "features":
        return (
            "Each combination is left out in turn for models on frozen features only. "
            "How this run does on others than those marked “never seen” above, nobody "
            "knows."
        )
    return (
        "Not measured for these pictures yet: the figures above are of combinations "
        "that training showed."
    )
