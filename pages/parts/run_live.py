"""The run that is training now: bars, curves, log, and two ways to end it.

The fragment asks once a second and only while something is active; when a run
changes its state the whole page is drawn once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import jobs
from pages.parts import charts
from pages.parts.run_status import ACTIVE, run_title, state_chip
from pages.parts.text import duration, escape, number
from storage.projects import open_project
from storage.runs import list_epochs, list_runs

if TYPE_CHECKING:
    from storage.records import Epoch, Run

CURVES_HEIGHT_PX = 260
LOG_LINES = 20


def active_states(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    """Return (run id, state) of what waits or runs; a change redraws the page."""
    return tuple((run.run_id, run.state) for run in runs if run.state in ACTIVE)


def live_run(project_name: str, runs: Sequence[Run]) -> None:
    """Show the running run, following it while anything waits or runs."""
    drawn = active_states(runs)

    @st.fragment(run_every="1s" if drawn else None)
    def follow() -> None:
        jobs.supervise(project_name)
        with open_project(project_name) as project:
            now = list_runs(project)
            running = next((run for run in now if run.state == "running"), None)
            epochs = list_epochs(project, running.run_id) if running else []
        if active_states(now) != drawn:
            st.rerun()
        if running:
            _running_card(project_name, running, epochs)

    if drawn:
        follow()


def _running_card(project_name: str, run: Run, epochs: list[Epoch]) -> None:
    with st.container(border=True, key="train_running"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(run_title(run))}**", width="content")
            state_chip(run)
        _bars(run, epochs)
        _end_buttons(project_name, run)
        # Drawn before the first epoch too: the charts keep their place.
        charts.show_epoch_curves(epochs, key="train_curve", height_px=CURVES_HEIGHT_PX)
        with st.expander("Log", icon=":material/article:", key="train_log"):
            lines = jobs.read_log(project_name, run.run_id, LOG_LINES)
            st.code("\n".join(lines) or "Nothing yet.", language=None, height=220)


def _bars(run: Run, epochs: Sequence[Epoch]) -> None:
    done = min(run.epochs_done, run.epochs_total)
    left, right = st.columns(2)
    left.progress(
        _share(done, run.epochs_total),
        text=f"Epoch {min(done + 1, run.epochs_total)} of {run.epochs_total}",
    )
    batches = f"Batch {number(run.batches_done)} of {number(run.batches_total)}"
    right.progress(
        _share(run.batches_done, run.batches_total),
        text=batches if run.batches_total else "Preparing the pictures …",
    )
    st.caption(pace_sentence(run, epochs))


def pace_sentence(run: Run, epochs: Sequence[Epoch]) -> str:
    """Return time left and images per second, or what is happening before that."""
    if run.request:
        return "Ending after this batch …"
    if not epochs:
        return "Time left is known after the first epoch."
    recent = epochs[-3:]
    seconds = sum(epoch.seconds for epoch in recent) / len(recent)
    share = _share(run.batches_done, run.batches_total)
    left_s = max(0.0, (run.epochs_total - run.epochs_done - share) * seconds)
    words = [f"About {duration(left_s)} left", f"{seconds:.1f} s an epoch"]
    images = run.batches_total * int(run.config.get("batch_size", 0))
    if images and seconds:
        words.append(f"{number(round(images / seconds))} images/s")
    return " · ".join(words)


def _end_buttons(project_name: str, run: Run) -> None:
    asked = bool(run.request)
    with st.container(horizontal=True):
        if st.button(
            "Stop and keep the best",
            key="train_stop",
            icon=":material/stop_circle:",
            disabled=asked or run.epochs_done == 0,
            help="Ends after this batch; the best epoch so far becomes the model.",
        ):
            jobs.stop(project_name, run.run_id, discard=False)
            st.rerun()
        with st.popover("Cancel and discard", icon=":material/delete:", disabled=asked):
            st.markdown("Throw away what this run has learned?")
            if st.button("Yes, discard it", key="train_discard", type="primary"):
                jobs.stop(project_name, run.run_id, discard=True)
                st.rerun()


def _share(done: int, total: int) -> float:
    return min(1.0, max(0.0, done / total)) if total else 0.0
