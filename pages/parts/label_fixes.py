"""Labels mended or kept with one click on Review, and the way back."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import streamlit as st

from pages.parts import session
from pages.parts.text import escape
from storage.answers import answer_many
from storage.errors import StorageError
from storage.labels import list_labels
from storage.projects import open_project
from storage.suspects import confirm_answers, confirm_labels, forget_confirmed
from storage.undo import undo

KEPT = "review_label_fixes"


@dataclass(frozen=True, slots=True)
class Fix:
    """What was done about a picture; without a batch it was called right."""

    words: str
    batch_id: str = ""


def done_words(project_name: str, image_id: int) -> str:
    """Return what was done about a picture in this session, or ""."""
    fix = _fixes().get((project_name, image_id))
    return fix.words if fix else ""


def mend(
    project_name: str, image_id: int, answers: Mapping[int, bool], words: str
) -> None:
    """Write answers of a picture as one batch; says so where it cannot be done."""
    batch_id = uuid.uuid4().hex
    try:
        with open_project(project_name) as project:
            there = {label.label_id for label in list_labels(project)}
            wanted = {i: yes for i, yes in answers.items() if i in there}
            if not wanted:
                st.toast("The label is not in the project any more.")
                return
            who = session.who()
            answer_many(project, [image_id], wanted, who=who, batch_id=batch_id)
    except StorageError as error:
        st.toast(escape(str(error)))
        return
    _fixes()[project_name, image_id] = Fix(f"{words} now", batch_id)


def keep(
    project_name: str, image_id: int, words: str, label_ids: Collection[int] = ()
) -> None:
    """Call what is suspected of a picture right, and its answers to these labels."""
    with open_project(project_name) as project:
        confirm_answers(project, [image_id], who=session.who())
        confirm_labels(project, image_id, label_ids, who=session.who())
    _fixes()[project_name, image_id] = Fix(words)


def take_back(project_name: str, image_id: int) -> None:
    """Undo what was done about a picture here."""
    fix = _fixes().pop((project_name, image_id), None)
    if fix is None:
        return
    try:
        with open_project(project_name) as project:
            if fix.batch_id:
                undo(project, who=session.who(), batch_id=fix.batch_id)
            else:
                forget_confirmed(project, [image_id])
    except StorageError as error:
        st.toast(escape(str(error)))


def _fixes() -> dict[tuple[str, int], Fix]:
    found: dict[tuple[str, int], Fix] = st.session_state.setdefault(KEPT, {})
    return found
