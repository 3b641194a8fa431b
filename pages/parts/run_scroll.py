"""Back to the top of Train, where the running run and the form are."""

from __future__ import annotations

import uuid

import streamlit as st

from pages.parts.component_source import join_sources

TURN_KEY = "train_scroll_turn"

_component = st.components.v2.component(
    "unseen_run_scroll", html="<span></span>", js=join_sources("run_scroll.js")
)


def go_to_top() -> None:
    """Let the page stand at its top from the next rerun on."""
    st.session_state[TURN_KEY] = uuid.uuid4().hex


def scroll() -> None:
    """Draw what scrolls; it takes a place of its own, so the page ends with it."""
    _component(data={"turn": st.session_state.get(TURN_KEY, "")}, key="train_scroll")
