"""Any two parts of the project: what the one shows that the other never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.coverage_sources import ALL, CLASSIFIED, difference_of, list_sources
from pages.parts.coverage_board import SPLITS
from pages.parts.text import counted, escape, number, percent
from storage.classified import count_classified, count_doubtful

if TYPE_CHECKING:
    from mlcore.coverage_difference import Difference
    from storage.projects import Project

ROWS_AT_MOST = 8


def show_compare(project: Project, strength: int) -> None:
    """Let a person choose two parts; nothing where there are splits at most.

    What splits show of one another is said anyway.
    """
    titles = {s.key: SPLITS.get(s.key, s.title) for s in list_sources(project)}
    if not count_classified(project):
        del titles[CLASSIFIED]
    if not set(titles) - set(SPLITS) - {ALL}:
        return
    keys = list(titles)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.selectbox(
            "What do these show",
            keys,
            index=len(keys) - 1,
            format_func=titles.__getitem__,
            key="coverage_compare_shown",
            width=260,
        )
        trained = st.selectbox(
            "that these never do?",
            keys,
            index=keys.index("train"),
            format_func=titles.__getitem__,
            key="coverage_compare_trained",
            width=260,
        )
    if shown and trained:
        st.markdown(compare_words(difference_of(project, trained, shown, strength)))
        doubtful = count_doubtful(project) if CLASSIFIED in (shown, trained) else 0
        if doubtful:
            verb = "was" if doubtful == 1 else "were"
            st.caption(
                f"Without {counted(doubtful, 'picture')} that {verb} read doubtfully "
                "and nobody has checked."
            )


def compare_words(found: Difference) -> str:
    """Return the share in words and the combinations, the most shown first."""
    if not found.shown:
        return "No combination is shown there."
    new = found.of_tier("missing")
    if not new:
        return f"Nothing: all {counted(found.shown, 'combination')} are shown by both."
    lines = [
        f"**{percent(found.share)}** of the combinations ({number(found.unseen)} of "
        f"{number(found.shown)}), on {counted(found.unseen_images, 'picture')}:",
        "",
        *(
            f"- {escape(' '.join(one.names))} :gray[{counted(one.shown, 'picture')}]"
            for one in new[:ROWS_AT_MOST]
        ),
    ]
    rest = len(new) - ROWS_AT_MOST
    if rest > 0:
        lines.append(f"- and {number(rest)} more")
    return "\n".join(lines)
