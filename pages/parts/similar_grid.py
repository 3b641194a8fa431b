"""Pictures alike as a grid, each with title, labels, price and where to get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.gallery import image_url

if TYPE_CHECKING:
    from mlcore.similar import Similar

_component = st.components.v2.component(
    "unseen_similar",
    html='<ul class="alike" aria-label="Pictures alike">\n</ul>',
    css=join_sources("similar_grid.css"),
    js=join_sources("dom.js", "similar_grid.js"),
)


def similar_grid(project_name: str, found: Sequence[Similar], *, key: str) -> None:
    """Draw them, the most alike first."""
    items = [item_data(project_name, one) for one in found]
    _component(key=key, data={"items": items})


def item_data(project_name: str, one: Similar) -> dict[str, Any]:
    """Return what the browser draws of one; it shows every text literally."""
    return {
        "url": image_url(project_name, one.sha256),
        "name": one.name,
        "labels": ", ".join(one.labels),
        "title": one.title,
        "price": one.price,
        "link": one.link,
        "source": "" if one.title else folder_of(one),
    }


def folder_of(one: Similar) -> str:
    """Return where a picture came from; its file name is shown already."""
    if one.source == one.name:
        return ""
    return one.source.removesuffix(f"/{one.name}")
