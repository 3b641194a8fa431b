"""The tab's title says that a run has ended, until somebody has looked."""

from __future__ import annotations

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.run_status import STATE_LOOKS
from storage.records import ACTIVE_STATES, USABLE_STATES

# Pages that show how runs stand; who is there needs no notice.
SHOWING = frozenset({"overview", "", "train", "review"})
# Nobody is told of what a person has just done.
SILENT = frozenset({"cancelled", *ACTIVE_STATES})

_component = st.components.v2.component(
    "unseen_run_notice", html="<span></span>", js=join_sources("run_notice.js")
)


def show(project_name: str, page: str) -> None:
    """Watch the project's runs from this page; the address of the page says which."""
    words = {
        state: f"{'✓' if state in USABLE_STATES else '✗'} Run # {look.verb}"
        for state, look in STATE_LOOKS.items()
        if state not in SILENT
    }
    _component(
        data={"project": project_name, "shows": page in SHOWING, "words": words},
        key="run_notice",
    )
