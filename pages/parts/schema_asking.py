"""Which dialog of the schema editor is open, and the questions that dialogs ask.

A dialog runs again by itself, without the page: it keeps no open project. Which one
is open and what it asks ("Delete it?") is kept in the session.
"""

from __future__ import annotations

import streamlit as st

from pages.parts import schema_acts

OPEN = schema_acts.OPEN_DIALOG
QUESTION = "label_question"
PART = "label_part"
PICKED = "label_examples_picked"
EXAMPLES = "label_examples"


def open_dialog(kind: str, number: int = 0) -> None:
    """Open a dialog in the next run: see `schema_dialogs.show_open` for the kinds."""
    close_dialog()
    st.session_state[OPEN] = (kind, number)


def close_dialog() -> None:
    """Open none, and forget what was chosen or asked in the last one."""
    for key in (OPEN, QUESTION, PART, PICKED, EXAMPLES):
        st.session_state.pop(key, None)


def ask_once(title: str, text: str, action: str, *, question: str, key: str) -> bool:
    """Draw a button that asks `text` first; True when the person then says yes."""
    if st.button(title, icon=":material/delete:", key=key):
        st.session_state[QUESTION] = question
    return st.session_state.get(QUESTION) == question and is_sure(
        text, action, question
    )


def is_sure(text: str, action: str, key: str) -> bool:
    """Ask in a calm box; True when the person says yes."""
    with st.container(border=True, key=f"label_ask_{key.replace(' ', '_')}"):
        st.markdown(text)
        return st.button(action, type="primary", key=f"label_yes_{key}")
