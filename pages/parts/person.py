"""Who sits at this browser: a name it keeps in a cookie, and the field to give it."""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from pages.parts import session
from pages.parts.component_source import join_sources
from storage.home import load_settings

FIELD = "person_name"

_component = st.components.v2.component(
    "unseen_person", html="<span></span>", js=join_sources("person.js")
)


def show() -> None:
    """Show who is here and let the person say another name."""
    name = session.who()
    with st.popover(
        name or "Who are you?",
        icon=":material/person:",
        width="stretch",
        key="person_popover",
        help=None if name else "Your answers are kept under your name.",
    ):
        st.session_state[FIELD] = name
        st.text_input(
            "Your name in this browser",
            key=FIELD,
            max_chars=session.LONGEST_NAME,
            on_change=_take_name,
            placeholder=load_settings().name or "Anna",
            help="The history of each picture says who gave which answer. Several "
            "people can label at once, each under their own name.",
        )
    _component(
        data={"cookie": session.WHO_COOKIE, "name": quote(name)}, key="person_cookie"
    )


def _take_name() -> None:
    name = session.clean_who(quote(st.session_state[FIELD]))
    st.session_state[session.WHO_KEY] = name
