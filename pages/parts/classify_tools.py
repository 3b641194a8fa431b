"""What can be done with all results at once: filter, save, take away as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.predictions import DOUBTS
from pages.parts import prediction_saving, session
from pages.parts.classify_downloads import downloads
from pages.parts.classify_filter import (
    Choice,
    choose_look,
    choose_order,
    choose_shown,
    pick_in_place,
)
from pages.parts.classify_queue import memory_menu, show_queue
from pages.parts.classify_verdicts import note_verdict
from pages.parts.run_status import best_metric
from pages.parts.text import counted, escape
from storage.errors import StorageError
from storage.run_imports import IMPORTED
from storage.runs import get_run

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project
    from storage.records import Run

# Of a run right on all labels at least this often, doubt is rare enough to speak alone.
OFTEN_RIGHT = 0.75

DOUBT_WORDS = {
    "far": "unlike anything in training",
    "unseen": "read as a combination never shown",
    "perhaps-unseen": "perhaps a combination never shown",
    "one-partner": "with a label that had one partner in training",
    "rare": "read as a combination hardly ever shown",
    "empty": "without a label",
    "unsure": "a close call",
}


def results_toolbar(
    project: Project, batch: Batch, numbers: list[int]
) -> tuple[list[int], Choice]:
    """Draw what to show and what to do with it; return the numbers, and how."""
    doubtful = [n for n in numbers if batch.is_doubtful(n)]
    with st.container(
        horizontal=True, vertical_alignment="center", key="classify_toolbar"
    ):
        st.markdown(
            f"**{counted(len(numbers), 'picture')}** &nbsp; "
            f":gray[{len(doubtful)} doubtful]",
            width="stretch",
        )
        shown_kind, look = choose_shown(), choose_look()
        choice = Choice(shown_kind, *choose_order(batch, numbers), look)
    if doubtful:
        words = doubt_sentence([batch.predictions[n].doubts[0] for n in doubtful])
        own = often_wrong_sentence(get_run(project, batch.run_id))
        st.caption(f"{own} {words}".strip())
    shown = pick_in_place(batch, numbers, choice)
    with st.container(
        horizontal=True, vertical_alignment="center", key="classify_actions"
    ):
        _undo_save_all(project, batch)
        _save_all(project, batch, shown)
        show_queue(project, batch)
        st.space("stretch")
        downloads(batch, [*shown, *batch.unreadable()])
        memory_menu(project, batch.unremembered)
    _undo_last(project, batch, shown)
    return shown, choice


def doubt_sentence(kinds: Sequence[str]) -> str:
    """Say how many are doubtful for what, the gravest first; one kind a picture."""
    counts = Counter(kinds)
    named = [f"{counts[kind]} {DOUBT_WORDS[kind]}" for kind in DOUBTS if counts[kind]]
    return f"Doubtful: {', '.join(named)}."


def often_wrong_sentence(run: Run) -> str:
    """Say that so much doubt is earned, where a run is often wrong; else ""."""
    right = best_metric(run, "exact_match")
    if right is None or right >= OFTEN_RIGHT or run.recipe == IMPORTED:
        return ""
    return (
        f"Run {run.number} was right on all labels of {right * 100:.0f} in 100 "
        "held-out pictures, so many of its answers are doubtful."
    )


def _save_all(project: Project, batch: Batch, shown: Sequence[int]) -> None:
    """Draw the popover that saves the sure ones, or all of them."""
    wanted = [n for n in shown if batch.settled(n) is None]
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
    rows = [(batch.pictures[n], batch.answer(n)) for n in wanted]
    saved = prediction_saving.save_many(project, rows, who=session.who())
    batch.saved |= saved
    for n in set(wanted) - set(saved):
        batch.notes[n] = "Had labels already; left as it is."
    session.flash(f"{counted(len(saved), 'picture')} saved to the project.")
    st.rerun()


def _undo_last(project: Project, batch: Batch, shown: Sequence[int]) -> None:
    """Offer to take the last save back where a filter has hidden its card."""
    # A dict keeps the order of saving.
    alone = (n for n, one in reversed(batch.saved.items()) if not one.is_bulk)
    number = next(alone, None)
    if number is None or number in shown:
        return
    name, labels = batch.pictures[number].name, batch.saved[number].labels
    said = escape(", ".join(labels)) or "none of the labels"
    with st.container(
        horizontal=True, vertical_alignment="center", key="classify_last"
    ):
        st.caption(f"Last saved: {escape(name)} as {said}.", width="content")
        if st.button(
            "Undo", key="classify_undo_last", icon=":material/undo:", type="tertiary"
        ):
            _take_back(project, batch, number)


def _take_back(project: Project, batch: Batch, number: int) -> None:
    try:
        prediction_saving.undo_saved(project, batch.saved[number], who=session.who())
    except (StorageError, MLError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    del batch.saved[number]
    note_verdict(project, batch, number)
    session.flash("Taken back: the picture is as it was before.")
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
