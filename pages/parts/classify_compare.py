"""Several runs side by side on the same pictures: where they agree and where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.predictions import Prediction, write_share
from pages.parts.classify_filter import chosen_rule
from pages.parts.classify_results import DIALOG, show_progress
from pages.parts.classify_source import find_batch
from pages.parts.picture_rows import Column, PictureRow, Said, picture_rows
from pages.parts.run_status import run_choice
from pages.parts.text import counted, number

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch, Picture
    from storage.projects import Project
    from storage.records import Run

RUNS_AT_MOST = 3
PER_PAGE = 24
OTHERS = "classify_others"
DIFFERENT = "classify_different"


def choose_others(run: Run, usable: Sequence[Run]) -> list[Run]:
    """Draw the popover of runs to compare with; return those chosen."""
    others = {one.run_id: one for one in usable if one.run_id != run.run_id}
    if not others:
        return []
    # A run that is the first now cannot be beside itself.
    chosen = [x for x in st.session_state.get(OTHERS) or () if x in others]
    words = f"Compared with {len(chosen)}" if chosen else "Compare"
    with st.popover(words, icon=":material/compare:", key="classify_compare"):
        if OTHERS in st.session_state:
            st.session_state[OTHERS] = chosen
        chosen = st.multiselect(
            "Other runs on the same pictures",
            list(others),
            format_func=lambda run_id: run_choice(others[run_id]),
            max_selections=RUNS_AT_MOST - 1,
            key=OTHERS,
            placeholder="Choose runs",
        )
    return [others[run_id] for run_id in chosen]


def show_compared(
    project: Project,
    runs: Sequence[Run],
    source_key: str,
    pictures: Sequence[Picture],
) -> None:
    """Read the pictures by one run after the other, and show what each says."""
    batches = [
        find_batch(project.name, run.run_id, source_key, pictures) for run in runs
    ]
    # No card has a dialog here, so none can be open.
    st.session_state[DIALOG] = False
    for batch in batches:
        batch.rule = chosen_rule()
    working = start_next(batches)
    if working is not None:
        at_work = runs[batches.index(working)].number
        st.caption(f"Run {at_work} is reading the pictures.")
        show_progress(working)
    both = read_by_all(batches)
    if both:
        show_rows(runs, batches, both)


def start_next(batches: Sequence[Batch]) -> Batch | None:
    """Start the first run that has not read all; return the one at work or stopped.

    One at a time: the predictor keeps few models, and loading one takes seconds.
    """
    for batch in batches:
        if len(batch.predictions) < len(batch.pictures):
            if batch.work is None or not (batch.work.is_alive or _has_stopped(batch)):
                batch.start(list(batch.pictures))
            return batch
    return None


def _has_stopped(batch: Batch) -> bool:
    work = batch.work
    return work is not None and bool(work.error or work.cancelled.is_set())


def read_by_all(batches: Sequence[Batch]) -> list[int]:
    """Return the pictures that every run has read or refused, in order."""
    return [
        n
        for n in batches[0].pictures
        if all(n in batch.predictions for batch in batches)
    ]


def show_rows(
    runs: Sequence[Run], batches: Sequence[Batch], numbers: Sequence[int]
) -> None:
    """Draw how far the runs agree, and the pictures."""
    readable = [n for n in numbers if not why_unread([b.answer(n) for b in batches])]
    different = [n for n in readable if is_different([b.answer(n) for b in batches])]
    with st.container(horizontal=True, vertical_alignment="center"):
        unread = len(numbers) - len(readable)
        words = agreement_words(len(readable), len(different), unread)
        st.markdown(words, width="stretch")
        only = st.toggle("Only where they differ", key=DIFFERENT)
    shown = different if only else numbers
    if not shown:
        st.caption("They say the same of every picture.")
        return
    pages = -(-len(shown) // PER_PAGE)
    key = "classify_compared_page"
    page = min(st.session_state.get(key) or 1, pages)
    rows = [
        row_of(runs, batches, n) for n in shown[(page - 1) * PER_PAGE : page * PER_PAGE]
    ]
    picture_rows(rows, key="classify_compared")
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=key)


def agreement_words(readable: int, different: int, unread: int) -> str:
    """Return on how many pictures the runs agree; those unread count nowhere."""
    if not readable:
        return f"{counted(unread, 'picture')} cannot be read."
    agree = readable - different
    words = f"The runs agree on **{agree} of {counted(readable, 'picture')}**"
    return f"{words}; {number(unread)} cannot be read." if unread else f"{words}."


def why_unread(found: Sequence[Prediction]) -> str:
    """Return why a picture could not be read by some run, "" where all read it."""
    return next((one.error for one in found if one.error), "")


def is_different(found: Sequence[Prediction]) -> bool:
    """Whether the runs say different labels of a picture."""
    return len({frozenset(one.labels) for one in found}) > 1


def row_of(runs: Sequence[Run], batches: Sequence[Batch], n: int) -> PictureRow:
    """Return what each run says of a picture; labels not all of them say stand out."""
    picture, found = batches[0].pictures[n], [batch.answer(n) for batch in batches]
    if error := why_unread(found):
        gone = "The picture cannot be read"
        return PictureRow(n, "", picture.name, careful=error, gone=gone)
    common = frozenset.intersection(*(frozenset(one.labels) for one in found))
    columns = [
        Column(
            f"Run {run.number}",
            said_of(one, common),
            "Doubtful" if one.is_doubtful else "",
        )
        for run, one in zip(runs, found, strict=True)
    ]
    return PictureRow(n, picture.url, picture.name, columns=columns)


def said_of(found: Prediction, common: frozenset[str]) -> list[Said]:
    """Return each label said, how sure, and whether another run does not say it."""
    said = [
        (name, write_share(found.probabilities.get(name, 0.0)), name not in common)
        for name in found.labels
    ]
    return said or [("none of the labels", "", bool(common))]
