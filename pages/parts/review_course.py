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
    st.caption(live_sentence(run, is_by_epochs=is_by_epochs))
    with st.container(horizontal=True):
        if is_by_epochs:
            run_downloads.epochs_button(project.name, run)
        run_tensorboard.tensorboard_button(project.name, run)
    st.markdown("## What more pictures would bring")
    enough_lines.show(project)


def live_sentence(run: Run, *, is_by_epochs: bool = True) -> str:
    """Say what counted as yes while it learnt, and why the headline may differ."""
    config = run.config
    when = "After each epoch" if is_by_epochs else "In these figures"
    if config.get("thresholds") == "top-k":
        return f"{when} the strongest {config['top_k']} labels were yes."
    least = float(config.get("threshold", 0.5))
    words = f"{when} a label was yes from {least:.2f} on"
    if config.get("thresholds", "fixed") == "fixed":
        return f"{words}, whatever threshold was kept with the run since."
    return (
        f"{words}, as no thresholds were chosen yet. The headline counts by those "
        "chosen, so its exact match may differ from this one."
    )
