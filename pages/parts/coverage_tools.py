"""What a person asks of the map: which groups, which pictures, which order."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.coverage_board import ORDERS, SPLITS
from pages.parts.coverage_cut import Wish
from pages.parts.text import escape

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.records import Group

VIEW_KEY = "coverage_view"
EVERYTHING = "All labels"
# More views than these do not fit beside each other.
BESIDE_AT_MOST = 4
# A map of fewer labels is read at a glance.
TOOLS_FROM = 13


def choose_wish(
    groups: Sequence[Group], label_count: int, splits: Collection[str]
) -> Wish:
    """Draw the tools that a map of so many labels needs; return what they say."""
    has_free = label_count > sum(len(g.labels) for g in groups if g.rule != "any")
    between = _choose_view(groups, has_free=has_free)
    if label_count < TOOLS_FROM and not splits:
        return Wish(between)
    with st.container(
        horizontal=True, vertical_alignment="bottom", key="coverage_tools"
    ):
        split = _choose_split(splits)
        if label_count < TOOLS_FROM:
            return Wish(between, split=split)
        find = st.text_input(
            "Find a label",
            key="coverage_find",
            icon=":material/search:",
            placeholder="Part of a name",
            width=220,
        )
        order = st.selectbox(
            "Order",
            list(ORDERS),
            format_func=ORDERS.__getitem__,
            key="coverage_order",
            width=220,
        )
        problems = st.toggle("Only problems", key="coverage_problems")
    return Wish(between, order or "own", problems, find or "", split)


def _choose_view(groups: Sequence[Group], *, has_free: bool) -> tuple[int, int] | None:
    """Two groups and nothing else are shown against each other at first.

    The other cells of that map could not hold anything.
    """
    exclusive = [group for group in groups if group.rule != "any" and group.labels]
    pairs = {
        f"{one.name} × {two.name}": (one.group_id, two.group_id)
        for one, two in combinations(exclusive, 2)
    }
    if not pairs:
        return None
    views = [*pairs, EVERYTHING] if not has_free else [EVERYTHING, *pairs]
    if len(views) > BESIDE_AT_MOST:
        # its options are no Markdown
        return pairs.get(st.selectbox("Show", views, key=VIEW_KEY, width=360) or "")
    chosen = st.segmented_control(
        "Show",
        views,
        default=views[0],
        format_func=escape,
        key=VIEW_KEY,
        required=True,
        label_visibility="collapsed",
    )
    return pairs.get(chosen or "")


def _choose_split(splits: Collection[str]) -> str | None:
    if not splits:
        return None
    words = {"": "All pictures"} | {s: SPLITS[s] for s in SPLITS if s in splits}
    chosen = st.selectbox(
        "Count",
        list(words),
        format_func=words.__getitem__,
        key="coverage_split",
        width=170,
    )
    return chosen or None
