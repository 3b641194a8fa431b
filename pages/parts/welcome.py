"""The first screen: no project yet, ways to begin."""

from __future__ import annotations

import streamlit as st

from pages.parts import layout, restoring, sample_start, sidebar
from storage.home import home_dir


def show() -> None:
    """Offer the sample project and a project of one's own."""
    layout.page_title(
        "Welcome to Unseen",
        "Label pictures with several labels each, see which combinations your data "
        "never shows, train, and classify new pictures.",
    )
    if sample_start.is_making():
        sample_start.watch()
        return
    with st.grid(2, min_column_width=300):
        show_sample_choice()
        show_own_choice()
    st.caption(
        f"Everything stays on this computer, in `{home_dir()}`.",
        help="Set UNSEEN_HOME before the start to use another folder.",
    )


def show_sample_choice() -> None:
    """Show the card that makes the sample project."""
    with st.container(border=True, height="stretch", key="overview_sample_card"):
        st.markdown("### :primary[:material/checkroom:] Try it with sample pictures")
        st.markdown(
            "360 drawn clothes in six combinations of colour and garment. Black "
            "dresses, black shirts and red jeans are kept out: the model has never "
            "seen them, and the app will say so."
        )
        if st.button(
            "Try it with sample pictures",
            type="primary",
            icon=":material/play_arrow:",
            key="overview_sample",
        ):
            sample_start.start()
            st.rerun()


def show_own_choice() -> None:
    """Show the card that starts an empty project."""
    with st.container(border=True, height="stretch", key="overview_own_card"):
        st.markdown("### :primary[:material/create_new_folder:] Start your own project")
        st.markdown(
            "Bring your own pictures: single files, folders, a zip, or a CSV with "
            "the labels. Up to many thousands."
        )
        sidebar.new_project_form("overview")
        restoring.button("overview")
