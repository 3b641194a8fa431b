"""The run that is training now: bars, curves, log, and two ways to end it.

The fragment asks once a second and only while something is active; when a run
changes its state the whole page is drawn once more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import jobs
from pages.parts.run_bars import bars, pace_tiles
from pages.parts.run_curves import log_lines, run_curves
from pages.parts.run_result import WATCHED_KEY
from pages.parts.run_status import (
    STATE_LOOKS,
    has_epochs,
    network_title,
    run_title,
    state_chip,
)
from pages.parts.run_tensorboard import tensorboard_button
from pages.parts.session import flash
from pages.parts.text import escape
from storage.projects import open_project
from storage.runs import list_epochs, list_runs

if TYPE_CHECKING:
    from storage.records import Epoch, Run

DRAWN_KEY = "train_drawn_epochs"
DRAW_EVERY_S = 5.0


def active_states(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    """Return (run id, state) of what waits or runs; a change redraws the page."""
    return tuple((run.run_id, run.state) for run in runs if run.is_active)


def live_run(project_name: str, runs: Sequence[Run]) -> None:
    """Show the running run, following it while anything waits or runs."""
    drawn = active_states(runs)

    @st.fragment(run_every="1s" if drawn else None)
    def follow() -> None:
        jobs.supervise(project_name)
        with open_project(project_name) as project:
            now = list_runs(project)
            running = _first(now)
            epochs = list_epochs(project, running.run_id) if running else []
        if active_states(now) != drawn:
            _tell_ended(drawn, now)
            st.rerun()
        if running:
            st.session_state[WATCHED_KEY] = (project_name, running.run_id)
            _running_card(project_name, running, epochs)

    if drawn:
        follow()


def _first(runs: Sequence[Run]) -> Run | None:
    """Return the run that trains, else the one that is about to."""
    queued = [run for run in reversed(runs) if run.state == "queued"]
    running = [run for run in runs if run.state == "running"]
    return next(iter([*running, *queued]), None)


def _tell_ended(drawn: Sequence[tuple[str, str]], now: Sequence[Run]) -> None:
    was_running = {run_id for run_id, state in drawn if state == "running"}
    for run in now:
        if run.run_id in was_running and not run.is_active:
            look = STATE_LOOKS[run.state]
            flash(f"Run {run.number}: {look.word.lower()}.", look.icon)


def _running_card(project_name: str, run: Run, epochs: list[Epoch]) -> None:
    with st.container(border=True, key="train_running"):
        with st.container(horizontal=True, vertical_alignment="center"):
            network = network_title(run)
            beside = f" &nbsp; :small[:gray[{escape(network)}]]" if network else ""
            st.markdown(f"**{escape(run_title(run))}**{beside}", width="content")
            state_chip(run)
            if run.request:
                st.badge("Ending at the next step", icon=":material/hourglass_top:")
        bars(run)
        pace_tiles(run, epochs)
        _end_buttons(project_name, run)
        if has_epochs(run):
            run_curves(run, _drawn_epochs(run, epochs))
            tensorboard_button(project_name, run)
        log_lines(project_name, run)


def _drawn_epochs(run: Run, epochs: list[Epoch]) -> list[Epoch]:
    """Return the epochs to draw: the same ones for some seconds.

    A changed figure has another id, so the browser builds the chart anew, and one
    that is built every second flickers.
    """
    now = time.monotonic()
    run_id, drawn_at, drawn = st.session_state.get(DRAWN_KEY, ("", 0.0, []))
    if run_id == run.run_id and drawn and now - drawn_at < DRAW_EVERY_S:
        return list(drawn)
    st.session_state[DRAWN_KEY] = (run.run_id, now, epochs)
    return epochs


def _end_buttons(project_name: str, run: Run) -> None:
    asked = bool(run.request)
    with st.container(horizontal=True):
        # Without epochs there is nothing half done that could be kept.
        if has_epochs(run) and st.button(
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
