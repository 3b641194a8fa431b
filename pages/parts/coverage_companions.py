"""Free labels that were never seen without another: a model cannot tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_values import value_coverage
from pages.parts.text import escape, number
from storage.implications import list_implications
from storage.labels import free_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.coverage import Coverage
    from mlcore.coverage_values import Pattern
    from storage.projects import Project

SHOWN_AT_FIRST = 8
LIMIT_KEY = "coverage_companions_limit"


def show_companions(project: Project, found: Coverage) -> None:
    """List what is never seen without something else; nothing without free labels."""
    has_free = bool(free_labels(project)) or any(g.rule == "any" for g in found.groups)
    if not has_free:
        return
    missing = value_coverage(found, list_implications(project)).missing
    if not missing:
        return
    st.markdown(f"## Never one without the other · {number(len(missing))}")
    st.caption(
        "A model cannot tell which of the two it looks at. Pictures that show the one "
        "without the other teach it; where there are none, say on *Labels and groups* "
        "that the one implies the other."
    )
    limit = st.session_state.get(LIMIT_KEY, SHOWN_AT_FIRST)
    with st.container(border=True, key="coverage_companions"):
        st.markdown(companions_words(missing[:limit]))
        if len(missing) > limit:
            st.button(
                f"Show all {number(len(missing))}",
                key="coverage_companions_more",
                icon=":material/expand_more:",
                on_click=_show_all,
                args=(len(missing),),
            )


def companions_words(missing: Sequence[Pattern]) -> str:
    """Return the patterns as a list with what one would expect, safe as Markdown."""
    return "\n".join(
        f"- {pattern.sentence(_strong)} :gray[About {number(round(pattern.expected))} "
        "such pictures if all were mixed evenly.]"
        for pattern in missing
    )


def _strong(name: str) -> str:
    return f"**{escape(name)}**"


def _show_all(count: int) -> None:
    st.session_state[LIMIT_KEY] = count
