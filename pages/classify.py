"""The Classify page: a run reads pictures it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import (
    classify_compare,
    classify_history,
    drift_table,
    layout,
    session,
    similar_view,
)
from pages.parts.best_run import best_words, find_best_run, unseen_share
from pages.parts.classify_filter import chosen_rule
from pages.parts.classify_notice import show_changes, show_missing
from pages.parts.classify_queue import show_memory
from pages.parts.classify_results import settle, show_progress, show_results
from pages.parts.classify_source import (
    UPLOAD,
    choose_source,
    find_batch,
    sample_pictures,
    uploaded_pictures,
)
from pages.parts.picture_strip import picture_strip
from pages.parts.run_status import run_choice
from pages.parts.text import percent
from storage.runs import list_runs

PROJECT_KEY = "classify_run_of"
CLASSIFY, SIMILAR, HISTORY = "Classify", "Similar items", "History"

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

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
        usable = [run for run in runs if run.is_usable]
        if not usable:
            show_no_run(runs)
            return
        view = choose_view()
        if view == SIMILAR:
            similar_view.show(project, usable)
        elif view == HISTORY:
            classify_history.show(project)
        else:
            show_classify(project, usable)


def choose_view() -> str:
    """Draw the switch between the three halves of the page."""
    view: str = st.segmented_control(
        "View",
        (CLASSIFY, SIMILAR, HISTORY),
        default=CLASSIFY,
        required=True,
        key="classify_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    return view


def show_classify(project: Project, usable: Sequence[Run]) -> None:
    """Draw the way in and the results."""
    top = st.container(horizontal=True, vertical_alignment="bottom")
    drawn = sample_pictures(project)
    with top:
        run = choose_run(project, usable)
        others = classify_compare.choose_others(run, usable)
        source = choose_source(drawn)
    show_missing(project, run)
    show_changes(project, run)
    source_key, pictures = "sample", drawn
    if source == UPLOAD:
        source_key, pictures = uploaded_pictures(project)
    if pictures and others:
        runs = [run, *others]
        classify_compare.show_compared(project, runs, source_key, pictures)
    elif pictures:
        batch = find_batch(project.name, run.run_id, source_key, pictures)
        batch.rule = chosen_rule()
        show_batch(project, batch, pictures, top)
    else:
        show_memory(project)
    drift_table.show(project, where="classify", run_id=run.run_id)


def show_no_run(runs: Sequence[Run]) -> None:
    """Say that a model is needed first, or that one is on its way."""
    is_training = any(run.is_active for run in runs)
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


def choose_run(project: Project, usable: Sequence[Run]) -> Run:
    """Draw the choice of run, newest first; the address may name one.

    Unless a person chose, it is the best so far: the newest may have been stopped
    before it had learnt anything.
    """
    by_id = {run.run_id: run for run in usable}
    measured = find_best_run(project, usable)
    best = measured or usable[0]
    wanted = st.query_params.pop("run", None)
    # run ids repeat between projects
    is_other = st.session_state.get(PROJECT_KEY, project.name) != project.name
    st.session_state[PROJECT_KEY] = project.name
    if wanted in by_id:
        st.session_state["classify_run"] = wanted
    elif is_other or st.session_state.get("classify_run") not in by_id:
        st.session_state["classify_run"] = best.run_id
    is_marked = measured and len(usable) > 1
    mark = best_words(project, usable, best) if is_marked else ""
    chosen = st.selectbox(
        "Run",
        list(by_id),
        format_func=lambda run_id: run_option(
            by_id[run_id],
            mark=mark if run_id == best.run_id else "",
            unseen=unseen_share(project, by_id[run_id]),
        ),
        key="classify_run",
        persist_state="session",
        help="A run knows only the labels it was trained with. Whatever else a picture "
        "shows is read as one of them, and often surely.",
    )
    return by_id[chosen]


def run_option(run: Run, *, mark: str, unseen: float | None) -> str:
    """Name a run in the list, as plain text; `unseen` is its share right of those."""
    known = "" if unseen is None else f", never-shown combinations {percent(unseen)}"
    return f"{run_choice(run)}{known}{f' · {mark}' if mark else ''}"


def show_batch(
    project: Project, batch: Batch, pictures: Sequence[Picture], top: DeltaGenerator
) -> None:
    """Draw the pictures to choose from, the progress and the results."""
    settle(project, batch)
    first: list[int] = []
    if pictures[0].truth:
        first = show_samples(batch, pictures, top)
    elif batch.work is None:
        batch.start([picture.number for picture in pictures])
    show_progress(batch)
    show_results(project, batch, first=first)


def show_samples(
    batch: Batch, pictures: Sequence[Picture], top: DeltaGenerator
) -> list[int]:
    """Draw the strip of sample pictures; return those clicked, the latest first."""
    every = [picture.number for picture in pictures]
    is_done = len(batch.predictions) == len(every)
    if not is_done and top.button(
        f"Classify all {len(every)}",
        key="classify_all",
        icon=":material/image_search:",
        type="primary",
        disabled=batch.work is not None and batch.work.is_alive,
    ):
        batch.start(every)
    clicked = picture_strip(
        pictures,
        marked=set(batch.predictions),
        doubtful=batch.doubtful(),
        key="classify_strip",
    )
    if not batch.asked:
        st.caption("Click a picture to classify it, or classify all.")
    # what was cancelled starts again by "Go on", not by the next rerun
    batch.start([n for n in clicked if n not in batch.asked])
    return clicked[::-1]


show()
