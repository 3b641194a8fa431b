"""Saved views: a filter and queue under a name, to choose, save, rename, delete."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import label_address, session
from pages.parts.text import escape
from storage.errors import StorageError
from storage.projects import Project, open_project
from storage.saved_views import (
    MAX_NAME_CHARACTERS,
    View,
    delete_view,
    list_views,
    rename_view,
    restore_view,
    save_view,
)

MENU = "label_views_menu"
NAME = "label_view_name"
PROBLEM = "label_view_problem"
DELETED = "label_view_deleted"
RENAMED = "label_view_renamed"
NEW_NAME = "label_view_new_name"
TITLE_CHARACTERS = 22


def show(project: Project) -> None:
    """Draw the button, named after the view in sight, and the list behind it."""
    views = list_views(project)
    menu = st.popover(
        title_of(views), icon=":material/bookmark:", key=MENU, on_change="rerun"
    )
    if not menu.open:
        return
    with menu:
        for view in views:
            if st.session_state.get(RENAMED) == (project.name, view.view_id):
                show_renaming(project, view)
            else:
                show_view(project, view)
        if not views:
            st.caption("Keep a filter or a queue under a name, for you and others.")
        show_deleted(project)
        show_saving(project)


def title_of(views: list[View]) -> str:
    """Return the name of the view that is shown now, else "Views"."""
    query = label_address.saved_query()
    name = next((view.name for view in views if view.query == query), "Views")
    short = name[: TITLE_CHARACTERS - 1] + "…"
    return escape(name if len(name) <= TITLE_CHARACTERS else short)


def show_view(project: Project, view: View) -> None:
    """Draw one view: its name shows it, the pen renames it, the bin puts it away."""
    is_shown = view.query == label_address.saved_query()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            escape(view.name),
            type="primary" if is_shown else "secondary",
            on_click=choose,
            args=(view.query,),
            width="stretch",
            key=f"label_view_{view.view_id}",
        )
        st.button(
            "Rename",
            icon=":material/edit:",
            type="tertiary",
            on_click=ask_name,
            args=(project.name, view),
            key=f"label_view_rename_{view.view_id}",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            type="tertiary",
            on_click=remove,
            args=(project.name, view),
            key=f"label_view_delete_{view.view_id}",
        )


def show_renaming(project: Project, view: View) -> None:
    """Draw the field for a view's new name."""
    # A form: outside of one, leaving the field for "Cancel" would take the name first.
    with st.form("label_view_rename_form", border=False):
        st.text_input(
            f"New name for “{escape(view.name)}”",
            key=NEW_NAME,
            max_chars=MAX_NAME_CHARACTERS,
        )
        with st.container(horizontal=True, gap="xsmall"):
            st.form_submit_button(
                "Rename",
                type="primary",
                on_click=take_name,
                args=(project.name, view.view_id),
                key="label_view_rename_done",
            )
            st.form_submit_button(
                "Cancel",
                type="tertiary",
                on_click=stop_renaming,
                key="label_view_rename_cancel",
            )


def show_deleted(project: Project) -> None:
    """Offer to bring the view back that was deleted last."""
    deleted_from, deleted = st.session_state.get(DELETED) or ("", None)
    if deleted is None or deleted_from != project.name:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f"“{escape(deleted.name)}” is deleted.")
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            on_click=bring_back,
            args=(project.name, deleted),
            key="label_view_restore",
        )


def show_saving(project: Project) -> None:
    """Draw the name field and the button that saves what is shown now."""
    st.text_input(
        "Save what is shown now as",
        key=NAME,
        placeholder="A name",
        max_chars=MAX_NAME_CHARACTERS,
    )
    st.button(
        "Save view",
        icon=":material/bookmark_add:",
        on_click=save,
        args=(project.name,),
        key="label_view_save",
    )
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(escape(problem))


def choose(query: str) -> None:
    """Show a view from the next run on."""
    label_address.put_query(query)
    st.session_state[MENU] = False


def save(project_name: str) -> None:
    """Keep the filter and queue in sight under the name that was typed."""
    state: Any = st.session_state
    query = label_address.saved_query()
    try:
        with open_project(project_name) as project:
            save_view(project, state.get(NAME, ""), query, who=session.who())
    except StorageError as error:
        state[PROBLEM] = str(error)
        return
    state[NAME] = ""
    state[DELETED] = None


def ask_name(project_name: str, view: View) -> None:
    """Put a field in the place of a view, with its name to change."""
    st.session_state[RENAMED] = (project_name, view.view_id)
    st.session_state[NEW_NAME] = view.name


def take_name(project_name: str, view_id: int) -> None:
    """Give the view the name that was typed; a name that is taken is asked again."""
    state: Any = st.session_state
    try:
        with open_project(project_name) as project:
            rename_view(project, view_id, state.get(NEW_NAME, ""))
    except StorageError as error:
        state[PROBLEM] = str(error)
        return
    stop_renaming()


def stop_renaming() -> None:
    """Show the list of names again."""
    st.session_state[RENAMED] = None


def remove(project_name: str, view: View) -> None:
    """Put a view away; the list offers to bring it back."""
    with open_project(project_name) as project:
        delete_view(project, view.view_id)
    st.session_state[DELETED] = (project_name, view)


def bring_back(project_name: str, view: View) -> None:
    """Undo the last deletion."""
    st.session_state[DELETED] = None
    try:
        with open_project(project_name) as project:
            restore_view(project, view.view_id)
    except StorageError as error:
        st.session_state[PROBLEM] = str(error)
