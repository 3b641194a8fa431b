"""The last thing done about a finding, with its undo, at a place that stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts import session
from storage.dismissals import restore
from storage.undo import undo

if TYPE_CHECKING:
    from storage.projects import Project

KEPT = "health_done"


@dataclass(frozen=True, slots=True)
class Done:
    """Words for what was done, and the batches or dismissed images to take back."""

    project_name: str
    words: str
    batch_ids: tuple[str, ...]
    dismissed: tuple[int, ...]


def keep(
    project: Project,
    key: str,
    words: str,
    batch_ids: tuple[str, ...],
    dismissed: tuple[int, ...] = (),
) -> None:
    """Remember what was just done about a finding."""
    done = Done(project.name, words, batch_ids, dismissed)
    st.session_state.setdefault(KEPT, {})[key] = done


def forget(key: str) -> None:
    """Forget what was done about a finding; it can no longer be undone here."""
    st.session_state.get(KEPT, {}).pop(key, None)


def read(project: Project, key: str) -> Done | None:
    """Return what was last done about a finding of this project, or None."""
    done: Done | None = st.session_state.get(KEPT, {}).get(key)
    return done if done and done.project_name == project.name else None


def show(project: Project, key: str) -> None:
    """Draw the words and the undo, if there is something to take back."""
    done = read(project, key)
    if done is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/check:] {done.words}", width="content")
        if st.button("Undo", icon=":material/undo:", key=f"health_undo_{key}"):
            take_back(project, key, done)


def take_back(project: Project, key: str, done: Done) -> None:
    """Undo every batch of an act, or show dismissed images again."""
    for batch_id in done.batch_ids:
        undo(project, who=session.who(), batch_id=batch_id)
    if done.dismissed:
        restore(project, key, done.dismissed)
    forget(key)
    st.rerun()
