"""A bar that moves without a measure, for work whose length nobody knows."""

from __future__ import annotations

import streamlit as st

from pages.parts.component_source import join_sources

_component = st.components.v2.component(
    "unseen_moving_bar",
    # a lone line would be read as a path to a file
    html='<div class="moving">\n<span class="words"></span>\n'
    '<div class="track"><i></i></div></div>',
    css=join_sources("run_moving_bar.css"),
    js="""
export default function ({ data, parentElement }) {
  parentElement.querySelector(".words").textContent = data.words;
}
""",
)


def moving_bar(words: str, *, key: str) -> None:
    """Show `words` over a bar that moves; it is as high as `st.progress`."""
    _component(data={"words": words}, key=key)
