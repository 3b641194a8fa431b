"""Taking a settled dispute back, and settling it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.parts import schema_acts, session
from pages.parts.text import escape
from storage.answers import redo, undo
from storage.errors import LabelError
from storage.projects import Project

SETTLED = "resolve_settled"
# A batch and the image that it settled.
Step = tuple[str, int]


@dataclass
class Settled:
    """What was settled and taken back in this session, the newest last.

    `mark` is the newest line of the history after the last taking back: a redo
    repeats what was undone last anywhere. `shown` is the image to show next.
    """

    project: str
    done: list[Step] = field(default_factory=list)
    undone: list[Step] = field(default_factory=list)
    mark: tuple[int, str] = (0, "")
    shown: int | None = None


def settled_in(project: Project) -> Settled:
    """Return what was settled here in `project`; another project starts anew."""
    state: Any = st.session_state
    found: Settled | None = state.get(SETTLED)
    if found is None or found.project != project.name:
        found = state[SETTLED] = Settled(project.name)
    return found


def remember(project: Project, batch_id: str, image_id: int) -> None:
    """Keep a batch that settled an image for the undo button."""
    steps = settled_in(project)
    steps.done.append((batch_id, image_id))
    steps.undone.clear()
    steps.shown = None


def show(project: Project) -> None:
    """Draw the two buttons, enabled or not, so that nothing moves."""
    steps = settled_in(project)
    if schema_acts.newest_change(project) != steps.mark:
        steps.undone.clear()
    with st.container(horizontal=True, gap="small", width="content"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="resolve_undo",
            disabled=not steps.done,
            help="Bring the picture settled last back here",
            shortcut="Ctrl+Z",
            on_click=take_back,
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            key="resolve_redo",
            disabled=not steps.undone,
            shortcut="Ctrl+Y",
            on_click=do_again,
        )


def take_back() -> None:
    """Open the dispute again that was settled last; its picture comes next."""
    with session.open_current() as project:
        steps = settled_in(project)
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
        steps.shown = step[1]
        steps.mark = schema_acts.newest_change(project)
    session.flash("Taken back: it is to resolve again.", ":material/undo:")


def do_again() -> None:
    """Settle again what was taken back last, the same way."""
    with session.open_current() as project:
        steps = settled_in(project)
        if not steps.undone or schema_acts.newest_change(project) != steps.mark:
            return
        step = steps.undone.pop()
        if redo(project, who=session.who()) != step[0]:
            return
        steps.done.append(step)
        steps.shown = None
        steps.mark = schema_acts.newest_change(project)
    session.flash("Settled again.", ":material/redo:")
