"""A short warning about missing combinations, for pages that are not Coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_live import live_coverage
from pages.parts import tour
from pages.parts.text import escape, number
from storage.labels import list_groups

if TYPE_CHECKING:
    from storage.projects import Project

NAMED_AT_MOST = 4


def coverage_notice(project: Project, *, where: str) -> None:
    """Warn in one line that combinations are missing; show nothing when none are.

    `where` is the page that asks; it becomes part of the widget keys. Projects
    without two exclusive groups get no warning: a pair may simply not exist.
    """
    if sum(group.rule != "any" for group in list_groups(project)) < 2:
        return
    found = live_coverage(project)
    gaps = found.gaps
    if not gaps or not found.present:
        return
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"{where}_coverage_notice",
    ):
        sentence = missing_sentence(
            [combination.names for combination in gaps[:NAMED_AT_MOST]],
            found.possible,
            len(gaps),
        )
        st.markdown(f":orange[:material/warning:] {sentence}", width="stretch")
        with st.container(
            horizontal=True, vertical_alignment="center", width="content"
        ):
            tour.show_button(project.name, "Show me in three steps", where=where)
            st.page_link(
                "coverage.py", label="See coverage", icon=":material/grid_view:"
            )


def missing_sentence(
    missing: Sequence[Sequence[str]], possible: int, total: int | None = None
) -> str:
    """Return "3 of 9 combinations are missing: black dress, …" as safe Markdown.

    `total` says how many there are where only the first are given.
    """
    total = len(missing) if total is None else total
    verb = "is" if total == 1 else "are"
    count = f"{number(total)} of {number(possible)} combinations {verb} missing"
    return f"**{count}:** {missing_names(missing, total)}"


def missing_names(missing: Sequence[Sequence[str]], total: int | None = None) -> str:
    """Return "black dress, black shirt and 7 more" as safe Markdown."""
    named = ", ".join(escape(" ".join(names)) for names in missing[:NAMED_AT_MOST])
    rest = (len(missing) if total is None else total) - NAMED_AT_MOST
    return f"{named} and {number(rest)} more" if rest > 0 else named
