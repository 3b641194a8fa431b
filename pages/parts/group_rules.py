"""The line on the Coverage page about pictures against the rule of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import side_process
from mlcore.data_health import find_one
from pages.parts import health_finding
from pages.parts.group_breaks import CHECK

if TYPE_CHECKING:
    from mlcore.data_health import Finding
    from storage.projects import Project

# The finding as of the last write into the project: kept until the next one.
KEPT = "group_rules_kept"


def show(project: Project) -> None:
    """Draw a line that opens with the pictures; nothing where all keep the rules."""
    finding = finding_of(project)
    if finding.families or health_finding.was_acted_on(project, finding):
        health_finding.show(project, finding)


def open_in_next_run() -> None:
    """Let the line be open, because something was done that may have broken rules."""
    st.session_state[f"health_open_{CHECK}"] = True


def finding_of(project: Project) -> Finding:
    """Return what Health finds; looked for again only after somebody wrote."""
    looks = (project.name, side_process.fingerprint(project.folder / "rules"))
    kept_looks, kept = st.session_state.get(KEPT, (None, None))
    if kept_looks != looks or kept is None:
        kept = find_one(project, CHECK)
        st.session_state[KEPT] = (looks, kept)
    finding: Finding = kept
    return finding
