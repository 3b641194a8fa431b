"""The Coverage page's first box: how much is there, and what is missing."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.coverage_notice import NAMED_AT_MOST, missing_names
from pages.parts.text import counted, escape, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.coverage import Combination, Coverage, Degree, PairMap

TABLES_AT_MOST = 15
# On a telephone a table is wider than its box.
SCROLLING = (
    "<style>.st-key-coverage_split_table, .st-key-coverage_between "
    "{overflow-x: auto; min-width: 0; max-width: 100%}</style>"
)
# Of more missing triples the most expected are looked through.
TRIPLES_AT_MOST = 20_000


def list_gaps(found: Coverage, pairs: PairMap) -> Sequence[Combination]:
    """Return the missing combinations that chance does not explain.

    Of triples only those whose pairs are all shown: the others say nothing new.
    """
    if found.strength == 2:
        return found.gaps
    places = {label.label_id: place for place, label in enumerate(pairs.labels)}

    def is_whole(gap: Combination) -> bool:
        at = [places[label_id] for label_id in gap.label_ids]
        return all(pairs.counts[one, two] for one, two in combinations(at, 2))

    return [gap for gap in found.gaps[:TRIPLES_AT_MOST] if is_whole(gap)]


def show_headline(found: Coverage, gaps: Sequence[Combination]) -> None:
    """Say how much of what could exist is there, with a bar and the names missing."""
    st.html(SCROLLING)
    with st.container(border=True, key="coverage_headline", gap="small"):
        present, possible = figures(found)
        st.markdown(f"## {headline(present, possible, has_groups(found))}")
        if possible:
            st.progress(present / possible)
        st.markdown(_headline_detail(found, gaps))
        _show_confounded(found)
        if 1 < len(found.tables) <= TABLES_AT_MOST:
            with st.container(key="coverage_between"):
                st.markdown(tables_words(found))
            if rest := chance_words(found, len(gaps)):
                st.caption(rest)


def figures(found: Coverage) -> tuple[int, int]:
    """Return (present, possible): between groups; without these, of all labels."""
    return found.grouped if found.grouped[1] else (found.present, found.possible)


def headline(present: int, possible: int, is_grouped: bool) -> str:
    """Return "6 of 9 combinations present (67 %)"; never 100 % while one is missing."""
    if not possible:
        return "One label group makes no combinations yet"
    share = percent(min(present / possible, 0.99 if present < possible else 1))
    nouns = ("combination", "combinations") if is_grouped else ("pair", "pairs")
    noun = nouns[possible != 1]
    return f"{number(present)} of {number(possible)} {noun} present ({share})"


def has_groups(found: Coverage) -> bool:
    """Return whether there are groups that say which combinations ought to exist."""
    return any(group.rule != "any" and group.labels for group in found.groups)


def tables_words(found: Coverage) -> str:
    """Return a table: for each two (three) groups what is present, thin and missing."""
    lines = ["| Between | Present | Thin | Missing |", "|---|---:|---:|---:|"]
    for table in found.tables:
        between = " × ".join(escape(name) for name in table.factors)
        lines.append(
            f"| {between} | {number(table.present)} of {number(table.possible)}"
            f" | {number(table.thin)} | {number(table.missing)} |"
        )
    return "\n".join(lines)


def chance_words(found: Coverage, gaps: int) -> str:
    """Say why fewer missing ones are listed than a table counts; "" if all are."""
    rest = len(found.missing) - gaps
    if not rest or found.strength > 2:
        return ""
    verb = "is a pair" if rest == 1 else "are pairs"
    return (
        f"Of {number(len(found.missing))} missing, {number(rest)} {verb} of rare "
        "labels, which chance explains; "
        f"the other {number(gaps)} stand under “Missing”."
    )


def _headline_detail(found: Coverage, gaps: Sequence[Combination]) -> str:
    if not found.possible:
        return (
            "A second group, such as *garment* beside *colour*, makes combinations: "
            "Unseen then says which of them your pictures lack."
        )
    images = counted(found.images, "labelled picture")
    if gaps:
        names = missing_names([gap.names for gap in gaps[:NAMED_AT_MOST]], len(gaps))
        return f":orange[:material/warning:] **Missing** in {images}: {names}"
    if found.missing:
        pairs = counted(len(found.missing), "combination")
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
