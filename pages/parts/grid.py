"""The grid: many thumbnails, select some, say what is on all of them at once.

The selection stays in the browser and one `POST /api/…` applies it; only the rows in
sight exist in the page, so the number of images does not matter.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.labeler import NOTHING_MATCHES

# Also the start of the view that confirms suggestions.
TILE_SOURCES = (
    "dom.js",
    "text_filter.js",
    "save_queue.js",
    "image_feed.js",
    "label_chips.js",
    "progress_line.js",
    "lost_connection.js",
    "picks.js",
    "drag_select.js",
    "tile_words.js",
    "thumb_pack.js",
    "tile_paint.js",
    "tile_canvas.js",
    "tile_preview.js",
    "grid_keys.js",
    "grid_tools.js",
)
_component = st.components.v2.component(
    "unseen_grid",
    html='<div class="room grid" tabindex="0" role="application"\n'
    ' aria-label="Label many pictures at once."></div>',
    css=join_sources("label_chips.css", "tiles.css", "grid.css"),
    js=join_sources(
        *TILE_SOURCES,
        "label_rules.js",
        "other_people.js",
        "grid_acts.js",
        "grid_filter.js",
        "grid_view.js",
        "grid.js",
    ),
)


def grid(
    project_name: str,
    groups: list[dict[str, Any]],
    query: str,
    *,
    key: str,
    empty: tuple[str, str] = NOTHING_MATCHES,
) -> None:
    """Show the images of `query` as thumbnails; arguments as `labeler` takes them."""
    _component(
        data={
            "project": project_name,
            "groups": groups,
            "query": query,
            "empty": list(empty),
        },
        key=key,
        on_open_image_change=open_one_by_one,
    )


def open_one_by_one() -> None:
    """Switch to the labeler, which comes back to the image the grid noted."""
    st.session_state["label_view"] = "one"
