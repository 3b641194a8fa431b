"""Label: one image at a time, many at once, or the labels themselves."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.queues import get_queue, what_is_missing
from pages.parts import (
    confirm_view,
    double_labeling,
    first_labels,
    grid,
    label_address,
    label_filter,
    label_header,
    label_queues,
    label_views,
    labeler,
    layout,
    resolve_view,
    schema_editor,
    session,
)
from pages.parts.label_data import describe_groups
from pages.parts.loop_again import loop_line
from pages.parts.text import escape
from storage.errors import StorageError
from storage.image_filters import check_expression
from storage.images import progress
from storage.label_keys import keep_keys
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Progress

VIEWS = {
    "one": "One by one",
    "grid": "Grid",
    "suggestions": "Suggestions",
    "resolve": "Resolve",
    "schema": "Labels and groups",
}
FILTERED = ("one", "grid")


def show_page(project: Project) -> None:
    """Draw what fits the project: an empty state, or the chosen view."""
    counts = progress(project)
    labels = list_labels(project)
    if not counts.total and not labels:
        show_no_images("label_no_images")
    elif not labels:
        first_labels.show(project)
    else:
        views = views_of(project)
        label_filter.settle(project, labels, counts, views)
        show_view(project, counts, views)
    label_address.keep(project)


def views_of(project: Project) -> list[str]:
    """Return the keys of the views; disputes have one only where there can be any."""
    is_double = resolve_view.is_wanted(project)
    return [view for view in VIEWS if view != "resolve" or is_double]


def show_view(project: Project, counts: Progress, views: list[str]) -> None:
    """Draw the switch between the views, the filter, and the chosen view."""
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
        key="label_bar",
    ):
        view = choose_view(views)
        if view in FILTERED:
            with st.container(
                horizontal=True, gap="small", width="content", key="label_menus"
            ):
                label_queues.show(project)
                label_views.show(project)
    if view == "schema":
        schema_editor.show(project)
        double_labeling.show(project)
    elif not counts.total:
        show_no_images("label_no_images_yet")
    elif view == "suggestions":
        confirm_view.show(project)
    elif view == "resolve":
        resolve_view.show(project)
    else:
        show_images(project, view, counts)


def choose_view(views: list[str]) -> str:
    """Return the key of the chosen view."""
    chosen = st.segmented_control(
        "View",
        views,
        format_func=VIEWS.__getitem__,
        key="label_view",
        required=True,
        label_visibility="collapsed",
    )
    return chosen or "one"


def show_images(project: Project, view: str, counts: Progress) -> None:
    """Draw the filter and hand it to the labeler or to the grid."""
    query = label_filter.show(project, counts)
    if st.session_state["label_queue"] == "classified":
        loop_line(project.name)
    try:
        check_expression(project, st.session_state["label_expr"])
    except StorageError as error:
        show_unreadable(str(error))
        return
    show = grid.grid if view == "grid" else labeler.labeler
    keep_keys(project)
    groups = describe_groups(project)
    empty = empty_words(project, query, counts)
    show(project.name, groups, query, key=f"label_{view}_component", empty=empty)


def empty_words(project: Project, query: str, counts: Progress) -> tuple[str, str]:
    """Return the title and text for when nothing is left to show."""
    state: Any = st.session_state
    if state["label_queue"]:
        queue = get_queue(state["label_queue"])
        is_filtered = label_address.active_names(state) != ["queue"]
        if is_filtered or state["label_state"] != "all":
            return "Nothing in this queue passes the filter.", "Change it above."
        missing = what_is_missing(project, queue)
        return "Nothing in this queue now.", missing or "Choose another one above."
    is_done = "state=unlabelled" in query and counts.labelled == counts.total
    return labeler.ALL_LABELLED if is_done else labeler.NOTHING_MATCHES


def show_unreadable(sentence: str) -> None:
    """Show no image rather than all: the condition names a label that went away."""
    if layout.empty_state(
        ":material/filter_alt_off:",
        "The condition cannot be read",
        escape(sentence),
        action="Take it out",
        key="label_unreadable",
    ):
        st.session_state["label_expr"] = ""
        st.rerun()


def show_no_images(key: str) -> None:
    """Lead to the page that brings images in."""
    layout.empty_state(
        ":material/add_photo_alternate:",
        "No pictures to label yet",
        "Bring pictures in first; then name your labels here.",
        action="Add pictures",
        page="data.py",
        key=key,
    )


label_header.show()
with session.open_current() as open_project:
    show_page(open_project)
