"""A short warning about missing combinations, for pages that are not Coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import coverage
from pages.parts.text import escape, number
from storage.labels import list_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.projects import Project

NAMED_AT_MOST = 4


def coverage_notice(project: Project, *, where: str) -> None:
    """Warn in one line that combinations are missing; show nothing when none are.

    `where` is the page that asks; it becomes part of the widget keys. Projects
    without label groups get no warning: any of their pairs may simply not exist.
    """
    if not any(group.rule != "any" for group in list_groups(project)):
        return
    found = coverage.coverage_of(project)
    if not found.missing or not found.present:
        return
    with (
        st.container(border=True, key=f"{where}_coverage_notice"),
        st.container(
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ),
    ):
        names = [combination.names for combination in found.missing]
        st.markdown(
            f":orange[:material/warning:] {missing_sentence(names, found.possible)}",
            width="stretch",
        )
        st.page_link(
            "coverage.py",
            label="See coverage",
            icon=":material/grid_view:",
        )


def missing_sentence(missing: Sequence[Sequence[str]], possible: int) -> str:
    """Return "3 of 9 combinations are missing: black dress, …" as safe Markdown."""
    verb = "combination is" if len(missing) == 1 else "combinations are"
    if possible > 1 and len(missing) == 1:
        verb = "combinations is"
    named = ", ".join(
        escape(" ".join(names)) for names in list(missing)[:NAMED_AT_MOST]
    )
    rest = len(missing) - NAMED_AT_MOST
    more = f" and {number(rest)} more" if rest > 0 else ""
    count = f"{number(len(missing))} of {number(possible)} {verb} missing"
    return f"**{count}:** {named}{more}"
