"""The sections of the Coverage page below and above its map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import coverage_rows
from pages.parts.text import counted, escape, number
from storage.label_sets import list_impossible

if TYPE_CHECKING:
    from mlcore.coverage import Combination, Coverage
    from mlcore.left_out import LeftOutStudy
    from storage.projects import Project
    from storage.records import Group

ROWS_AT_FIRST = 8
BADGES_AT_MOST = 40
# Of more thin ones those that are expected most.
SORTED_AT_MOST = 5_000
RULES = {
    "exactly-one": "exactly one of them on every picture",
    "at-most-one": "at most one of them on a picture",
    "any": "any number of them on a picture",
}


def show_missing(
    project: Project,
    found: Coverage,
    gaps: Sequence[Combination],
    study: LeftOutStudy | None = None,
) -> None:
    """List the gaps, the most expected first; what else is missing is counted."""
    st.markdown(f"## Missing · {number(len(gaps))}")
    rest = rest_words(found, len(found.missing) - len(gaps))
    if not gaps:
        st.caption(f"Nothing is missing. {rest}".strip())
        return
    st.caption(
        "No picture shows these. The pictures beside them are the nearest there are: "
        f"each shows one of the labels. {rest}"
    )
    _show_list(
        gaps,
        lambda part: coverage_rows.missing_rows(
            project, part, aim=found.thin_below, study=study
        ),
        coverage_rows.MISSING_ACTIONS,
        key="coverage_missing",
    )


def rest_words(found: Coverage, rest: int) -> str:
    """Say why so many missing combinations are not listed; "" without any."""
    if not rest:
        return ""
    if found.strength > 2:
        return (
            f"{number(rest)} more hold two labels that never meet at all: they stand "
            "under “Pairs”."
        )
    return f"{counted(rest, 'pair')} of rare labels never meet; chance explains that."


def show_thin(project: Project, found: Coverage) -> None:
    """List combinations on some images, but on too few to learn from safely."""
    st.markdown(f"## Thin · {number(len(found.thin))}")
    if not found.thin:
        st.caption(
            f"All combinations present are on {number(found.thin_below)} pictures or "
            "more."
        )
        return
    st.caption(
        f"Present, but on fewer than {number(found.thin_below)} pictures: too few to "
        "learn from safely, and too few to measure."
    )
    _show_list(
        thinnest(found),
        lambda part: coverage_rows.thin_rows(project, part, aim=found.thin_below),
        coverage_rows.THIN_ACTIONS,
        key="coverage_thin",
    )


def thinnest(found: Coverage) -> list[Combination]:
    """Return the thin combinations, the fewest pictures first."""
    return sorted(found.thin[:SORTED_AT_MOST], key=lambda thin: thin.count)


def show_impossible(project: Project, found: Coverage) -> None:
    """List what people marked as impossible; nothing when there is none."""
    known = (found.find(ids) for ids in sorted(list_impossible(project)))
    marked = [cell for cell in known if cell]
    if not marked:
        return
    st.markdown(f"## Cannot exist · {number(len(marked))}")
    st.caption("A person said so; these are left out of every count.")
    _show_list(
        marked,
        coverage_rows.impossible_rows,
        coverage_rows.IMPOSSIBLE_ACTIONS,
        key="coverage_impossible",
    )


def _show_list(
    combinations: Sequence[Combination],
    build: Callable[[Sequence[Combination]], list[coverage_rows.Row]],
    actions: Sequence[tuple[str, str]],
    *,
    key: str,
) -> None:
    limit = st.session_state.get(f"{key}_limit", ROWS_AT_FIRST)
    with st.container(border=True, key=f"{key}_box"):
        coverage_rows.combination_rows(build(combinations[:limit]), actions, key=key)
        if len(combinations) > limit:
            st.button(
                f"Show more of {number(len(combinations))}",
                key=f"{key}_more",
                icon=":material/expand_more:",
                on_click=_raise_limit,
                args=(f"{key}_limit", limit + 3 * ROWS_AT_FIRST),
            )


def _raise_limit(key: str, limit: int) -> None:
    st.session_state[key] = limit


def show_groups(
    groups: Sequence[Group], free_count: int, counts: dict[int, int]
) -> None:
    """Show each label group as a card, and the way to change them."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown("## Label groups", width="content")
        st.page_link("label.py", label="Change groups", icon=":material/sell:")
    with st.grid(min_column_width=260, gap="small"):
        for group in groups:
            _show_group(group, counts)
    if free_count:
        st.caption(
            f"{counted(free_count, 'label')} without a group: free to appear with any "
            "other. A pair with one counts as missing where chance does not explain it."
        )


def _show_group(group: Group, counts: dict[int, int]) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        st.markdown(f"**{escape(group.name)}**")
        st.caption(RULES[group.rule])
        st.markdown(
            " ".join(
                f":gray-badge[{escape(label.name)} "
                f"{number(counts.get(label.label_id, 0))}]"
                for label in group.labels[:BADGES_AT_MOST]
            )
        )
        rest = len(group.labels) - BADGES_AT_MOST
        if rest > 0:
            st.caption(f"and {counted(rest, 'more label', 'more labels')}")
