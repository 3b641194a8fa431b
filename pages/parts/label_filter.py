"""Which images the Label page shows: the bar with states, filter, queue and views.

What is chosen lies in the session and in the address: see label_address.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from mlcore.queues import known_keys
from pages.parts import label_address, label_filter_chips, label_filter_form
from storage.label_sets import label_sets
from storage.projects import Project
from storage.records import Label, Progress

STATES = {
    "all": "All",
    "unlabelled": "Unlabelled",
    "incomplete": "Open questions",
}
MADE_FOR = "label_made_for"
SETTLED_LISTS = ("label", "without", "unknown")


def settle(
    project: Project,
    labels: Sequence[Label],
    counts: Progress,
    views: Collection[str],
) -> None:
    """Decide the widgets' values before they are drawn: link, kept, else fresh."""
    state: Any = st.session_state
    kept = label_address.kept_values(project)
    if state.get(MADE_FOR) not in (None, project.name):
        for key in label_address.KEYS:
            state.pop(key, None)
    state[MADE_FOR] = project.name
    label_address.take_address()
    for key, value in {**fresh_values(counts), **kept}.items():
        state.setdefault(key, value)
    drop_unknown(project, {label.label_id for label in labels}, views)
    # A widget that was away is drawn anew without its choice, although the session
    # still has one, unless the value is set again.
    for key in label_address.KEYS:
        state[key] = state[key]


def fresh_values(counts: Progress) -> dict[str, Any]:
    """Return what a first visit shows: what is left to label, else everything."""
    names = label_address.ADDRESS.items()
    values = {key: label_address.empty_value(name) for name, key in names}
    left = counts.labelled < counts.total
    return values | {
        "label_view": "one",
        "label_state": "unlabelled" if left else "all",
    }


def drop_unknown(
    project: Project, label_ids: Collection[int], views: Collection[str]
) -> None:
    """Take out what a widget would refuse: deleted labels, foreign words."""
    state: Any = st.session_state
    for name in SETTLED_LISTS:
        key = label_address.ADDRESS[name]
        state[key] = [i for i in state[key] if i in label_ids]
    choices: dict[str, Collection[str]] = {
        "label_set": {label_set.key for label_set in label_sets(project)},
        "label_split": label_filter_form.SPLITS,
        "label_reviewed": label_filter_form.REVIEWED,
        "label_disagrees": label_filter_form.MODEL,
        "label_queue": known_keys(project),
    }
    for key, known in choices.items():
        if state[key] not in known:
            state[key] = None
    if state["label_state"] not in STATES:
        state["label_state"] = "all"
    if state["label_view"] not in views:
        state["label_view"] = "one"


def show(project: Project, counts: Progress) -> str:
    """Draw the filter; return it as the query of `GET /api/…/images`."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="label_row"
    ):
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            width="content",
            key="label_states",
        ):
            choose_state()
            with st.popover(
                filter_title(), icon=":material/filter_list:", key="label_more"
            ):
                label_filter_form.show(project, counts)
        label_filter_chips.show(project)
    return label_address.query_of(st.session_state)


def choose_state() -> None:
    """Draw the switch between all, unlabelled and half-labelled images."""
    st.segmented_control(
        "Show",
        list(STATES),
        format_func=STATES.__getitem__,
        key="label_state",
        required=True,
        label_visibility="collapsed",
    )


def filter_title() -> str:
    """Return "Filter", with the number of filters set."""
    names = label_address.active_names(st.session_state)
    active = len([name for name in names if name != "queue"])
    return f"Filter ({active})" if active else "Filter"
