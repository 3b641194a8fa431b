"""Loss and exact match of a run over all its epochs, and the end of its log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import jobs
from pages.parts import charts

if TYPE_CHECKING:
    from storage.records import Epoch, Run

CURVES_HEIGHT_PX = 260
LOG_LINES = 20


def run_curves(run: Run, epochs: Sequence[Epoch]) -> None:
    """Draw loss and exact match over all epochs to come, so that no axis moves.

    They are drawn before the first epoch too: what is below keeps its place.
    """
    loss = charts.epoch_figure(epochs, "loss", "loss")
    loss.update_yaxes(range=None if epochs else [0, 1], rangemode="tozero")
    match = charts.epoch_figure(epochs, "exact_match", "exact match", shares=True)
    match.update_yaxes(range=[0, 1.02])
    left, right = st.columns(2)
    for place, figure, name in ((left, loss, "loss"), (right, match, "match")):
        last = max(run.epochs_total, 2)
        figure.update_xaxes(range=[0.5, last + 0.5], dtick=max(1, -(-last // 10)))
        figure.update_layout(uirevision=run.run_id)
        with place:
            charts.show_figure(figure, key=f"train_{name}", height_px=CURVES_HEIGHT_PX)


def log_lines(project_name: str, run: Run) -> None:
    """Show the last lines of the run's log, folded away."""
    with st.expander("Log", icon=":material/article:", key="train_log"):
        lines = jobs.read_log(project_name, run.run_id, LOG_LINES)
        st.code("\n".join(lines) or "Nothing yet.", language=None, height=220)
