"""The choice of a queue: what it is for, how many images it has, what it needs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.queues import Queue, count_queue, offered_queues, what_is_missing
from pages.parts import session
from pages.parts.text import number
from storage.projects import Project

MENU = "label_queue_menu"


def show(project: Project) -> None:
    """Draw the button that opens the list; its counts are taken only when it opens."""
    menu = st.popover(
        "Queue", icon=":material/low_priority:", key=MENU, on_change="rerun"
    )
    if not menu.open:
        return
    with menu:
        st.caption("What comes next, and why. A filter narrows a queue further.")
        for queue in offered_queues(project):
            show_queue(project, queue)
        st.button(
            "No queue: by day of adding",
            type="tertiary",
            icon=":material/close:",
            on_click=choose,
            args=(None,),
            disabled=st.session_state["label_queue"] is None,
            key="label_queue_none",
        )


def show_queue(project: Project, queue: Queue) -> None:
    """Draw one queue with its count, or with what it needs first."""
    missing = what_is_missing(project, queue)
    count = 0 if missing else count_queue(project, queue.key, session.who())
    is_chosen = st.session_state["label_queue"] == queue.key
    with st.container(gap="xxsmall"):
        st.button(
            f"{queue.title} · {number(count)}",
            on_click=choose,
            args=(queue.key,),
            type="primary" if is_chosen else "secondary",
            disabled=count == 0 and not is_chosen,
            width="stretch",
            key=f"label_queue_{queue.key}",
        )
        st.caption(missing or queue.explanation)


def choose(key: str | None) -> None:
    """Show a queue from the next run on: all of it, whatever the state was."""
    state: Any = st.session_state
    state["label_queue"] = key
    state[MENU] = False
    if key:
        state["label_state"] = "all"
