"""Carrying out a change of labels or groups from a page, with one way back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts import session
from pages.parts.text import escape
from storage.answers import history, undo
from storage.errors import LabelError
from storage.projects import Project

LAST_ACT = "label_last_act"
OPEN_DIALOG = "label_dialog"


def do(sentence: str, change: Callable[[Project], object]) -> None:
    """Do `change` and draw the page again; what storage refuses is shown in words.

    `sentence` says in Markdown what was done ("Renamed **red** to **crimson**"). The
    project is opened afresh: a dialog outlives the run that opened it.
    """
    with session.open_current() as project:
        before = newest_change(project)
        try:
            change(project)
        except LabelError as error:
            st.error(escape(str(error)))
            return
        remember(project, sentence, before)
    st.session_state.pop(OPEN_DIALOG, None)
    session.flash(sentence)
    st.rerun()


def newest_change(project: Project) -> tuple[int, str]:
    """Return number and batch of the newest line of the history."""
    changes = history(project, limit=1)
    return (changes[0].history_id, changes[0].batch_id) if changes else (0, "")


def remember(project: Project, sentence: str, before: tuple[int, str]) -> None:
    """Keep what was done for the undo button, if anything changed at all."""
    now = newest_change(project)
    if now != before:
        st.session_state[LAST_ACT] = (project.name, now[1], sentence)


def show_undo(project: Project) -> None:
    """Offer to take back the last change of labels or groups."""
    name, batch_id, sentence = st.session_state.get(LAST_ACT, ("", "", ""))
    if name != project.name:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="label_undo_row"
    ):
        st.caption(sentence, width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            key="label_schema_undo",
            on_click=take_back,
            args=(batch_id, sentence),
        )


def take_back(batch_id: str, sentence: str) -> None:
    """Undo the batch; a change of somebody else in between is named instead."""
    del st.session_state[LAST_ACT]
    try:
        with session.open_current() as project:
            undo(project, who=session.who(), batch_id=batch_id)
    except LabelError as error:
        session.flash(escape(str(error)), ":material/warning:")
        return
    session.flash(f"Taken back: {sentence}", ":material/undo:")
