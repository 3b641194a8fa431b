"""The sections of the Coverage page below and above its map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import coverage_rows
from pages.parts.coverage_matrix import EXPECTED_FOR_A_GAP
from pages.parts.coverage_notice import missing_names
from pages.parts.text import counted, escape, number

if TYPE_CHECKING:
    from mlcore.coverage import Combination, Coverage, Degree
    from mlcore.left_out import LeftOutStudy
    from storage.projects import Project
    from storage.records import Group

ROWS_AT_FIRST = 8
RULES = {
    "exactly-one": "exactly one of them on every picture",
    "at-most-one": "at most one of them on a picture",
    "any": "any number of them on a picture",
}


def show_headline(found: Coverage) -> None:
    """Say how much of what could exist is there, with a bar and the names missing."""
    with st.container(border=True, key="coverage_headline", gap="small"):
        st.markdown(f"## {headline(found)}")
        if found.possible:
            st.progress(found.coverage or 0.0)
        st.markdown(_headline_detail(found))
        _show_confounded(found)


def headline(found: Coverage) -> str:
    """Return "6 of 9 combinations present (67 %)"; never 100 % while one is missing."""
    if not found.possible:
        return "One label group makes no combinations yet"
    share = math.floor((found.coverage or 0.0) * 100 + 0.5)
    if found.present < found.possible:
        share = min(share, 99)
    nouns = ("combination", "combinations") if has_groups(found) else ("pair", "pairs")
    noun = nouns[found.possible != 1]
    present, possible = number(found.present), number(found.possible)
    return f"{present} of {possible} {noun} present ({share} %)"


def has_groups(found: Coverage) -> bool:
    """Return whether there are groups that say which combinations ought to exist."""
    return any(group.rule != "any" and group.labels for group in found.groups)


def list_gaps(found: Coverage) -> list[Combination]:
    """Return the missing combinations that chance does not explain.

    Between groups every missing combination is a gap; two free labels that are
    rare may never meet and nothing is wrong.
    """
    owned = {
        label.label_id
        for group in found.groups
        if group.rule != "any"
        for label in group.labels
    }
    return [
        combination
        for combination in found.missing
        if owned.issuperset(combination.label_ids)
        or combination.expected >= EXPECTED_FOR_A_GAP
    ]


def _headline_detail(found: Coverage) -> str:
    if not found.possible:
        return (
            "A second group, such as *garment* beside *colour*, makes combinations: "
            "Unseen then says which of them your pictures lack."
        )
    images = counted(found.images, "labelled picture")
    gaps = list_gaps(found)
    if gaps:
        names = missing_names([combination.names for combination in gaps])
        return f":orange[:material/warning:] **Missing** in {images}: {names}"
    if found.missing:
        pairs = counted(len(found.missing), "pair")
        return (
            f":violet[:material/info:] {pairs} not seen in {images}: too few to tell a "
            "gap from chance."
        )
    sentence = f":green[:material/check_circle:] Nothing is missing in {images}."
    if found.thin:
        sentence += f" {counted(len(found.thin), 'combination')} still thin, though."
    return sentence


def _show_confounded(found: Coverage) -> None:
    """Name the labels a model cannot tell apart from the one they nearly come with."""
    caught = [degree for degree in found.degrees if degree.is_confounded]
    if not caught:
        return
    sentences = "; ".join(confounded_words(degree) for degree in caught[:3])
    more = len(caught) - 3
    if more > 0:
        sentences += f"; and {number(more)} more such labels"
    st.markdown(
        f":violet[:material/link:] {sentences}: a model can hardly tell the two "
        "apart. Other combinations with either help: five pictures are a start."
    )


def confounded_words(degree: Degree) -> str:
    """Return "black appears almost only with jeans (60 of 61)" as safe Markdown."""
    pair = f"**{escape(degree.main)}**"
    if len(degree.partners) == 1:
        return f"**{escape(degree.name)}** is only ever seen with {pair}"
    shares = f"{number(degree.main_count)} of {number(degree.total)}"
    return f"**{escape(degree.name)}** appears almost only with {pair} ({shares})"


def show_missing(
    project: Project, found: Coverage, study: LeftOutStudy | None = None
) -> None:
    """List missing combinations, the most expected first."""
    gaps = list_gaps(found)
    st.markdown(f"## Missing · {number(len(gaps))}")
    rest = len(found.missing) - len(gaps)
    rare = f" {counted(rest, 'pair')} of rare labels never meet; chance explains that."
    if not gaps:
        st.caption("Nothing is missing." + rare * bool(rest))
        return
    st.caption(
        "No picture shows these. The pictures beside them are the nearest there are: "
        "each shows one of the labels." + rare * bool(rest)
    )
    _show_list(
        gaps,
        lambda part: coverage_rows.missing_rows(
            project, part, aim=found.thin_below, study=study
        ),
        coverage_rows.MISSING_ACTIONS,
        key="coverage_missing",
    )


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
        sorted(found.thin, key=lambda combination: combination.count),
        lambda part: coverage_rows.thin_rows(project, part, aim=found.thin_below),
        coverage_rows.THIN_ACTIONS,
        key="coverage_thin",
    )


def show_impossible(found: Coverage) -> None:
    """List what people marked as impossible; nothing when there is none."""
    marked = [cell for cell in found.cells if cell.tier == "impossible"]
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
            "other, and not part of the combinations above."
        )


def _show_group(group: Group, counts: dict[int, int]) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        st.markdown(f"**{escape(group.name)}**")
        st.caption(RULES[group.rule])
        st.markdown(
            " ".join(
                f":gray-badge[{escape(label.name)} "
                f"{number(counts.get(label.label_id, 0))}]"
                for label in group.labels
            )
        )
