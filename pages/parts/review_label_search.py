"""The search for wrong labels: what it does, how it is started, how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.label_search import STAGES, last_report
from mlcore.label_search_jobs import (
    SearchStatus,
    cancel_search,
    search_status,
    start_search,
)
from pages.parts.text import escape
from storage.projects import open_project

if TYPE_CHECKING:
    from storage.projects import Project

EXPLAINED = (
    "Every labelled picture is shown to a model that did not learn from it. Where that "
    "surely says something else, and is nearly always right itself, the label is "
    "probably wrong. It takes a minute for some thousand pictures and changes nothing."
)
IN_DETAIL = (
    "Answered out of fold: heads on frozen features are fitted without the picture and "
    "without its copies. cleanlab's confident learning tells which contradictions are "
    "more than the heads' usual doubt, and ranks the pictures by it."
)


def explain() -> None:
    """Say what the search does; on hover, how."""
    st.caption(EXPLAINED, help=IN_DETAIL)


def show_search(project: Project) -> None:
    """Draw how far the search is; while it goes on this follows by itself."""
    drawn = _is_moving(search_status(project))

    @st.fragment(run_every="1s" if drawn else None)
    def follow() -> None:
        # A fragment outlives the page run whose project was open.
        with open_project(project.name) as now:
            status = search_status(now)
            is_known = last_report(now) is not None
        if _is_moving(status) != drawn:
            st.rerun()
        draw_search(project.name, status, is_known)

    follow()


def draw_search(project_name: str, status: SearchStatus | None, is_known: bool) -> None:
    """Draw the button that fits, and what the search is at."""
    with st.container(
        horizontal=True, vertical_alignment="center", key="label_errors_search"
    ):
        if _is_moving(status):
            assert status is not None
            st.button(
                "Cancel",
                key="label_errors_cancel",
                on_click=_cancel,
                args=(project_name,),
            )
            st.markdown(moving_words(status))
            return
        st.button(
            "Search again" if is_known else "Search for wrong labels",
            icon=":material/manage_search:",
            key="label_errors_start",
            type="secondary" if is_known else "primary",
            on_click=_start,
            args=(project_name,),
        )
        if status is not None and status.phase in ("failed", "cancelled"):
            st.markdown(escape(status.message or "It ended before it was done."))


def moving_words(status: SearchStatus) -> str:
    """Return what a search is at."""
    words = STAGES.get(status.phase, "Starts")
    if not status.total:
        return f":material/progress_activity: {words}"
    done = min(status.done, status.total)
    return f":material/progress_activity: {words}: {done:,} of {status.total:,}"


def _is_moving(status: SearchStatus | None) -> bool:
    return status is not None and not status.ended


def _start(project_name: str) -> None:
    with open_project(project_name) as project:
        start_search(project)


def _cancel(project_name: str) -> None:
    with open_project(project_name) as project:
        cancel_search(project)
