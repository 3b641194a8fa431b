"""A series of seeds: how far it is, mean and spread, and recipes against each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.run_compare import data_note, figure_of
from mlcore.run_series import Repeats, Spread
from mlcore.run_verdict import compare_spreads, missing_words, spread_words
from pages.parts.run_status import recipe_title
from pages.parts.run_table import FIGURES
from pages.parts.text import counted, escape

if TYPE_CHECKING:
    import pandas as pd

ROW_PX = 36


def seeds_title(repeats: Repeats) -> str:
    """Return "Clothes tutorial · seeds from run 5 on" as plain text.

    The number of runs may grow, and a box whose title changes closes by itself.
    """
    first = repeats.runs[0]
    return f"{recipe_title(first)} · seeds from run {first.number} on"


def _short_name(repeats: Repeats) -> str:
    numbers = ", ".join(str(run.number) for run in repeats.runs)
    return f"{recipe_title(repeats.runs[0])} (runs {numbers})"


def seeds_card(repeats: Repeats) -> None:
    """Draw progress, the sentence on chance and the figures of each seed."""
    done = len([run for run in repeats.runs if not run.is_active])
    if not repeats.is_over:
        total = len(repeats.runs)
        st.progress(done / total, text=f"{done} of {total} runs done")
    spreads = repeats.spreads()
    if "exact_match" in spreads:
        _exact_words(spreads["exact_match"], repeats)
    if reason := missing_words(repeats):
        st.caption(f":orange[:material/info:] {reason}")
    if spreads:
        frame = seeds_frame(repeats)
        st.dataframe(
            frame,
            key=f"train_seeds_table_{repeats.series.series_id}",
            hide_index=True,
            column_config={"Figure": st.column_config.TextColumn(pinned=True)},
            row_height=ROW_PX,
            height=ROW_PX * (len(frame) + 1) + 4,
        )


def _exact_words(exact: Spread, repeats: Repeats) -> None:
    """Say what chance does; nothing of it while seeds are missing."""
    if repeats.is_over:
        st.markdown(spread_words(exact, "Exact match"))
        return
    seeds = f"{len(exact.values)} of {counted(len(repeats.runs), 'seed')}"
    st.markdown(
        f"Exact match: {_share(exact.mean)} on average of {seeds}. What chance does "
        "is said when all are done."
    )


def seeds_frame(repeats: Repeats) -> pd.DataFrame:
    """Return a row a figure: mean, least, most, and each run's own."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for name, title in (*FIGURES.items(), ("seconds", "Seconds")):
        spread = repeats.spreads().get(name)
        if spread is None:
            continue
        shown = _seconds if name == "seconds" else _share
        row = {
            "Figure": title,
            "Mean": shown(spread.mean),
            "Lowest": shown(min(spread.values)),
            "Highest": shown(max(spread.values)),
        }
        for run in repeats.usable:
            value = run.seconds if name == "seconds" else figure_of(run, name)
            seed = f"Run {run.number}, seed {run.config.get('seed')}"
            row[seed] = "" if value is None else shown(value)
        rows.append(row)
    return pd.DataFrame(rows)


def _share(value: float) -> str:
    return f"{value * 100:.1f} %"


def _seconds(value: float) -> str:
    return f"{value:.0f} s"


def recipes_by_seeds(series: Sequence[Repeats]) -> None:
    """Draw series of seeds against each other: means, ranges, and what they allow."""
    name = st.selectbox(
        "Figure",
        list(FIGURES),
        format_func=FIGURES.__getitem__,
        key="train_seeds_figure",
        width=240,
        persist_state="session",
    )
    found = [
        (_short_name(one), spread)
        for one in series
        if (spread := one.spreads().get(name)) is not None
    ]
    found.sort(key=lambda one: one[1].mean, reverse=True)
    st.dataframe(
        _ranges_frame(found),
        key="train_seeds_ranges",
        hide_index=True,
        row_height=ROW_PX,
        height=ROW_PX * (len(found) + 1) + 4,
    )
    for other in found[1:]:
        st.markdown(f"- {escape(compare_spreads(found[0], other))}")
    note = data_note([run for one in series for run in one.usable])
    st.caption(note)


def _ranges_frame(found: Sequence[tuple[str, Spread]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "Series": [name for name, _ in found],
            "Mean": [_share(spread.mean) for _, spread in found],
            "Lowest": [_share(min(spread.values)) for _, spread in found],
            "Highest": [_share(max(spread.values)) for _, spread in found],
        }
    )
