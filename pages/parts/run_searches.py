"""A search as a card: which round it is in, what was tried, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.config import TrainConfig
from mlcore.errors import MLError
from mlcore.recipes import RECIPES
from mlcore.run_compare import setting_title
from mlcore.run_search import STRENGTH, Tried, best_config, rank
from pages.parts.run_again import take_settings
from pages.parts.run_status import STATE_LOOKS
from pages.parts.text import counted, escape
from storage.run_series import runs_of_series

if TYPE_CHECKING:
    import pandas as pd

    from storage.projects import Project
    from storage.records import Run
    from storage.run_series import Series

ROW_PX = 36
TITLES = {STRENGTH: "Augmentation strength"}


def search_title(series: Series) -> str:
    """Return "Search of Clothes tutorial · 6 settings" as plain text."""
    recipe = RECIPES.get(series.title)
    tries = counted(len(series.plan.get("tries", [])), "setting")
    return f"Search of {recipe.plain if recipe else series.title} · {tries}"


def search_card(project: Project, series: Series) -> None:
    """Draw progress, the ranking, and the way to use the best settings."""
    runs = runs_of_series(project, series.series_id)
    if not runs:
        st.caption("All runs of this search were deleted.")
        return
    if any(run.is_active for run in runs) or not series.plan["is_advanced"]:
        _progress(series, runs)
    if problem := series.plan.get("problem"):
        st.caption(f":orange[:material/info:] {escape(str(problem))}")
    try:
        tried = rank(project, series)
        best = best_config(tried, series)
    except MLError as error:
        st.caption(f":orange[:material/info:] {escape(str(error))}")
        return
    _ranking(series, tried)
    _end_words(tried, best)
    if best is not None:
        st.button(
            "Use the best settings",
            key=f"train_best_{series.series_id}",
            icon=":material/tune:",
            on_click=take_settings,
            args=(project.name, best.as_json()),
        )


def _progress(series: Series, runs: Sequence[Run]) -> None:
    plan = series.plan
    short = int(plan.get("short_epochs") or 0)
    first = [run for run in runs if not short or run.epochs_total <= short]
    now = [run for run in runs if run not in first] or first
    done = len([run for run in now if not run.is_active])
    words = f"{done} of {len(now)} runs done"
    if short:
        turn, epochs = (1, short) if now is first else (2, now[0].epochs_total)
        words = f"Round {turn} of 2, {counted(epochs, 'epoch')} each: {words}"
    st.progress(done / len(now), text=words)
    if short and now is first:
        st.caption(
            f"The best {plan['whole']} of them are then trained for all "
            f"{plan['config']['epochs']} epochs."
        )


def _ranking(series: Series, tried: Sequence[Tried]) -> None:
    frame = ranking_frame(tried)
    st.dataframe(
        frame,
        key=f"train_ranking_{series.series_id}",
        hide_index=True,
        column_config={
            "Run": st.column_config.NumberColumn(
                format="Run %d", pinned=True, width=70
            ),
            # as it is: four digits would make 0.00033 another rate
            setting_title("learning_rate"): st.column_config.NumberColumn(format="%g"),
            setting_title("regularisation"): st.column_config.NumberColumn(format="%g"),
        },
        row_height=ROW_PX,
        height=ROW_PX * (len(frame) + 1) + 4,
    )


def ranking_frame(tried: Sequence[Tried]) -> pd.DataFrame:
    """Return a row a run, best first; the figures are those of validation."""
    import pandas as pd

    names = list(dict.fromkeys(name for one in tried for name in one.changes))
    rows: list[dict[str, Any]] = []
    for one in tried:
        row: dict[str, Any] = {"Run": one.run.number}
        row["Exact match"] = f"{one.score[0] * 100:.1f} %" if one.score else ""
        row |= {TITLES.get(n) or setting_title(n): one.changes.get(n) for n in names}
        row["Epochs"] = one.run.epochs_total
        row["Loss"] = f"{-one.score[1]:.3f}" if one.score else ""
        row["State"] = STATE_LOOKS[one.run.state].word
        rows.append(row)
    return pd.DataFrame(rows)


def _end_words(tried: Sequence[Tried], best: TrainConfig | None) -> None:
    if best is not None:
        st.caption(
            "Ranked by exact match on the validation pictures, then by loss. One seed "
            "each: small differences may be chance. Repeat the best before you rely "
            "on it."
        )
    elif not any(one.run.is_active for one in tried):
        st.caption("No run of this search left a model; the runs below say why.")
