"""The Classify page: a run reads pictures it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import layout, session
from pages.parts.classify_results import show_progress, show_results
from pages.parts.classify_source import choose_pictures, find_batch
from pages.parts.coverage_notice import coverage_notice
from pages.parts.picture_strip import picture_strip
from pages.parts.run_status import ACTIVE, USABLE, run_choice
from storage.runs import list_runs

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch, Picture
    from storage.projects import Project
    from storage.records import Run


def show() -> None:
    """Draw the page."""
    layout.page_title(
        "Classify", "A trained run reads new pictures and says when it cannot know."
    )
    with session.open_current() as project:
        runs = list_runs(project)
        usable = [run for run in runs if run.state in USABLE]
        if not usable:
            show_no_run(runs)
            return
        coverage_notice(project, where="classify")
        run = choose_run(usable)
        source_key, pictures = choose_pictures(project)
        if pictures:
            batch = find_batch(project.name, run.run_id, source_key, pictures)
            show_batch(project, batch, pictures)


def show_no_run(runs: Sequence[Run]) -> None:
    """Say that a model is needed first, or that one is on its way."""
    is_training = any(run.state in ACTIVE for run in runs)
    layout.empty_state(
        ":material/image_search:",
        "A run is still training" if is_training else "No trained run yet",
        "Pictures can be classified as soon as it has finished."
        if is_training
        else "Train a model first; then it can read new pictures.",
        action="Watch it" if is_training else "Train a model",
        page="train.py",
        key="classify_no_run",
    )


def choose_run(usable: Sequence[Run]) -> Run:
    """Draw the choice of run, newest first; the address may name one."""
    by_id = {run.run_id: run for run in usable}
    wanted = st.query_params.pop("run", None)
    if wanted in by_id:
        st.session_state["classify_run"] = wanted
    elif st.session_state.get("classify_run") not in by_id:
        st.session_state["classify_run"] = usable[0].run_id
    chosen = st.selectbox(
        "Run",
        list(by_id),
        format_func=lambda run_id: run_choice(by_id[run_id]),
        key="classify_run",
        persist_state="session",
    )
    return by_id[chosen]


def show_batch(project: Project, batch: Batch, pictures: Sequence[Picture]) -> None:
    """Draw the pictures to choose from, the progress and the results."""
    first: list[int] = []
    if pictures[0].truth:
        first = show_samples(batch, pictures)
    elif batch.work is None:
        batch.start([picture.number for picture in pictures])
    show_progress(batch)
    show_results(project, batch, first=first)


def show_samples(batch: Batch, pictures: Sequence[Picture]) -> list[int]:
    """Draw the strip of sample pictures; return those clicked, the latest first."""
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        st.caption("Click a picture to classify it.", width="content")
        every = [picture.number for picture in pictures]
        if st.button(
            f"Classify all {len(every)}",
            key="classify_all",
            icon=":material/image_search:",
            type="primary",
            disabled=len(batch.predictions) == len(every),
        ):
            batch.start(every)
    clicked = picture_strip(
        pictures, marked=set(batch.predictions), key="classify_strip"
    )
    # what was cancelled starts again by "Go on", not by the next rerun
    batch.start([n for n in clicked if n not in batch.asked])
    return clicked[::-1]


show()
