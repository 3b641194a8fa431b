"""Label: one image at a time, many at once, or the labels themselves."""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    first_labels,
    grid,
    label_filter,
    labeler,
    layout,
    schema_editor,
    session,
)
from storage.images import progress
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Progress

VIEWS = {"one": "One by one", "grid": "Grid", "schema": "Labels and groups"}


def show_page(project: Project) -> None:
    """Draw what fits the project: an empty state, or the chosen view."""
    counts = progress(project)
    labels = list_labels(project)
    if not counts.total and not labels:
        show_no_images("label_no_images")
    elif not labels:
        first_labels.show(project)
    else:
        label_filter.settle(project, labels, counts)
        show_view(project, counts)
    label_filter.keep(project)


def show_view(project: Project, counts: Progress) -> None:
    """Draw the switch between the views, the filter, and the chosen view."""
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
        key="label_bar",
    ):
        view = choose_view()
        query = label_filter.show(project) if view != "schema" else ""
    if view == "schema":
        schema_editor.show(project)
    elif not counts.total:
        show_no_images("label_no_images_yet")
    else:
        show_images(project, view, query, counts)


def choose_view() -> str:
    """Return the key of the chosen view."""
    chosen = st.segmented_control(
        "View",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        key="label_view",
        required=True,
        label_visibility="collapsed",
    )
    return chosen or "one"


def show_images(project: Project, view: str, query: str, counts: Progress) -> None:
    """Hand the filter to the labeler or to the grid."""
    show = grid.grid if view == "grid" else labeler.labeler
    is_done = "state=unlabelled" in query and counts.labelled == counts.total
    empty = labeler.ALL_LABELLED if is_done else labeler.NOTHING_MATCHES
    groups = labeler.describe_groups(project)
    show(project.name, groups, query, key=f"label_{view}_component", empty=empty)


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


layout.page_title("Label", "Say what is on each picture: as many labels as fit.")
with session.open_current() as open_project:
    show_page(open_project)
