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
from storage.images import get_images
from storage.implications import list_implications
from storage.labels import free_labels, list_groups
from storage.projects import Project
from storage.records import Label

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
            "query": query,
            "empty": list(empty),
            "who": session.who(),
        },
        key=key,
    )


def describe_groups(project: Project) -> list[dict[str, Any]]:
    """Return the label groups as the components take them; free labels come last."""
    groups = [group for group in list_groups(project) if group.labels]
    free = free_labels(project)
    labels = [label for group in groups for label in group.labels] + list(free)
    details = describe(project, labels)
    described = [
        {
            "name": group.name,
            "rule": group.rule,
            "description": group.description,
            "labels": [details[label.label_id] for label in group.labels],
        }
        for group in groups
    ]
    if free:
        name = "Other labels" if groups else "Labels"
        rest = [details[label.label_id] for label in free]
        described.append({"name": name, "rule": "any", "labels": rest})
    return described


def describe(project: Project, labels: list[Label]) -> dict[int, dict[str, Any]]:
    """Return the labels as JSON for the browser, by id."""
    implied = list_implications(project)
    wanted = {image_id for label in labels for image_id in label.examples}
    pictures = {image.image_id: image.sha256 for image in get_images(project, wanted)}
    return {
        label.label_id: {
            "id": label.label_id,
            "name": label.name,
            "colour": label.colour,
            "description": label.description,
            "hotkey": label.hotkey,
            "examples": [
                {"sha256": pictures[i]} for i in label.examples if i in pictures
            ],
            "implies": list(implied.get(label.label_id, ())),
        }
        for label in labels
    }
