"""Deleting a project (asked once, by its name) and bringing one back."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import session
from pages.parts.text import escape
from storage.errors import StorageError
from storage.home import home_dir
from storage.projects import delete_project, restore_project

SHOWN_IN_TRASH = 10


def show(name: str) -> None:
    """Show the card that deletes the open project."""
    with st.container(border=True, key="settings_delete_card"):
        st.subheader(f"Delete “{escape(name)}”", anchor=False)
        st.caption(
            "The project goes to the trash of the data folder with its pictures, "
            "labels and runs. It can be brought back until the trash is emptied."
        )
        with st.form("settings_delete_form", border=False):
            typed = st.text_input("Type the project's name to delete it")
            if st.form_submit_button("Delete project", icon=":material/delete:"):
                remove(name, typed)


def remove(name: str, typed: str) -> None:
    """Delete the project when the typed name is right."""
    if typed.strip() != name:
        st.error(f"That is not the name. Type {escape(name)} exactly.")
        return
    try:
        delete_project(name)
    except StorageError as error:
        st.error(str(error))
        return
    session.choose_project(None)
    session.flash(f"“{escape(name)}” is in the trash. Settings can bring it back.")
    st.switch_page("overview.py")


def show_trash() -> None:
    """List deleted projects, newest first, each with a button that restores it."""
    deleted = trashed()
    if not deleted:
        return
    with st.expander(f"Trash ({len(deleted)})", icon=":material/delete:"):
        for path in deleted[:SHOWN_IN_TRASH]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(escape(path.name), width="stretch")
                if st.button("Bring back", key=f"settings_restore_{path.name}"):
                    bring_back(path)
        st.caption(f"To free the space, empty `{home_dir() / '.trash'}`.")


def trashed() -> list[Path]:
    """Return the folders of deleted projects, newest first."""
    folders = [path for path in (home_dir() / ".trash").glob("*") if path.is_dir()]
    return sorted(folders, key=lambda path: path.name.rpartition("-")[2], reverse=True)


def bring_back(path: Path) -> None:
    """Restore a deleted project and open it."""
    try:
        name = restore_project(path)
    except StorageError as error:
        st.error(str(error))
        return
    session.choose_project(name)
    session.flash(f"“{escape(name)}” is back.")
    st.switch_page("overview.py")
