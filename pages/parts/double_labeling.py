"""The switch for double labeling: which share of the images two people answer."""

from __future__ import annotations

import streamlit as st

from storage.opinions import SHARE, double_share, record_present_answers
from storage.project_settings import write_setting
from storage.projects import Project, open_project

SHARES = {0.0: "Off", 0.1: "1 in 10", 0.25: "1 in 4", 1.0: "All"}
FIELD = "double_share_choice"


def show(project: Project) -> None:
    """Show the switch; a change counts at once."""
    with st.expander("Two people per picture", icon=":material/group:"):
        st.caption(
            "A second person answers without seeing what the first one said. Where "
            "they differ, the view “Resolve” asks somebody to settle it, and it "
            "shows how far people agree on each label. Each person gives a name in "
            "the sidebar."
        )
        now = double_share(project)
        st.session_state[FIELD] = min(SHARES, key=lambda share: abs(share - now))
        st.segmented_control(
            "Pictures answered by two",
            list(SHARES),
            format_func=SHARES.__getitem__,
            key=FIELD,
            required=True,
            on_change=_keep,
            args=(project.name,),
        )


def _keep(project_name: str) -> None:
    share = st.session_state[FIELD]
    with open_project(project_name) as project:
        if share and not double_share(project):
            record_present_answers(project)
        write_setting(project, SHARE, share or None)
