"""The run that is training now: bars, curves, log, and two ways to end it.

The fragment asks once a second and only while something is active; when a run
changes its state the whole page is drawn once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import jobs
from pages.parts.run_curves import log_lines, run_curves
from pages.parts.run_moving_bar import moving_bar
from pages.parts.run_result import WATCHED_KEY
from pages.parts.run_status import ACTIVE, STATE_LOOKS, run_title, state_chip
from pages.parts.session import flash
from pages.parts.text import duration, escape, number
from storage.images import count_images
from storage.projects import open_project
from storage.records import Filter
from storage.runs import list_epochs, list_runs

if TYPE_CHECKING:
    from storage.records import Epoch, Run

TRAINING = Filter(state="labelled", split="train")


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
            running = _first(now)
            epochs = list_epochs(project, running.run_id) if running else []
            images = count_images(project, TRAINING) if running else 0
        if active_states(now) != drawn:
            _tell_ended(drawn, now)
            st.rerun()
        if running:
            st.session_state[WATCHED_KEY] = (project_name, running.run_id)
            _running_card(project_name, running, epochs, images)

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
        if run.run_id in was_running and run.state not in ACTIVE:
            look = STATE_LOOKS[run.state]
            flash(f"Run {run.number}: {look.word.lower()}.", look.icon)


def _running_card(
    project_name: str, run: Run, epochs: list[Epoch], images: int
) -> None:
    with st.container(border=True, key="train_running"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(run_title(run))}**", width="content")
            state_chip(run)
        _bars(run, epochs, images)
        _end_buttons(project_name, run)
        run_curves(run, epochs)
        log_lines(project_name, run)


def _bars(run: Run, epochs: Sequence[Epoch], images: int) -> None:
    done = min(run.epochs_done, run.epochs_total)
    left, right = st.columns(2)
    left.progress(
        _share(done, run.epochs_total),
        text=f"Epoch {min(done + 1, run.epochs_total)} of {run.epochs_total}",
    )
    with right:
        if run.batches_total:
            right.progress(
                _share(run.batches_done, run.batches_total),
                text=f"Batch {number(run.batches_done)} of {number(run.batches_total)}",
            )
        else:
            moving_bar("Preparing the pictures …", key="train_preparing")
    st.caption(pace_sentence(run, epochs, images))


def pace_sentence(run: Run, epochs: Sequence[Epoch], images: int) -> str:
    """Return time left and images per second, or what is happening before that.

    `images` is how many an epoch trains on; judging them is part of its seconds.
    """
    if run.request:
        return "Ending after this batch …"
    if not epochs:
        return "Time left is known after the first epoch."
    recent = epochs[-3:]
    seconds = sum(epoch.seconds for epoch in recent) / len(recent)
    share = _share(run.batches_done, run.batches_total)
    left_s = max(0.0, (run.epochs_total - run.epochs_done - share) * seconds)
    words = [f"About {duration(left_s)} left", f"{seconds:.1f} s an epoch"]
    if images and seconds:
        words.append(f"{number(round(images / seconds))} pictures/s")
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
