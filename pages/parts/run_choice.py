"""Choosing runs to compare, and the three ways to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.best_run import unseen_share
from pages.parts.run_overlay import overlay
from pages.parts.run_status import best_metric, recipe_title
from pages.parts.run_table import runs_table
from pages.parts.text import percent
from storage.projects import open_project
from storage.runs import list_epochs, list_runs

if TYPE_CHECKING:
    from storage.records import Run

COMPARE_KEY = "train_compare"
CHOSEN_KEY = "train_compare_runs"
AT_FIRST = 4
RECIPES_AT_FIRST = 3
MOST = 12


def compare_runs(project_name: str, runs: Sequence[Run]) -> None:
    """Offer the comparison; it is drawn only while it is open, for it is heavy."""
    if len(runs) < 2:
        return
    box = st.expander(
        "Compare runs",
        icon=":material/compare_arrows:",
        key=COMPARE_KEY,
        on_change="rerun",
    )
    if not box.open:
        return
    is_live = any(run.is_active for run in runs)

    @st.fragment(run_every="2s" if is_live else None)
    def follow() -> None:
        with open_project(project_name) as project:
            chosen = _choose(project_name, list_runs(project))
            unseen = {run.run_id: unseen_share(project, run) for run in chosen}
            epochs = {run.run_id: list_epochs(project, run.run_id) for run in chosen}
        if len(chosen) < 2:
            st.caption("Choose two runs or more.")
            return
        table, curves = st.tabs(("Table", "Curves"))
        with table:
            runs_table(chosen, unseen)
        with curves:
            overlay(chosen, epochs)

    with box:
        follow()


def _choose(project_name: str, runs: Sequence[Run]) -> list[Run]:
    by_id = {run.run_id: run for run in runs}
    state: Any = st.session_state
    key = f"{CHOSEN_KEY}:{project_name}"
    # A run that was deleted since is no option any more.
    state[key] = [run_id for run_id in state.get(key, _first(runs)) if run_id in by_id]
    chosen = st.multiselect(
        "Runs",
        list(by_id),
        key=key,
        format_func=lambda run_id: _option(by_id[run_id]),
        max_selections=MOST,
        select_all=False,
        persist_state="session",
    )
    return sorted((by_id[run_id] for run_id in chosen), key=lambda run: -run.number)


def _option(run: Run) -> str:
    """Name a run; the figure stands early, for a phone cuts the end off."""
    score = best_metric(run, "exact_match") if run.is_usable else None
    figure = "" if score is None else f"{percent(score)} · "
    return f"Run {run.number} · {figure}{recipe_title(run)}"


def _first(runs: Sequence[Run]) -> list[str]:
    """Return the best run of each of a few recipes; of one alone, the newest runs."""
    best: dict[str, Run] = {}
    for run in runs:
        if run.is_usable and _exact(run) > _exact(best.get(run.recipe)):
            best[run.recipe] = run
    if len(best) > 1:
        chosen = sorted(best.values(), key=_exact, reverse=True)[:RECIPES_AT_FIRST]
        return [run.run_id for run in chosen]
    shown = [run.run_id for run in runs if run.is_usable or run.state == "running"]
    return shown[:AT_FIRST]


def _exact(run: Run | None) -> float:
    """Return the exact match, -1 where it is not known, less where there is no run."""
    if run is None:
        return -2.0
    score = best_metric(run, "exact_match")
    return -1.0 if score is None else score
