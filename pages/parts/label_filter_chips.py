"""The filters that are set, as chips: a click takes one out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import streamlit as st

from mlcore.queues import get_queue
from pages.parts import label_address
from pages.parts.label_filter_form import MODEL, REVIEWED, SPLITS
from pages.parts.text import escape
from storage.label_sets import parse_key
from storage.labels import list_labels
from storage.projects import Project

LABEL_WORDS = {"label": "{}", "without": "not {}", "unknown": "{} unknown"}


def show(project: Project) -> None:
    """Draw a chip for each filter and for the queue."""
    state: Any = st.session_state
    names = {label.label_id: label.name for label in list_labels(project)}
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        width="content",
        key="label_chips",
    ):
        for name in label_address.active_names(state):
            show_filter(name, state[label_address.ADDRESS[name]], names)


def show_filter(name: str, value: Any, names: dict[int, str]) -> None:
    """Draw the chips of one filter: one a label, else one."""
    is_queue = name == "queue"
    help_text = get_queue(value).explanation if is_queue else "Take this out"
    for number, (text, remove) in enumerate(list_chips(name, value, names)):
        st.button(
            escape(text),
            icon=":material/close:",
            icon_position="right",
            on_click=remove,
            help=help_text,
            key=f"label_chip_{name}_{number}",
        )


def list_chips(
    name: str, value: Any, names: dict[int, str]
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the words of each chip of a filter and what a click on it does."""
    if name not in LABEL_WORDS:
        yield words_of(name, value, names), lambda: label_address.clear(name)
        return
    for label_id in value:
        text = LABEL_WORDS[name].format(names.get(label_id, "?"))
        yield text, lambda label_id=label_id: drop_label(name, label_id)


def drop_label(name: str, label_id: int) -> None:
    """Take one label out of a filter."""
    key = label_address.ADDRESS[name]
    st.session_state[key] = [i for i in st.session_state[key] if i != label_id]


def words_of(name: str, value: Any, names: dict[int, str]) -> str:
    """Return what a filter that is not a list of labels asks for."""
    if name == "set":
        shown = " · ".join(names.get(i, "?") for i in parse_key(value))
        return f"exactly {shown or 'none of the labels'}"
    if name == "queue":
        return f"Queue: {get_queue(value).title}"
    if isinstance(value, date):
        return f"added {name if name == 'from' else 'until'} {value:%d %b %Y}"
    words = {"split": SPLITS, "reviewed": REVIEWED, "disagrees": MODEL}.get(name, {})
    plain = {"q": f"name contains “{value}”", "source": f"folder {value}"}
    return words.get(value) or plain.get(name) or str(value)
