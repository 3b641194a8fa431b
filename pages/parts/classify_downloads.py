"""Results taken away: as a table, as JSON, as pictures with labels drawn on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import result_files

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from pages.parts.result_files import Row

# A zip is built in memory: 1,000 drawn pictures are about 100 MB.
ZIP_AT_MOST = 1000
# Title, kind, icon and what makes its content.
File = tuple[str, str, str, Callable[[], bytes | str]]


def downloads(batch: Batch, shown: Sequence[int]) -> None:
    """Draw the popover with the files of the results that are shown."""
    rows = rows_of(batch, shown)
    about = {"run": batch.run_id, "labels": str(batch.rule)}
    with st.popover("Download", icon=":material/download:", disabled=not rows):
        for name, (title, mime, icon, make) in files_of(rows, about).items():
            st.download_button(
                title,
                make,
                file_name=f"predictions.{name}",
                mime=mime,
                key=f"classify_{name}",
                icon=icon,
                on_click="ignore",
                width="stretch",
            )
        if len(rows) > ZIP_AT_MOST:
            st.caption(f"The zip holds the first {ZIP_AT_MOST} pictures.")


def files_of(rows: list[Row], about: dict[str, str]) -> dict[str, File]:
    """Return title, kind, icon and maker of each file, by its ending.

    Made on click: a rerun must not draw a thousand pictures.
    """
    return {
        "csv": (
            "Results as CSV",
            "text/csv",
            ":material/table:",
            lambda: result_files.results_csv(rows),
        ),
        "json": (
            "Results as JSON",
            "application/json",
            ":material/data_object:",
            lambda: result_files.results_json(rows, about),
        ),
        "zip": (
            "Pictures with labels drawn on them (zip)",
            "application/zip",
            ":material/folder_zip:",
            lambda: result_files.drawn_zip(rows[:ZIP_AT_MOST]),
        ),
    }


def rows_of(batch: Batch, numbers: Sequence[int]) -> list[Row]:
    """Return picture, answer and what a person saved, of each of these."""
    return [(batch.pictures[n], batch.answer(n), batch.settled(n)) for n in numbers]
