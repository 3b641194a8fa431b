"""What is wrong or risky before a run starts, as a plain list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import preflight
from pages.parts import layout
from pages.parts.text import counted, escape
from storage.images import progress
from storage.labels import list_groups

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from storage.projects import Project

LEVELS = ("stop", "warn", "info")
SHOWN_AT_ONCE = 4


def train_checks(project: Project, config: TrainConfig) -> list[str]:
    """List the findings, worst first; return the reasons that forbid a start."""
    found = preflight.check(project, config)
    if any(group.rule != "any" for group in list_groups(project)):
        # the page's coverage notice says it already
        found = [finding for finding in found if finding.topic != "coverage"]
    ordered = sorted(found, key=lambda finding: LEVELS.index(finding.level))
    if not ordered:
        ready = counted(progress(project).labelled, "labelled picture")
        layout.finding("info", f"Ready: {ready}, nothing in the way.")
    for finding in ordered[:SHOWN_AT_ONCE]:
        _show(finding)
    rest = ordered[SHOWN_AT_ONCE:]
    if rest:
        with st.expander(f"{len(rest)} more to know", icon=":material/more_horiz:"):
            for finding in rest:
                _show(finding)
    return [finding.text for finding in ordered if finding.level == "stop"]


def _show(finding: preflight.Finding) -> None:
    hint = escape(finding.hint) if finding.hint else None
    with st.container(gap="xxsmall"):
        layout.finding(finding.level, escape(finding.text), hint)
