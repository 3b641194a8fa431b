"""The sidebar below the navigation: which project, and a new one."""

from __future__ import annotations

import streamlit as st

from pages.parts import person, restoring, sample_start, session
from storage.errors import StorageError
from storage.projects import create_project

MADE_KEY = "sidebar_projects_made"
HIDE_HINT = (
    "<style>.st-key-sidebar_form [data-testid=InputInstructions]{display:none}</style>"
)


def show(names: list[str], current: str | None) -> None:
    """Show the project picker and the form for a new project."""
    with st.sidebar:
        if names:
            st.session_state["sidebar_project"] = current
            st.selectbox(
                "Project", names, key="sidebar_project", on_change=_open_picked
            )
        # A new key is a new popover, closed: else it stays open over the new project.
        made = st.session_state.get(MADE_KEY, 0)
        with st.popover(
            "New project",
            icon=":material/add:",
            width="stretch",
            key=f"sidebar_new_{made}",
        ):
            # In so narrow a field "Press Enter to submit form" covers what is typed.
            st.html(HIDE_HINT)
            with st.container(key="sidebar_form"):
                new_project_form("sidebar")
            if st.button(
                "Make the sample project",
                type="tertiary",
                icon=":material/checkroom:",
                key="sidebar_sample",
            ):
                sample_start.start()
                st.switch_page("overview.py")
            restoring.button("sidebar")
        if names:
            person.show()


def _open_picked() -> None:
    session.choose_project(st.session_state["sidebar_project"])


def new_project_form(key: str) -> None:
    """Show a name field and a button; creating opens the project's Overview."""
    with st.form(f"{key}_new_project", border=False, clear_on_submit=False):
        name = st.text_input("Name of the project", placeholder="Winter coats")
        if not st.form_submit_button("Create project", type="primary"):
            return
    try:
        with create_project(name) as project:
            session.choose_project(project.name)
    except StorageError as error:
        st.error(str(error))
        return
    st.session_state[MADE_KEY] = st.session_state.get(MADE_KEY, 0) + 1
    session.flash(f"Project “{name.strip()}” is ready.")
    st.switch_page("data.py")
