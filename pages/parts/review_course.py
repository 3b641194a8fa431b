"""How a run learnt, and what the runs so far say about more pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import charts, enough_lines, run_downloads, run_tensorboard
from pages.parts.run_status import has_epochs
from storage import runs

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run


def show_course(project: Project, run: Run) -> None:
    """Show how the run learnt; one that is fitted at once has no epochs to speak of."""
    is_by_epochs = has_epochs(run)
    st.markdown("## Learning curves" if is_by_epochs else "## Training and validation")
    charts.show_epoch_curves(runs.list_epochs(project, run.run_id), key="review_epochs")
    if is_by_epochs:
        st.caption(live_sentence(run))
    with st.container(horizontal=True):
        if is_by_epochs:
            run_downloads.epochs_button(project.name, run)
        run_tensorboard.tensorboard_button(project.name, run)
    st.markdown("## What more pictures would bring")
    enough_lines.show(project)


def live_sentence(run: Run) -> str:
    """Say what counted as yes after each epoch, before any threshold was chosen."""
    config = run.config
    if config.get("thresholds") == "top-k":
        return f"After each epoch the strongest {config['top_k']} labels were yes."
    return (
        "After each epoch a label was yes from "
        f"{float(config.get('threshold', 0.5)):.2f} on, whatever threshold was chosen "
        "for it in the end."
    )
