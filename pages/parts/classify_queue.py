"""What comes after classifying: doubtful pictures to label, and what is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.classified import is_remembering, set_remembering
from mlcore.errors import MLError
from pages.parts import prediction_saving, session
from pages.parts.text import counted, escape, number
from storage.classified import KEPT_AT_MOST, count_classified, forget_classified
from storage.doubted import count_open_doubted, open_doubted_of
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project

MENU = "classify_memory"
REMEMBER = "classify_remember"
QUEUE = "classified"


def settle_queue(project: Project, batch: Batch) -> None:
    """Look up which of these pictures wait in the labeling queue."""
    hashes = batch.hashes.copy()
    waiting = open_doubted_of(project, hashes.values())
    batch.waiting = {n for n, sha256 in hashes.items() if sha256 in waiting}


def show_queue(project: Project, batch: Batch) -> None:
    """Draw the way of doubtful pictures to the labeling queue."""
    wanted = [n for n in batch.doubtful() if n not in batch.waiting]
    _put_button(project, batch, wanted)
    _label_button(project, count_open_doubted(project))
    _undo_button(project, batch)


def show_memory(project: Project) -> None:
    """Say what is remembered before anything is classified."""
    words = "Names and readings are remembered on this machine, not the pictures."
    if not is_remembering(project):
        words = "Nothing of what is classified is remembered."
    with st.container(
        horizontal=True, vertical_alignment="center", key="classify_memory_bar"
    ):
        st.caption(words, width="stretch")
        memory_menu(project)


def _put_button(project: Project, batch: Batch, wanted: Sequence[int]) -> None:
    words = "No doubtful picture to label"
    if batch.waiting:
        words = "All doubtful are in the queue"
    if wanted:
        words = f"Put {number(len(wanted))} doubtful in the labeling queue"
    if st.button(
        words,
        key="classify_queue_put",
        icon=":material/playlist_add:",
        disabled=not wanted,
        help="They come into the project without labels; what the model reads is a "
        "suggestion. The queue is called “Doubtful when classified”.",
    ):
        _put(project, batch, wanted)


def _put(project: Project, batch: Batch, wanted: Sequence[int]) -> None:
    rows = [(batch.pictures[n], batch.predictions[n]) for n in wanted]
    try:
        with st.spinner("Storing the pictures …"):
            queued = prediction_saving.queue_doubtful(
                project, batch.run_id, rows, who=session.who()
            )
    except (StorageError, MLError, OSError) as error:
        session.flash(escape(str(error)), ":material/error:")
    else:
        batch.queued.append(queued)
        left = len(wanted) - queued.count
        words = f"{counted(queued.count, 'picture')} wait to be labelled."
        more = f" {number(left)} are copies, had labels or cannot be read."
        session.flash(words + more * bool(left))
    st.rerun()


def _label_button(project: Project, waiting: int) -> None:
    """Draw the way to the queue; without a picture in it there is none."""
    if waiting and st.button(
        f"Label the {number(waiting)} waiting",
        key="classify_queue_label",
        icon=":material/sell:",
        type="primary",
    ):
        address = {"project": project.name, "view": "one", "state": "all"}
        st.switch_page("label.py", query_params={**address, "queue": QUEUE})


def _undo_button(project: Project, batch: Batch) -> None:
    if batch.queued and st.button(
        "Undo", key="classify_queue_undo", icon=":material/undo:"
    ):
        queued = batch.queued.pop()
        count = prediction_saving.undo_queue(project, queued, who=session.who())
        kept = queued.count - count
        words = f"{counted(count, 'picture')} taken out of the queue."
        session.flash(words + f" {counted(kept, 'labelled one')} stay." * bool(kept))
        st.rerun()


def memory_menu(project: Project, problem: str = "") -> None:
    """Draw what is remembered of classified pictures, the switch and the bin."""
    menu = st.popover("Memory", icon=":material/history:", key=MENU, on_change="rerun")
    if not menu.open:
        return
    with menu:
        st.markdown(
            "Of each picture classified here its name, the time, who, and what was "
            "read are remembered, not the picture: so Unseen can say which "
            "combinations arrive that training lacks. All of it stays on this "
            "machine; archives of the project go without it. The newest "
            f"{number(KEPT_AT_MOST)} are kept."
        )
        key = f"{REMEMBER}_{project.name}"
        st.session_state.setdefault(key, is_remembering(project))
        st.toggle(
            "Remember what is classified",
            key=key,
            on_change=_switch,
            args=(project.name, key),
        )
        if problem:
            st.caption(f"Not remembered: {escape(problem)}")
        _forget(project)


def _switch(project_name: str, key: str) -> None:
    with open_project(project_name) as project:
        set_remembering(project, bool(st.session_state[key]))


def _forget(project: Project) -> None:
    """Draw how much is remembered, and the button that forgets it, asking once."""
    count = count_classified(project)
    if not count:
        st.caption("Nothing is remembered.")
        return
    sure = st.checkbox(
        f"Forget {counted(count, 'picture')}: this cannot be undone",
        key="classify_forget_sure",
    )
    if st.button(
        "Forget now",
        key="classify_forget",
        icon=":material/delete:",
        disabled=not sure,
    ):
        forget_classified(project)
        session.flash("Forgotten.")
        st.rerun()
