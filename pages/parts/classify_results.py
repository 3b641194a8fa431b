"""The results of a batch: progress, the wall of cards, saving and downloads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from pages.parts import prediction_saving, result_files, session
from pages.parts.classify_batch import is_doubtful
from pages.parts.classify_dialogs import correct_labels, show_picture
from pages.parts.prediction_cards import Card, CardClick, prediction_cards, take_clicks
from pages.parts.text import counted, escape
from storage.errors import StorageError

if TYPE_CHECKING:
    from mlcore.predictions import Prediction
    from pages.parts.classify_batch import Batch, Picture, Saved
    from storage.projects import Project

CARDS_KEY = "classify_cards"
CARDS_PER_PAGE = 24
# A zip is built in memory: 1,000 drawn pictures are about 100 MB.
ZIP_AT_MOST = 1000
ALL, DOUBTFUL = "All", "Only doubtful"


def show_progress(batch: Batch) -> None:
    """Show what the predictor is doing; redraw the page once when it is done."""
    work = batch.work
    if work is None:
        return
    is_alive = work.is_alive

    @st.fragment(run_every="0.5s" if is_alive else None)
    def follow() -> None:
        if is_alive and not work.is_alive:
            st.rerun()
        if is_alive:
            _progress_line(batch)

    follow()
    if not is_alive:
        _left_over(batch)


def show_results(project: Project, batch: Batch, *, first: Sequence[int] = ()) -> None:
    """Draw the cards of what is known so far, `first` on top, with their tools."""
    for click in take_clicks(CARDS_KEY):
        _act(project, batch, click)
    numbers = [n for n in first if n in batch.predictions]
    numbers += [n for n in sorted(batch.predictions) if n not in set(numbers)]
    if not numbers:
        return
    shown = _toolbar(project, batch, numbers)
    if not shown:
        st.caption("No doubtful pictures: every reading is clear and was seen before.")
        return
    pages = -(-len(shown) // CARDS_PER_PAGE)
    page = min(st.session_state.get("classify_page") or 1, pages)
    start = (page - 1) * CARDS_PER_PAGE
    exclusive = prediction_saving.exclusive_names(project)
    on_page = shown[start : start + CARDS_PER_PAGE]
    cards = [_card(batch, n, exclusive) for n in on_page]
    prediction_cards(cards, key=CARDS_KEY, batch=batch.key)
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key="classify_page")


def _progress_line(batch: Batch) -> None:
    work = batch.work
    assert work is not None
    total = len(work.wanted)
    words = f"Read {work.done} of {counted(total, 'picture')}"
    if not work.done:
        words = "Loading the model; the first answer takes a few seconds …"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(work.done / total, text=words)
        if st.button("Cancel", key="classify_cancel", disabled=work.cancelled.is_set()):
            work.cancelled.set()


def _left_over(batch: Batch) -> None:
    """Say why pictures are still unread, and offer to go on."""
    work = batch.work
    assert work is not None
    unread = [p.number for p in work.wanted if p.number not in batch.predictions]
    if not unread:
        return
    reason = work.error or (
        "Cancelled." if work.cancelled.is_set() else "The predictor ended too early."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":orange[:material/info:] {escape(reason)} "
            f"{counted(len(unread), 'picture')} not read.",
            width="stretch",
        )
        if st.button("Go on", key="classify_go_on", icon=":material/play_arrow:"):
            batch.start(unread)
            st.rerun()


def _act(project: Project, batch: Batch, click: CardClick) -> None:
    """Do what a click asks; what goes wrong is written on its card."""
    n = click.number
    if n not in batch.predictions:
        return
    batch.notes.pop(n, None)
    try:
        match click.act:
            case "save":
                batch.saved[n] = _save(project, batch, n)
            case "undo" if n in batch.saved:
                one = batch.saved.pop(n)
                prediction_saving.undo_saved(project, one, who=session.who())
            case "correct":
                correct_labels(project, batch, n)
            case "picture":
                show_picture(batch, n)
    except (StorageError, MLError, OSError) as error:
        batch.notes[n] = str(error)


def _save(project: Project, batch: Batch, n: int) -> Saved:
    exclusive = prediction_saving.exclusive_names(project)
    labels = prediction_saving.confirmed_labels(batch.predictions[n], exclusive)
    return prediction_saving.save_labels(
        project, batch.pictures[n], labels, who=session.who()
    )


def _card(batch: Batch, n: int, exclusive: frozenset[str]) -> Card:
    picture, prediction = batch.pictures[n], batch.predictions[n]
    saved = batch.saved.get(n)
    note = batch.notes.get(n) or prediction.error or ""
    failed = bool(note)
    if saved and not note:
        note = f"Saved as {', '.join(saved.labels) or 'none of the labels'}."
    return Card(
        number=n,
        url=picture.url,
        name=picture.name,
        prediction=prediction,
        confirmed=prediction_saving.confirmed_labels(prediction, exclusive),
        truth=picture.truth,
        saved=saved is not None,
        note=note,
        failed=failed,
    )


def _toolbar(project: Project, batch: Batch, numbers: list[int]) -> list[int]:
    """Draw filter, "Save all" and downloads; return the numbers to show."""
    doubtful = [n for n in numbers if is_doubtful(batch.predictions[n])]
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
            (ALL, DOUBTFUL),
            default=ALL,
            required=True,
            key="classify_filter",
            label_visibility="collapsed",
        )
        shown = doubtful if choice == DOUBTFUL else numbers
        _undo_save_all(project, batch)
        _save_all(project, batch, shown)
        _downloads(batch, shown)
    return shown


def _save_all(project: Project, batch: Batch, shown: Sequence[int]) -> None:
    wanted = [
        n for n in shown if n not in batch.saved and not batch.predictions[n].error
    ]
    with st.popover(
        "Save all …", icon=":material/playlist_add_check:", disabled=not wanted
    ):
        doubtful = sum(is_doubtful(batch.predictions[n]) for n in wanted)
        st.markdown(
            f"Save {counted(len(wanted), 'picture')} with the labels shown as "
            "confirmed? Pictures that have labels already stay as they are."
        )
        if doubtful:
            st.caption(f":orange[:material/warning:] {doubtful} of them are doubtful.")
        if st.button("Save them", key="classify_save_all", type="primary"):
            saved = prediction_saving.save_many(
                project, _rows(batch, wanted), who=session.who()
            )
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
            lambda: result_files.results_csv([prediction for _, prediction in rows]),
            file_name="predictions.csv",
            mime="text/csv",
            key="classify_csv",
            icon=":material/table:",
            on_click="ignore",
            width="stretch",
        )
        st.download_button(
            "Pictures with labels (zip)",
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


def _rows(batch: Batch, numbers: Sequence[int]) -> list[tuple[Picture, Prediction]]:
    return [(batch.pictures[n], batch.predictions[n]) for n in numbers]
