"""The results of a batch: progress, the wall of cards, saving and downloads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.shopping_targets import list_targets, set_target
from pages.parts import prediction_saving, session
from pages.parts.classify_batch import CHUNK
from pages.parts.classify_dialogs import correct_labels, show_picture
from pages.parts.classify_filter import TABLE, nothing_words
from pages.parts.classify_queue import settle_queue
from pages.parts.classify_source import show_left_out
from pages.parts.classify_table import show_table
from pages.parts.classify_tools import results_toolbar
from pages.parts.classify_verdicts import note_verdict
from pages.parts.classify_why import show_reasons
from pages.parts.prediction_cards import (
    Card,
    CardClick,
    prediction_cards,
    take_clicks,
)
from pages.parts.similar_dialog import show_alike
from pages.parts.text import counted, escape
from storage.errors import StorageError
from storage.home import load_settings
from storage.labels import list_labels

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch, Saved
    from storage.projects import Project

CARDS_KEY = "classify_cards"
# Set while a dialog of a card is open.
DIALOG = "classify_dialog"
SHOWN_FOR_S = 2.0
CARDS_PER_PAGE = 24


def show_progress(batch: Batch) -> None:
    """Show what the predictor is doing; draw the page again as results come in."""
    work = batch.work
    if work is None:
        return
    is_alive = work.is_alive
    drawn, drawn_at = len(batch.predictions), time.monotonic()

    @st.fragment(run_every="0.5s" if is_alive else None)
    def follow() -> None:
        if is_alive and not work.is_alive:
            st.rerun()
        if is_alive and _is_time(len(batch.predictions), drawn, drawn_at):
            st.rerun()
        if is_alive:
            _progress_line(batch)

    follow()
    if not is_alive:
        _left_over(batch)


def _is_time(known: int, drawn: int, drawn_at: float) -> bool:
    """Whether enough came in since the page was drawn to draw it again.

    Never under an open dialog: drawing the page would close it.
    """
    if st.session_state.get(DIALOG):
        return False
    if not drawn:
        return known > 0
    is_enough = known - drawn >= max(CHUNK, drawn // 2)
    return is_enough and time.monotonic() - drawn_at > SHOWN_FOR_S


def settle(project: Project, batch: Batch) -> None:
    """Do what was clicked on cards, and look up what the project knows already.

    Call it before anything that shows which pictures are doubtful.
    """
    st.session_state[DIALOG] = False
    for click in take_clicks(CARDS_KEY):
        _act(project, batch, click)
    # a copy: the thread that classifies adds hashes meanwhile
    hashes = batch.hashes.copy()
    open_hashes = {n: hashes[n] for n in hashes if n not in batch.saved}
    batch.known = prediction_saving.find_known(project, open_hashes)
    settle_queue(project, batch)


def show_results(project: Project, batch: Batch, *, first: Sequence[int] = ()) -> None:
    """Draw the cards of what is known so far, `first` on top, with their tools."""
    numbers = [n for n in first if n in batch.predictions]
    known = [n for n in batch.pictures if n in batch.predictions]
    numbers += [n for n in known if n not in set(numbers)]
    unreadable = batch.unreadable()
    _show_unreadable(batch, unreadable)
    numbers = [n for n in numbers if not batch.predictions[n].error]
    if not numbers:
        return
    shown, choice = results_toolbar(project, batch, numbers)
    if not shown:
        st.caption(nothing_words(choice))
        return
    if choice.look == TABLE:
        shown = show_table(batch, shown, choice)
        if not shown:
            st.caption("Choose rows to correct or save these pictures.")
            return
    _show_cards(project, batch, shown)


def _show_unreadable(batch: Batch, numbers: Sequence[int]) -> None:
    """List the files without an answer; a card would have nothing to say or save."""
    files = [
        (batch.pictures[n].name, batch.predictions[n].error or "") for n in numbers
    ]
    if files:
        title = f"{counted(len(files), 'file')} could not be read"
        show_left_out(files, title, key="classify_unreadable")


def _show_cards(project: Project, batch: Batch, shown: Sequence[int]) -> None:
    pages = -(-len(shown) // CARDS_PER_PAGE)
    page = min(st.session_state.get("classify_page") or 1, pages)
    start = (page - 1) * CARDS_PER_PAGE
    exclusive = prediction_saving.exclusive_names(project)
    on_page = shown[start : start + CARDS_PER_PAGE]
    listed = _combinations_on_list(project)
    cards = [_card(batch, n, exclusive, listed) for n in on_page]
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
    batch.failures.pop(n, None)
    try:
        match click.act:
            case "save":
                batch.saved[n] = _save(project, batch, n)
                note_verdict(project, batch, n)
            case "undo" if n in batch.saved:
                one = batch.saved.pop(n)
                prediction_saving.undo_saved(project, one, who=session.who())
                note_verdict(project, batch, n)
            case "collect":
                batch.notes[n] = _put_on_list(project, batch, n)
            case "correct" | "picture" | "similar" | "why":
                st.session_state[DIALOG] = True
                _open_dialog(click.act, project, batch, n)
    except (StorageError, MLError, OSError) as error:
        batch.failures[n] = str(error)


def _open_dialog(act: str, project: Project, batch: Batch, n: int) -> None:
    if act == "correct":
        correct_labels(project, batch, n)
    elif act == "similar":
        show_alike(project, batch, n)
    elif act == "why":
        show_reasons(project, batch, n)
    else:
        show_picture(batch, n)


def _put_on_list(project: Project, batch: Batch, n: int) -> str:
    """Ask for pictures of the unseen combination; what the card then says."""
    names = batch.predictions[n].unseen_combination
    ids = {label.name: label.label_id for label in list_labels(project)}
    gone = [name for name in names if name not in ids]
    if gone or not names:
        return f"The project has no label {', '.join(gone)} any more."
    wanted = load_settings().thin_below
    set_target(project, [ids[name] for name in names], wanted)
    pictures = counted(wanted, "picture")
    return f"{' '.join(names)} is on the shopping list of Coverage: {pictures}."


def _save(project: Project, batch: Batch, n: int) -> Saved:
    exclusive = prediction_saving.exclusive_names(project)
    prediction, who = batch.answer(n), session.who()
    labels = prediction_saving.confirmed_labels(prediction, exclusive)
    saved = prediction_saving.save_labels(project, batch.pictures[n], labels, who=who)
    prediction_saving.note_doubt(project, batch.run_id, prediction, saved, who=who)
    return saved


def _combinations_on_list(project: Project) -> frozenset[frozenset[str]]:
    names = {label.label_id: label.name for label in list_labels(project)}
    targets = list_targets(project)
    return frozenset(frozenset(names[i] for i in t.label_ids) for t in targets)


def _card(
    batch: Batch,
    n: int,
    exclusive: frozenset[str],
    listed: frozenset[frozenset[str]],
) -> Card:
    picture, prediction = batch.pictures[n], batch.answer(n)
    saved = batch.saved.get(n)
    failure = batch.failures.get(n, "")
    note = failure or batch.notes.get(n, "")
    settled = batch.settled(n)
    if settled is not None and not note:
        start = "Saved as" if saved else "Already in the project as"
        note = f"{start} {', '.join(settled) or 'none of the labels'}."
    if n in batch.waiting and not note:
        note = "Waits in the labeling queue."
    return Card(
        number=n,
        url=picture.url,
        name=picture.name,
        prediction=prediction,
        confirmed=prediction_saving.confirmed_labels(prediction, exclusive),
        truth=picture.truth,
        saved=saved is not None,
        known=n in batch.known,
        on_list=frozenset(prediction.unseen_combination) in listed,
        note=note,
        failed=bool(failure),
    )
