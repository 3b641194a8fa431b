"""The pieces every page is made of: title, empty state, tiles, findings."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

FINDING_LOOKS = {
    "stop": (":red[:material/block:]", "red"),
    "warn": (":orange[:material/warning:]", "orange"),
    "info": (":blue[:material/info:]", "blue"),
}


def page_title(title: str, caption: str = "") -> None:
    """Show the page's only h1 and one gray line that says what the page is for."""
    with st.container(gap="xxsmall"):
        st.title(title, anchor=False)
        if caption:
            st.caption(caption)


def empty_state(
    icon: str,
    title: str,
    text: str,
    *,
    action: str | None = None,
    page: str | None = None,
    key: str,
) -> bool:
    """Show a centred card that says what is missing and what to do about it.

    `page` is the page's file name ("data.py"); the button then goes there. Without
    a page the return value says whether the button was clicked.
    """
    with st.container(
        border=True, horizontal_alignment="center", key=f"{key}_card", gap="small"
    ):
        st.space("small")
        st.markdown(f"## :primary[{icon}]", text_alignment="center")
        st.markdown(f"**{title}**", text_alignment="center")
        st.caption(text, text_alignment="center")
        clicked = bool(action) and st.button(action or "", type="primary", key=key)
        st.space("small")
    if clicked and page:
        st.switch_page(page)
    return clicked


def stat_row(tiles: Iterable[tuple[str, str, str | None]]) -> None:
    """Show tiles of (label, value, help) that wrap on a narrow screen."""
    with st.grid(min_column_width=150, gap="small"):
        for label, value, help_text in tiles:
            st.metric(label, value, help=help_text, border=True)


def finding(level: str, text: str, hint: str | None = None) -> None:
    """Show one line of advice; `level` is "stop", "warn" or "info"."""
    icon, _colour = FINDING_LOOKS[level]
    st.markdown(f"{icon} {text}")
    if hint:
        st.caption(hint)
