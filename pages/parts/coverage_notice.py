"""A short warning about missing combinations, for pages that are not Coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_live import live_coverage
from mlcore.group_offers import believable
from pages.parts import group_offer, tour
from pages.parts.text import counted, escape, number
from storage.labels import list_groups

if TYPE_CHECKING:
    from mlcore.combinations import Combination
    from storage.projects import Project

NAMED_AT_MOST = 4
PAIRS_NAMED = 3
GROUPS_AT_LEAST = 2


def coverage_notice(project: Project, *, where: str) -> None:
    """Warn in one line that combinations are missing; show nothing when none are.

    `where` is the page that asks; it becomes part of the widget keys. Without two
    exclusive groups a pair may simply not exist: named is what chance hardly explains.
    """
    sentence = _sentence(project)
    if not sentence:
        return
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"{where}_coverage_notice",
    ):
        st.markdown(f":orange[:material/warning:] {sentence}", width="stretch")
        with st.container(
            horizontal=True, vertical_alignment="center", width="content"
        ):
            tour.show_button(project.name, "Show me in three steps", where=where)
            st.page_link(
                "coverage.py", label="See coverage", icon=":material/grid_view:"
            )


def _sentence(project: Project) -> str:
    found = live_coverage(project)
    if not found.gaps or not found.present:
        return ""
    if sum(group.rule != "any" for group in list_groups(project)) < GROUPS_AT_LEAST:
        return pairs_sentence(believable(found.gaps, group_offer.offers_of(project)))
    first = [combination.names for combination in found.gaps[:NAMED_AT_MOST]]
    return missing_sentence(first, found.possible, len(found.gaps))


def pairs_sentence(gaps: Sequence[Combination]) -> str:
    """Return "2 pairs of labels never meet, though …: sea + shoes, …", "" for none."""
    if not gaps:
        return ""
    named = ", ".join(escape(" + ".join(gap.names)) for gap in gaps[:PAIRS_NAMED])
    rest = len(gaps) - PAIRS_NAMED
    named += f" and {number(rest)} more" if rest > 0 else ""
    verb = "meets" if len(gaps) == 1 else "meet"
    return (
        f"**{counted(len(gaps), 'pair')} of labels never {verb}**, though chance would "
        f"have it: {named}"
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
