"""Labels mended or kept with one click on Review, and the way back."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import streamlit as st

from pages.parts import session
from pages.parts.fix_offers import change_words
from pages.parts.text import escape
from storage.answers import answer_many, answers_of
from storage.errors import StorageError
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.suspects import confirm_answers, confirm_labels, forget_confirmed
from storage.undo import undo

KEPT = "review_label_fixes"


@dataclass(frozen=True, slots=True)
class Fix:
    """What was done about a picture in this session.

    `before` are the labels it had at first. `is_kept`: what was not mended is right.
    """

    before: frozenset[int]
    words: str
    batch_ids: tuple[str, ...] = ()
    is_kept: bool = False


def fix_of(project_name: str, image_id: int) -> Fix | None:
    """Return what was done about a picture in this session, if anything."""
    return _fixes().get((project_name, image_id))


def mend(project_name: str, image_id: int, answers: Mapping[int, bool]) -> None:
    """Write answers of a picture as one batch, all others stay as they are.

    Keeps in words what changed; says so where it cannot be done.
    """
    batch_id = uuid.uuid4().hex
    try:
        with open_project(project_name) as project:
            names = {label.label_id: label.name for label in list_labels(project)}
            wanted = {i: yes for i, yes in answers.items() if i in names}
            if not wanted:
                st.toast("The label is not in the project any more.")
                return
            now, who = labels_of(project, [image_id])[image_id], session.who()
            answer_many(project, [image_id], wanted, who=who, batch_id=batch_id)
            after = labels_of(project, [image_id])[image_id]
    except StorageError as error:
        st.toast(escape(str(error)))
        return
    done = fix_of(project_name, image_id) or Fix(now, "")
    _fixes()[project_name, image_id] = Fix(
        done.before,
        change_words(done.before, after, names),
        (*done.batch_ids, batch_id),
    )


def keep(project_name: str, image_id: int, label_ids: Collection[int] = ()) -> None:
    """Call what is suspected of a picture right, and its answers to these labels."""
    with open_project(project_name) as project:
        now = labels_of(project, [image_id])[image_id]
        confirm_answers(project, [image_id], who=session.who())
        confirm_labels(project, image_id, label_ids, who=session.who())
    done = fix_of(project_name, image_id) or Fix(now, "")
    words = f"{done.words}, the rest kept" if done.words else "Kept as labelled"
    _fixes()[project_name, image_id] = replace(done, words=words, is_kept=True)


def take_back(project_name: str, image_id: int) -> None:
    """Undo all that was done about a picture here."""
    fix = _fixes().pop((project_name, image_id), None)
    if fix is None:
        return
    try:
        with open_project(project_name) as project:
            for batch_id in reversed(fix.batch_ids):
                undo(project, who=session.who(), batch_id=batch_id)
            if fix.is_kept:
                forget_confirmed(project, [image_id])
    except StorageError as error:
        st.toast(escape(str(error)))


def labels_of(
    project: Project, image_ids: Collection[int]
) -> dict[int, frozenset[int]]:
    """Return the labels that images have now."""
    return {
        image_id: frozenset(i for i, is_yes in found.items() if is_yes)
        for image_id, found in answers_of(project, image_ids).items()
    }


def _fixes() -> dict[tuple[str, int], Fix]:
    found: dict[tuple[str, int], Fix] = st.session_state.setdefault(KEPT, {})
    return found
