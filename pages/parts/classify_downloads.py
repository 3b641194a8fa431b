"""Results taken away: as a table, as JSON, as pictures with labels drawn on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import result_files

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from pages.parts.result_files import Row

# A zip is built in memory: 1,000 drawn pictures are about 100 MB.
ZIP_AT_MOST = 1000


def downloads(batch: Batch, shown: Sequence[int]) -> None:
    """Draw the popover with the files of the results that are shown."""
    rows = rows_of(batch, shown)
    about = {"run": batch.run_id, "labels": str(batch.rule)}
    with st.popover("Download", icon=":material/download:", disabled=not rows):
        # Built on click: a rerun must not draw a thousand pictures.
        st.download_button(
            "Results as CSV",
            lambda: result_files.results_csv(rows),
            file_name="predictions.csv",
            mime="text/csv",
            key="classify_csv",
            icon=":material/table:",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "Results as JSON",
            lambda: result_files.results_json(rows, about),
            file_name="predictions.json",
            mime="application/json",
            key="classify_json",
            icon=":material/data_object:",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "Pictures with labels drawn on them (zip)",
            lambda: result_files.drawn_zip(rows[:ZIP_AT_MOST]),
            file_name="predictions.zip",
            mime="application/zip",
            key="classify_zip",
            icon=":material/folder_zip:",
            on_click="ignore",
            width="stretch",
        )
        if len(rows) > ZIP_AT_MOST:
            st.caption(f"The zip holds the first {ZIP_AT_MOST} pictures.")


def rows_of(batch: Batch, numbers: Sequence[int]) -> list[Row]:
    """Return picture, answer and what a person saved, of each of these."""
    return [(batch.pictures[n], batch.answer(n), batch.settled(n)) for n in numbers]
