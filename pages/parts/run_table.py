"""Runs beside each other as a table: figures, time, data, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.config_fields import FIELDS, FIELDS_BY_NAME
from mlcore.run_compare import Comparison, compare, data_note, figure_of, setting_title
from mlcore.setting_words import choice_words
from pages.parts.run_status import STATE_LOOKS, recipe_title

if TYPE_CHECKING:
    import pandas as pd

    from storage.records import Run

FIGURES = {
    "exact_match": "Exact match",
    "f2": "F2",
    "binary_accuracy": "Binary accuracy",
    "micro_f1": "Micro F1",
    "macro_f1": "Macro F1",
    "mean_average_precision": "Mean avg. precision",
}

UNSEEN = "Unseen combinations"

ON_PHONES_ONLY = """<style>
@media (min-width: 641px) {
  :has(> .st-key-train_compare_swipe) { display: none; }
}
</style>"""


def runs_table(runs: Sequence[Run], unseen: Mapping[str, float | None]) -> None:
    """Draw the table, the note on data and the download.

    `unseen` is how often each run is right on combinations left out of training.
    """
    comparison = compare(runs)
    frame = frame_of(comparison, unseen)
    st.dataframe(
        _in_words(frame),
        key="train_compare_table",
        hide_index=True,
        column_config={**_setting_columns(comparison), **_columns()},
        row_height=36,
        height=36 * (len(frame) + 1) + 4,
    )
    with st.container(key="train_compare_swipe", gap=None):
        st.html(ON_PHONES_ONLY)
        st.caption("Swipe for more columns →", text_alignment="right")
    note = data_note(runs)
    if note:
        is_same = len(set(comparison.data.values())) == 1
        icon = ":gray[:material/dataset:]" if is_same else ":orange[:material/warning:]"
        st.caption(f"{icon} {note}")
    st.download_button(
        "CSV",
        lambda: frame.to_csv(index=False).encode(),
        file_name="runs.csv",
        mime="text/csv",
        key="train_compare_csv",
        icon=":material/download:",
        on_click="ignore",
        help="This table; figures as parts of 1.",
    )


def frame_of(
    comparison: Comparison, unseen: Mapping[str, float | None] | None = None
) -> pd.DataFrame:
    """Return one row a run; a figure that is not there yet is empty."""
    import pandas as pd

    runs = comparison.runs
    columns: dict[str, list[Any]] = {
        "Run": [run.number for run in runs],
        # Beside the number, so that a phone shows both.
        FIGURES["exact_match"]: [figure_of(run, "exact_match") for run in runs],
        "Recipe": [recipe_title(run) for run in runs],
    }
    left_out = [(unseen or {}).get(run.run_id) for run in runs]
    if any(share is not None for share in left_out):
        columns[UNSEEN] = left_out
    for name in comparison.settings:
        columns[setting_title(name)] = _setting_column(comparison, name)
    if any(run.state != "finished" for run in runs):
        columns["State"] = [STATE_LOOKS[run.state].word for run in runs]
    for name, title in FIGURES.items():
        columns.setdefault(title, [figure_of(run, name) for run in runs])
    columns["Seconds"] = [run.seconds or None for run in runs]
    columns["Data"] = [comparison.data[run.run_id] for run in runs]
    columns["Seed"] = [run.config.get("seed") for run in runs]
    return pd.DataFrame(columns)


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is read on the page; the file keeps what is exact."""
    titles = [title for title in (*FIGURES.values(), UNSEEN) if title in frame]
    shown = frame.assign(**{t: frame[t].astype(float) * 100 for t in titles})
    for field in FIELDS:
        if field.kind == "choice" and field.title in shown:
            words = choice_words(field.name)
            shown[field.title] = [v and words(v) for v in shown[field.title]]
    return shown


def _setting_column(comparison: Comparison, name: str) -> list[Any]:
    """Return the values of a setting; empty where it does not count."""
    values = [comparison.values[run.run_id].get(name) for run in comparison.runs]
    return [
        ("on" if value else "off") if isinstance(value, bool) else value
        for value in values
    ]


def _setting_columns(comparison: Comparison) -> dict[str, Any]:
    """Return numbers as they are: four digits would make 0.00033 another rate."""
    return {
        setting_title(name): st.column_config.NumberColumn(format="%g")
        for name in comparison.settings
        if FIELDS_BY_NAME[name].kind == "float"
    }


def _columns() -> dict[str, Any]:
    numbers = st.column_config
    shares = {
        title: numbers.NumberColumn(title, format="%.1f %%", width=90)
        for title in FIGURES.values()
    }
    return {
        "Run": numbers.NumberColumn("Run", format="Run %d", pinned=True, width=70),
        "Seconds": numbers.NumberColumn("Seconds", format="%.0f", width=80),
        "Data": numbers.TextColumn(
            "Data", width=70, help="The same letter: the same pictures and answers."
        ),
        "Seed": numbers.NumberColumn("Seed", format="%d", width=70),
        UNSEEN: numbers.NumberColumn(
            UNSEEN,
            format="%.1f %%",
            width=150,
            help="How often right on combinations left out of training, each in turn.",
        ),
        **shares,
    }
