"""Runs that belong together on the Train page: repeats with seeds, and searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.run_series import Repeats, list_repeats
from pages.parts.run_searches import search_card, search_title
from pages.parts.run_seeds import recipes_by_seeds, seeds_card, seeds_title
from pages.parts.text import escape
from storage.run_series import list_series

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run
    from storage.run_series import Series

SHOWN_AT_FIRST = 3
ALL_KEY = "train_all_series"


def run_groups(project: Project, runs: Sequence[Run]) -> None:
    """List series, newest first: one with runs to come is open at first."""
    series = list_series(project)
    if not series:
        return
    repeats = {one.series.series_id: one for one in list_repeats(series, runs)}
    shown = [one for one in series if one.series_id in repeats or _is_search(one, runs)]
    if not shown:
        return
    st.markdown(f"**Seeds and searches** &nbsp; :gray[{len(shown)}]")
    judged = [one for one in repeats.values() if one.spreads() and one.is_over]
    if len(judged) > 1:
        _against_each_other(judged)
    is_all = st.session_state.get(ALL_KEY, False)
    for one in shown if is_all else shown[:SHOWN_AT_FIRST]:
        _series_box(project, one, repeats.get(one.series_id), runs)
    if len(shown) > SHOWN_AT_FIRST:
        st.toggle(f"Show all {len(shown)}", key=ALL_KEY)


def _is_search(series: Series, runs: Sequence[Run]) -> bool:
    is_there = any(run.series_id == series.series_id for run in runs)
    return series.kind == "search" and is_there


def _series_box(
    project: Project, series: Series, repeats: Repeats | None, runs: Sequence[Run]
) -> None:
    title = seeds_title(repeats) if repeats else search_title(series)
    icon = ":material/casino:" if repeats else ":material/manage_search:"
    is_active = any(run.series_id == series.series_id and run.is_active for run in runs)
    key = f"train_series_{series.series_id}"
    # Kept as it was when the last run ends: `expanded` that turns would close it.
    st.session_state.setdefault(key, is_active)
    box = st.expander(escape(title), icon=icon, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        if repeats:
            seeds_card(repeats)
        else:
            search_card(project, series)


def _against_each_other(judged: Sequence[Repeats]) -> None:
    box = st.expander(
        "Recipes against each other",
        icon=":material/balance:",
        key="train_series_against",
        on_change="rerun",
    )
    if box.open:
        with box:
            recipes_by_seeds(judged)
