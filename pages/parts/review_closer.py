"""The tabs at the end of Review: what goes deeper, worked out when it is opened."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.review_scene import Scene

Section = Callable[[Scene], None]

TAB_KEY = "review_tab"
WANTED_KEY = "review_tab_wanted"
TURN_KEY = "review_scroll_turn"
WRONG, LABEL_ERRORS = "Wrong pictures", "Label errors"

_scroller = st.components.v2.component(
    "unseen_review_scroll", html="<span></span>", js=join_sources("review_scroll.js")
)


def show_closer(scene: Scene, tabs: Sequence[tuple[str, Section]]) -> None:
    """Draw the tabs, and what is in the open one."""
    titles = [title for title, _ in tabs]
    wanted = st.session_state.pop(WANTED_KEY, "")
    if wanted:
        st.session_state[TAB_KEY] = wanted if wanted in titles else WRONG
    with st.container(key="review_closer"):
        st.markdown("## Look closer")
        drawn = st.tabs(titles, key=TAB_KEY, on_change="rerun")
        for tab, (_, show) in zip(drawn, tabs, strict=True):
            if tab.open:
                with tab:
                    show(scene)
    _scroller(data={"turn": st.session_state.get(TURN_KEY, "")}, key="review_scroll")


def go_to(title: str, prepare: Callable[[], None] | None = None) -> None:
    """Open a tab and bring it into view; for `on_click`.

    `prepare` sets what the tab is to show.
    """
    if prepare:
        prepare()
    st.session_state[WANTED_KEY] = title
    st.session_state[TURN_KEY] = uuid.uuid4().hex
