"""The labeler: one image at a time, by keyboard, saved without a rerun.

It loads images from `/img/…` and saves through `POST /api/…/answers`; Streamlit only
tells it the project, the labels and the filter. Measured: a rerun per answer loses
answers when the server is busy, the queue of this component does not.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import session
from pages.parts.component_source import join_sources
from pages.parts.label_data import stamp_of

_component = st.components.v2.component(
    "unseen_labeler",
    html='<div class="room labeler" tabindex="0" role="application"\n'
    ' aria-label="Label pictures one by one. Press ? for the keys."></div>',
    css=join_sources("label_chips.css", "labeler.css", "labeler_tools.css"),
    js=join_sources(
        "dom.js",
        "text_filter.js",
        "save_queue.js",
        "image_feed.js",
        "label_chips.js",
        "label_rules.js",
        "key_map.js",
        "progress_line.js",
        "other_people.js",
        "lost_connection.js",
        "stage_zoom.js",
        "stage_light.js",
        "quick_box.js",
        "chip_card.js",
        "labeler_help.js",
        "labeler_schema.js",
        "labeler_unsaved.js",
        "labeler_view.js",
        "labeler_acts.js",
        "labeler_end.js",
        "labeler.js",
    ),
)

NOTHING_MATCHES = ("No picture matches this filter.", "Choose another one above.")
ALL_LABELLED = (
    "Every picture is labelled.",
    "Choose “All” above to look at them again.",
)


def labeler(
    project_name: str,
    groups: list[dict[str, Any]],
    query: str,
    *,
    key: str,
    empty: tuple[str, str] = NOTHING_MATCHES,
) -> None:
    """Show the images of `query` (the filter of `GET /api/…/images`) one by one.

    `groups` comes from `describe_groups`; `empty` is the title and text shown when
    the filter matches nothing. Starts afresh when the project or query changes.
    """
    _component(
        data={
            "project": project_name,
            "groups": groups,
            "schema": stamp_of(groups),
            "query": query,
            "empty": list(empty),
            "who": session.who(),
        },
        key=key,
    )
