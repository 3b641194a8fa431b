"""Calm words, on every page, while the server does not answer."""

from __future__ import annotations

import streamlit as st

from pages.parts.component_source import join_sources

_component = st.components.v2.component(
    "unseen_lost_words", html="<span></span>", js=join_sources("lost_words.js")
)


def show() -> None:
    """Watch for Streamlit's dialog about a lost connection; put our words into it."""
    _component(key="lost_words")
