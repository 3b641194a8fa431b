"""At the top of Review: that other thresholds are tried than those of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.review_thresholds import back_to_own, keep_with_run

if TYPE_CHECKING:
    from pages.parts.review_scene import Scene

TRYING = (
    ":orange[:material/experiment:] **You are trying other thresholds.** All figures "
    "and words here are of these; the run keeps its own until you keep these."
)


def show_trial(scene: Scene) -> None:
    """Say that figures are of thresholds that do not count for the run, and end it."""
    run_id = scene.held_out.run
    if scene.chosen.limits == scene.held_out.set_to.limits:
        return
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        key="review_trial",
        gap="small",
    ):
        st.markdown(TRYING, width="stretch")
        st.button(
            "Back to the run\u2019s own",
            key="review_trial_back",
            icon=":material/undo:",
            on_click=back_to_own,
            args=(run_id,),
        )
        st.button(
            "Keep",
            key="review_trial_keep",
            icon=":material/save:",
            on_click=keep_with_run,
            args=(scene.project.name, run_id, scene.chosen),
        )
