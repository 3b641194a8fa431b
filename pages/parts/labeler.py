"""The labeler: one image at a time, by keyboard, saved without a rerun.

It loads images from `/img/…` and saves through `POST /api/…/answers`; Streamlit only
tells it the project, the labels and the filter. Measured: a rerun per answer loses
answers when the server is busy, the queue of this component does not.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts.component_source import join_sources
from storage.labels import free_labels, list_groups
from storage.projects import Project
from storage.records import Label

_component = st.components.v2.component(
    "unseen_labeler",
    html='<div class="room labeler" tabindex="0" role="application"\n'
    ' aria-label="Label pictures one by one. Press ? for the keys."></div>',
    css=join_sources("label_chips.css", "labeler.css"),
    js=join_sources(
        "dom.js",
        "save_queue.js",
        "image_feed.js",
        "label_chips.js",
        "progress_line.js",
        "labeler_view.js",
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
            "query": query,
            "empty": list(empty),
        },
        key=key,
    )


def describe_groups(project: Project) -> list[dict[str, Any]]:
    """Return the label groups as the components take them; free labels come last."""
    groups = [
        {"name": group.name, "rule": group.rule, "labels": describe(group.labels)}
        for group in list_groups(project)
        if group.labels
    ]
    free = describe(free_labels(project))
    name = "Other labels" if groups else "Labels"
    return groups + ([{"name": name, "rule": "any", "labels": free}] if free else [])


def describe(labels: tuple[Label, ...] | list[Label]) -> list[dict[str, Any]]:
    """Return the labels as JSON for the browser."""
    return [{"id": label.label_id, "name": label.name} for label in labels]
