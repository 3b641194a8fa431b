"""Runs that wait and runs that are over, one designed row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from mlcore import jobs
from pages.parts.run_again import again_menu
from pages.parts.run_differences import difference_words
from pages.parts.run_scroll import go_to_top
from pages.parts.run_status import (
    RESUMABLE,
    recipe_title,
    run_facts,
    run_message,
    state_chip,
)
from pages.parts.session import flash
from pages.parts.text import counted, escape
from storage.projects import open_project
from storage.runs import delete_run

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from storage.projects import Project
    from storage.records import Run

ROWS_PER_PAGE = 10


def waiting_runs(project: Project, runs: Sequence[Run]) -> None:
    """List queued runs in the order they will start; each can be cancelled."""
    queued = [run for run in reversed(runs) if run.state == "queued"]
    if not queued:
        return
    st.markdown(f"**Waiting** &nbsp; :gray[{counted(len(queued), 'run')}]")
    words = difference_words(project, queued)
    for run in queued:
        _waiting_row(project.name, run, words.get(run.run_id, ""))


def past_runs(project: Project, runs: Sequence[Run], on_top: Run | None) -> None:
    """List runs that are over, newest first, with what can be done with each.

    The one `on_top` of the page has its card there already.
    """
    top_id = on_top.run_id if on_top else ""
    over = [run for run in runs if not run.is_active and run.run_id != top_id]
    if not over:
        return
    st.markdown(f"**Past runs** &nbsp; :gray[{len(over)}]")
    pages = -(-len(over) // ROWS_PER_PAGE)
    page = st.session_state.get("train_runs_page") or 1
    start = (min(page, pages) - 1) * ROWS_PER_PAGE
    shown = over[start : start + ROWS_PER_PAGE]
    words = difference_words(project, shown)
    for run in shown:
        _past_row(project.name, run, words.get(run.run_id, ""))
    if pages > 1:
        st.pagination(pages, key="train_runs_page")


def _waiting_row(project_name: str, run: Run, difference: str) -> None:
    with _row(run, difference):
        if st.button("Cancel", key=f"train_cancel_{run.number}"):
            jobs.stop(project_name, run.run_id, discard=True)
            flash(f"Run {run.number} is cancelled.")
            st.rerun()


def _past_row(project_name: str, run: Run, difference: str) -> None:
    with _row(run, difference):
        if run.is_usable:
            go_buttons(project_name, run)
        if run.state in RESUMABLE:
            resume_button(project_name, run)
        again_menu(project_name, run)
        delete_button(project_name, run)


def _row(run: Run, difference: str) -> DeltaGenerator:
    """Draw a run's row; return the place of its buttons, below it on a phone."""
    with st.container(border=True, key=f"train_run_{run.number}"):
        left, right = st.columns(2, vertical_alignment="center")
        with left:
            _row_head(run, difference)
        return right.container(
            horizontal=True, horizontal_alignment="right", gap="xsmall"
        )


def _row_head(run: Run, difference: str) -> None:
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"**Run {run.number}** · {escape(recipe_title(run))}", width="content"
            )
            state_chip(run)
        first = f"**{escape(difference)}** · " if difference else ""
        st.caption(f"{first}{run_facts(run)}")
        message = run_message(run)
        if message:
            st.caption(f":orange[:material/info:] {message}")


def go_buttons(
    project_name: str, run: Run, *, kind: Literal["primary", "secondary"] = "secondary"
) -> None:
    """Show the ways to Review and Classify with this run chosen there."""
    address = {"project": project_name, "run": run.run_id}
    for title, page, icon in (
        ("Review", "review.py", ":material/fact_check:"),
        ("Classify", "classify.py", ":material/image_search:"),
    ):
        key = f"train_{title.lower()}_{run.number}"
        # Beside a row's text there is no room for four buttons with icons.
        if st.button(
            title, key=key, icon=icon if kind == "primary" else None, type=kind
        ):
            st.switch_page(page, query_params=address)


def resume_button(project_name: str, run: Run) -> None:
    """Show the button that lets an interrupted or failed run go on."""
    if st.button(
        "Resume",
        key=f"train_resume_{run.number}",
        icon=":material/play_arrow:",
        help="Goes on from the last complete epoch.",
    ):
        jobs.resume(project_name, run.run_id)
        go_to_top()
        flash(f"Run {run.number} goes on.")
        st.rerun()


def delete_button(project_name: str, run: Run) -> None:
    """Show the button that deletes a run, after asking once."""
    with st.popover(":material/delete:", help="Delete this run"):
        st.markdown(f"Delete run {run.number} with its model? This cannot be undone.")
        if st.button(
            "Yes, delete it", key=f"train_delete_{run.number}", type="primary"
        ):
            with open_project(project_name) as project:
                delete_run(project, run.run_id)
            flash(f"Run {run.number} is deleted.")
            st.rerun()
