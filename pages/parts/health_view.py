"""The half "Health" of the Data page: what may be wrong with pictures and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import side_process
from mlcore.data_health import Finding, find_all
from mlcore.health_jobs import facts_folder
from pages.parts import (
    enough_lines,
    health_finding,
    health_labels,
    health_status,
    review_label_errors,
)

if TYPE_CHECKING:
    from storage.projects import Project

# The findings as of the last write into the project: kept until the next one.
KEPT = "health_kept"


def show(project: Project) -> None:
    """Draw how far measuring is, the findings, and the counts of the labels."""
    health_status.show(project)
    show_findings(project, findings_of(project))
    health_labels.show(project)
    review_label_errors.show_short(project)
    st.subheader("Enough yet?", anchor=False)
    enough_lines.show(project)


def findings_of(project: Project) -> list[Finding]:
    """Return what the checks find; looked for again only after somebody wrote."""
    looks = (project.name, side_process.fingerprint(facts_folder(project)))
    kept_looks, kept = st.session_state.get(KEPT, (None, []))
    if kept_looks != looks:
        kept = find_all(project)
        st.session_state[KEPT] = (looks, kept)
    findings: list[Finding] = kept
    return findings


def show_findings(project: Project, findings: list[Finding]) -> None:
    """Draw one line for each finding that opens, and one for all that are clean."""
    st.subheader("Pictures", anchor=False)
    clean = []
    for finding in findings:
        if finding.families or health_finding.was_acted_on(project, finding):
            health_finding.show(project, finding)
        else:
            clean.append(finding)
    if clean:
        titles = ", ".join(finding.check.title.lower() for finding in clean)
        st.markdown(f":green[:material/check_circle:] Nothing found: {titles}.")
    health_finding.show_dismissed(project, findings)
