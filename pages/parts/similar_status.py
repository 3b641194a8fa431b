"""Which pictures can be found by likeness, and looking at those that cannot yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.similar_looking import cancel_looking, looking_status, start_looking
from pages.parts import layout, session
from pages.parts.text import counted, escape, number
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.similar_space import Space
    from storage.projects import Project


def show_first(project: Project, space: Space) -> None:
    """Say that no picture can be compared yet, and offer to look at them."""
    if is_looking(project):
        follow(project.name)
        return
    if not space.total:
        layout.empty_state(
            ":material/image_search:",
            "No pictures yet",
            "Bring in the pictures among which similar ones are to be found.",
            action="Bring in pictures",
            page="data.py",
            key="similar_no_pictures",
        )
        return
    _say_problem(project)
    if layout.empty_state(
        ":material/image_search:",
        "No picture has been looked at yet",
        f"A pretrained network looks once at each of the {number(space.total)} "
        "pictures; about 50 to 150 a second. A run of the recipe quick does it, too.",
        action="Look at the pictures",
        key="similar_look_first",
    ):
        _start(project)


def show_rest(project: Project, space: Space) -> None:
    """Say how many pictures can be found, and offer to look at the others."""
    if is_looking(project):
        follow(project.name)
        return
    left = space.total - space.known
    _say_problem(project)
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"All {number(space.total)} pictures are compared."
        if left:
            words = f"{number(space.known)} of {number(space.total)} are compared."
        st.caption(words, width="stretch")
        if left and st.button(
            f"Look at the other {number(left)}",
            key="similar_look_rest",
            icon=":material/visibility:",
        ):
            _start(project)


def is_looking(project: Project) -> bool:
    """Whether pictures are looked at just now."""
    status = looking_status(project)
    return status is not None and not status.ended


def _say_problem(project: Project) -> None:
    status = looking_status(project)
    if status is None or not status.ended:
        return
    unreadable = int(status.report.get("unreadable", 0))
    if status.phase == "failed":
        st.error(escape(status.message), icon=":material/error:")
    elif unreadable:
        st.caption(f"{counted(unreadable, 'picture')} cannot be read.")


def _start(project: Project) -> None:
    try:
        start_looking(project)
    except StorageError as error:
        session.flash(escape(str(error)), ":material/hourglass_empty:")
    st.rerun()


@st.fragment(run_every="1s")
def follow(project_name: str) -> None:
    """Draw how far it is; the page is drawn again when it has ended."""
    with open_project(project_name) as project:
        status = looking_status(project)
        if status is None or status.ended:
            st.rerun()
            return
        words = "Loading the network …"
        if status.total:
            words = (
                f"Looked at {number(status.done)} of {number(status.total)} pictures"
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(status.done / max(status.total, 1), text=words)
            if st.button("Cancel", key="similar_look_cancel"):
                cancel_looking(project)
