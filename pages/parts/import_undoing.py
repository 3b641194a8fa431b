"""The button that takes an import back; it asks once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from mlcore import import_jobs
from pages.parts import session
from pages.parts.import_words import came_in
from pages.parts.text import counted
from storage.history import count_answered_by_hand
from storage.projects import open_project


def show_button(
    project_name: str,
    job_id: str,
    report: dict[str, Any],
    when_done: Callable[[], None],
) -> None:
    """Show "Undo this import"; `when_done` runs before the page is drawn again."""
    asking = st.popover(
        "Undo this import",
        icon=":material/undo:",
        key="data_undoing",
        on_change="rerun",
    )
    if not asking.open:
        return
    with asking:
        with open_project(project_name) as project:
            edited = count_answered_by_hand(project, report["batch_id"])
        st.markdown(question(report, edited))
        if st.button("Yes, take it back", type="primary", key=f"data_undo_{job_id}"):
            gone = import_jobs.undo_import_job(project_name, job_id, who=session.who())
            session.flash(answer(gone), ":material/undo:")
            when_done()
            st.rerun()


def question(report: dict[str, Any], edited: int) -> str:
    """Return what would go; `edited` pictures were answered by people since."""
    parts = []
    if report["added"]:
        parts.append(f"the {counted(report['added'], 'picture')} it brought in")
    parts.append("the answers it gave")
    if report["new_labels"]:
        parts.append("the labels it made, unless others use them by now")
    loss = ""
    if edited:
        words = counted(edited, "picture")
        loss = f" **People have answered {words} of them since: that goes too.**"
    return f"This removes {', '.join(parts)}.{loss} Your files stay as they are."


def answer(gone: int | None) -> str:
    """Return what has happened."""
    if gone is None:
        return "This import was taken back before."
    return f"The import is taken back: {counted(gone, 'picture')} removed."


def show_last(project_name: str) -> None:
    """Show the newest import of this project, as long as it can be taken back."""
    last = import_jobs.last_import(project_name)
    if last is None:
        return
    job_id, report = last
    with st.container(horizontal=True, vertical_alignment="center", key="data_last"):
        st.caption(f"Last import: {came_in(report)}", width="stretch")
        show_button(project_name, job_id, report, lambda: None)
