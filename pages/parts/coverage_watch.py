"""Looks from time to time whether labels have changed, and draws the page anew."""

from __future__ import annotations

import streamlit as st

from storage.label_times import newest_change
from storage.projects import Project, open_project

EVERY = "4s"


def watch(project: Project) -> None:
    """Follow what others label, import or delete while the page is open."""
    drawn = newest_change(project)
    name = project.name

    @st.fragment(run_every=EVERY)
    def look() -> None:
        # A fragment outlives the page run whose project was open.
        with open_project(name) as now:
            change = newest_change(now)
        if change != drawn:
            st.rerun()

    look()
