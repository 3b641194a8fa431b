"""A strip of small pictures that scrolls sideways; a click asks for one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.component_source import join_sources

if TYPE_CHECKING:
    from pages.parts.classify_batch import Picture


_COMPONENT = st.components.v2.component(
    "unseen_picture_strip",
    html=join_sources("picture_strip.html"),
    css=join_sources("picture_strip.css"),
    js=join_sources("picture_strip.js"),
)


def picture_strip(
    pictures: Iterable[Picture],
    *,
    marked: Collection[int],
    doubtful: Collection[int] = (),
    key: str,
) -> list[int]:
    """Show the pictures and return every number clicked so far, oldest first.

    `marked` pictures have been classified already and carry a neutral dot, the
    `doubtful` among them an orange mark.
    """
    items = [
        {
            "n": p.number,
            "url": p.url,
            "name": p.name,
            "marked": p.number in marked,
            "doubtful": p.number in doubtful,
        }
        for p in pictures
    ]
    _COMPONENT(key=key, data={"items": items}, on_clicked_change=lambda: None)
    clicked = (st.session_state.get(key) or {}).get("clicked") or []
    known = {item["n"] for item in items}
    return [n for n in clicked if n in known]
