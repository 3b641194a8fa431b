"""What can be done with all results at once: filter, save, take away as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.predictions import DOUBTS
from pages.parts import prediction_saving, result_files, session
from pages.parts.text import counted

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from pages.parts.result_files import Row
    from storage.projects import Project

# A zip is built in memory: 1,000 drawn pictures are about 100 MB.
ZIP_AT_MOST = 1000
ALL, DOUBTFUL_FIRST, DOUBTFUL = "All", "Doubtful first", "Only doubtful"
DOUBT_WORDS = {
    "far": "unlike anything in training",
    "unseen": "read as a combination never shown",
    "perhaps-unseen": "perhaps a combination never shown",
    "one-partner": "with a label that had one partner in training",
    "rare": "read as a combination hardly ever shown",
    "empty": "without a label",
    "unsure": "a close call",
}


def results_toolbar(project: Project, batch: Batch, numbers: list[int]) -> list[int]:
    """Draw filter, "Save all" and downloads; return the numbers to show."""
    doubtful = [n for n in numbers if batch.is_doubtful(n)]
    with st.container(
        horizontal=True, vertical_alignment="center", key="classify_toolbar"
    ):
        st.markdown(
            f"**{counted(len(numbers), 'picture')}** &nbsp; "
            f":gray[{len(doubtful)} doubtful]",
            width="stretch",
        )
        choice = st.segmented_control(
            "Show",
            (ALL, DOUBTFUL_FIRST, DOUBTFUL),
            default=ALL,
            required=True,
            key="classify_filter",
            label_visibility="collapsed",
        )
        shown = order_by_doubt(batch, numbers, doubtful, str(choice))
        _undo_save_all(project, batch)
        _save_all(project, batch, shown)
        _downloads(batch, shown)
    if doubtful:
        st.caption(doubt_sentence([batch.predictions[n].doubts[0] for n in doubtful]))
    return shown


def order_by_doubt(
    batch: Batch, numbers: list[int], doubtful: list[int], choice: str
) -> list[int]:
    """Return what to show, the most doubtful first unless all are wanted as they are.

    What a person has settled is not doubtful any more.
    """
    if choice == ALL:
        return numbers
    first = sorted(doubtful, key=lambda n: -batch.predictions[n].doubt)
    rest = [n for n in numbers if n not in set(doubtful)]
    return first if choice == DOUBTFUL else first + rest


def doubt_sentence(kinds: Sequence[str]) -> str:
    """Say how many are doubtful for what, the gravest first; one kind a picture."""
    counts = Counter(kinds)
    named = [f"{counts[kind]} {DOUBT_WORDS[kind]}" for kind in DOUBTS if counts[kind]]
    return f"Doubtful: {', '.join(named)}."


def _save_all(project: Project, batch: Batch, shown: Sequence[int]) -> None:
    """Draw the popover that saves the sure ones, or all of them."""
    wanted = [
        n for n in shown if batch.settled(n) is None and not batch.predictions[n].error
    ]
    sure = [n for n in wanted if not batch.is_doubtful(n)]
    with st.popover(
        "Save all …", icon=":material/playlist_add_check:", disabled=not wanted
    ):
        st.caption("They go into the project as confirmed labels.")
        if st.button(
            f"Save the sure ones ({len(sure)})",
            key="classify_save_sure",
            type="primary",
            disabled=not sure,
            width="stretch",
        ):
            _save_these(project, batch, sure)
        if len(wanted) > len(sure) and st.button(
            f"Save all {len(wanted)}, doubtful ones included",
            key="classify_save_all",
            width="stretch",
        ):
            _save_these(project, batch, wanted)


def _save_these(project: Project, batch: Batch, wanted: Sequence[int]) -> None:
    rows = [(batch.pictures[n], batch.predictions[n]) for n in wanted]
    saved = prediction_saving.save_many(project, rows, who=session.who())
    batch.saved |= saved
    for n in set(wanted) - set(saved):
        batch.notes[n] = "Had labels already; left as it is."
    session.flash(f"{counted(len(saved), 'picture')} saved to the project.")
    st.rerun()


def _undo_save_all(project: Project, batch: Batch) -> None:
    bulks = {one.batch_id for one in batch.saved.values() if one.is_bulk}
    if not bulks:
        return
    if st.button("Undo save all", key="classify_undo_all", icon=":material/undo:"):
        for batch_id in bulks:
            prediction_saving.undo_bulk(project, batch_id, who=session.who())
        batch.saved = {n: s for n, s in batch.saved.items() if not s.is_bulk}
        session.flash("Taken back: the pictures are as they were before.")
        st.rerun()


def _downloads(batch: Batch, shown: Sequence[int]) -> None:
    rows = _rows(batch, shown)
    with st.popover("Download", icon=":material/download:"):
        # Built on click: a rerun must not draw a thousand pictures.
        st.download_button(
            "All results as CSV",
            lambda: result_files.results_csv(rows),
            file_name="predictions.csv",
            mime="text/csv",
            key="classify_csv",
            icon=":material/table:",
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


def _rows(batch: Batch, numbers: Sequence[int]) -> list[Row]:
    return [
        (batch.pictures[n], batch.predictions[n], batch.settled(n)) for n in numbers
    ]
