"""Carrying out a change of labels or groups from a page; undo and redo step by step.

Each change is a batch of the history; the session keeps which ones were made here.
A redo always repeats what was undone last, so it is offered only while nothing else
was written to the project since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from mlcore.errors import MLError
from pages.parts import session
from pages.parts.text import escape
from storage.answers import history, redo, undo
from storage.errors import LabelError
from storage.projects import Project

STEPS = "label_steps"
OPEN_DIALOG = "label_dialog"
Step = tuple[str, str]


@dataclass
class Steps:
    """What was done here and what was taken back, the newest last.

    A step is its batch and its sentence; `mark` is the newest line of the history
    after the last step.
    """

    project: str
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    mark: tuple[int, str] = (0, "")


def do(sentence: str, change: Callable[[Project], object]) -> None:
    """Do `change` and draw the page again, which says so; a refusal is told in words.

    `sentence` says in Markdown what was done ("Renamed **red** to **crimson**"). The
    project is opened afresh: a dialog outlives the run that opened it.
    """
    refusal = carry_out(sentence, change)
    if refusal:
        st.error(refusal)
        return
    st.session_state.pop(OPEN_DIALOG, None)
    st.rerun()


def do_in_callback(sentence: str, change: Callable[[Project], object]) -> None:
    """Do `change` before the page is drawn again; a refusal is told in a toast."""
    refusal = carry_out(sentence, change)
    if refusal:
        session.flash(refusal, ":material/warning:")


def carry_out(sentence: str, change: Callable[[Project], object]) -> str:
    """Do `change` and remember it; return why storage refused, as Markdown."""
    with session.open_current() as project:
        before = newest_change(project)
        try:
            change(project)
        except (LabelError, MLError) as error:
            return escape(str(error))
        remember(project, sentence, before)
    return ""


def newest_change(project: Project) -> tuple[int, str]:
    """Return number and batch of the newest line of the history."""
    changes = history(project, limit=1)
    return (changes[0].history_id, changes[0].batch_id) if changes else (0, "")


def remember(project: Project, sentence: str, before: tuple[int, str]) -> None:
    """Keep what was done for the undo button, if anything changed at all."""
    now = newest_change(project)
    if now != before:
        steps = steps_of(project)
        steps.done.append((now[1], sentence))
        steps.undone.clear()
        steps.mark = now


def steps_of(project: Project) -> Steps:
    """Return the steps of this session in `project`; another project starts anew."""
    steps: Steps | None = st.session_state.get(STEPS)
    if steps is None or steps.project != project.name:
        steps = st.session_state[STEPS] = Steps(project.name)
    return steps


def show_undo(project: Project) -> None:
    """Draw the two buttons, enabled or not, so that nothing moves."""
    steps = steps_of(project)
    if newest_change(project) != steps.mark:
        steps.undone.clear()
    st.button(
        "Undo",
        icon=":material/undo:",
        key="label_schema_undo",
        disabled=not steps.done,
        on_click=take_back,
    )
    st.button(
        "Redo",
        icon=":material/redo:",
        key="label_schema_redo",
        disabled=not steps.undone,
        on_click=do_again,
    )


def show_last(project: Project) -> None:
    """Say which change the undo button takes back."""
    done = steps_of(project).done
    st.caption(f"Last change: {done[-1][1]}" if done else "Every change can be undone.")


def take_back() -> None:
    """Undo the newest step; storage's refusal is told and changes nothing."""
    with session.open_current() as project:
        steps = steps_of(project)
        if not steps.done:
            return
        step = steps.done.pop()
        try:
            undone = undo(project, who=session.who(), batch_id=step[0])
        except LabelError as error:
            session.flash(escape(str(error)), ":material/warning:")
            return
        if undone:
            steps.undone.append(step)
        steps.mark = newest_change(project)
    session.flash("Taken back", ":material/undo:")


def do_again() -> None:
    """Redo the step that was taken back last."""
    with session.open_current() as project:
        steps = steps_of(project)
        if not steps.undone or newest_change(project) != steps.mark:
            return
        step = steps.undone.pop()
        if redo(project, who=session.who()) != step[0]:
            return
        steps.done.append(step)
        steps.mark = newest_change(project)
    session.flash("Done again", ":material/redo:")
