"""Which images the Label page shows: state, labels, combination, text.

The address holds it, so a reload, a restarted server and a link show the same:
`?view=grid|one|schema`, `state=…`, `label=<id>` and `without=<id>` (may repeat),
`set=<label-set key>`, `q=<text>`. A visit to another page clears the address; the
session remembers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from storage.label_sets import label_sets
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Label, Progress

STATES = {
    "all": "All",
    "unlabelled": "Unlabelled",
    "incomplete": "Open questions",
}
KEPT = "label_kept"
WRITTEN = "label_written"
ADDRESS = {
    "view": "label_view",
    "state": "label_state",
    "label": "label_with",
    "without": "label_without",
    "set": "label_set",
    "q": "label_text",
}
WIDGET_KEYS = tuple(ADDRESS.values())
LISTS = ("label", "without")


def settle(project: Project, labels: Sequence[Label], counts: Progress) -> None:
    """Decide the widgets' values before they are drawn: link, kept, else fresh."""
    state: Any = st.session_state
    kept_for, kept = state.get(KEPT, (project.name, {}))
    if kept_for != project.name:
        for key in WIDGET_KEYS:
            state.pop(key, None)
        kept = {}
    take_address()
    left = counts.labelled < counts.total
    fresh = {"label_view": "one", "label_state": "unlabelled" if left else "all"}
    for key, value in {**fresh, **kept}.items():
        state.setdefault(key, value)
    drop_unknown({label.label_id for label in labels}, set_keys(project))
    # A switch that was away is drawn anew without its choice, although the session
    # still has one, unless the value is set again.
    for key in fresh:
        state[key] = state[key]


def read_address() -> dict[str, list[str]]:
    """Return the filter that the address holds."""
    given = st.query_params
    return {name: given.get_all(name) for name in ADDRESS if name in given}


def take_address() -> None:
    """Let the address win when it is not the one this page wrote itself."""
    given = read_address()
    if not given or given == st.session_state.get(WRITTEN):
        return
    values: dict[str, Any] = {name: texts[0] for name, texts in given.items()}
    for name in LISTS:
        texts = given.get(name, [])
        values[name] = [int(text) for text in texts if text.isdecimal()]
    # A link that names labels means all of their images, labelled or not.
    rest = {"set": None, "q": "", **({"state": "all"} if set(given) - {"view"} else {})}
    for name, value in {**rest, **values}.items():
        st.session_state[ADDRESS[name]] = value


def write_address(values: dict[str, Any]) -> None:
    """Put the filter into the address, without what is not set."""
    for name, key in ADDRESS.items():
        value = values.get(key)
        if value is None or value in ("", []):
            st.query_params.pop(name, None)
        else:
            texts = value if name in LISTS else [value]
            st.query_params[name] = [str(text) for text in texts]
    st.session_state[WRITTEN] = read_address()


def drop_unknown(label_ids: set[int], keys: set[str]) -> None:
    """Take out what a widget would refuse: deleted labels, foreign words."""
    state: Any = st.session_state
    for key in ("label_with", "label_without"):
        state[key] = [i for i in state.get(key, []) if i in label_ids]
    if state.get("label_set") not in keys:
        state["label_set"] = None
    if state.get("label_state") not in STATES:
        state["label_state"] = "all"
    if state.get("label_view") not in {"one", "grid", "schema"}:
        state["label_view"] = "one"


def set_keys(project: Project) -> set[str]:
    """Return the keys of the label sets that some image has."""
    return {label_set.key for label_set in label_sets(project)}


def keep(project: Project) -> None:
    """Remember the values: Streamlit forgets a widget that was not drawn.

    To be called after the widgets were drawn.
    """
    state: Any = st.session_state
    kept_for, kept = state.get(KEPT, (project.name, {}))
    now = {key: state[key] for key in WIDGET_KEYS if key in state}
    values = {**(kept if kept_for == project.name else {}), **now}
    state[KEPT] = (project.name, values)
    write_address(values)


# Two rows instead of three on a phone: the view, then states and filter.
NARROW = """<style>@media (max-width: 640px) {
  .st-key-label_bar, .st-key-label_states { gap: 0.5rem; }
  .st-key-label_states { flex-wrap: nowrap; }
  .st-key-label_states button { padding-inline: 0.5rem; }
}</style>"""


def show(project: Project) -> str:
    """Draw the filter; return it as the query of `GET /api/…/images`."""
    st.html(NARROW)
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="small",
        width="content",
        key="label_states",
    ):
        st.segmented_control(
            "Show",
            list(STATES),
            format_func=STATES.__getitem__,
            key="label_state",
            required=True,
            label_visibility="collapsed",
        )
        with st.popover(
            filter_title(), icon=":material/filter_list:", key="label_more"
        ):
            show_more(project)
    return query_of(st.session_state)


def filter_title() -> str:
    """Return "Filter", with the number of filters set."""
    state: Any = st.session_state
    given = (
        state.get("label_with"),
        state.get("label_without"),
        state.get("label_set") is not None,
        state.get("label_text"),
    )
    active = sum(bool(value) for value in given)
    return f"Filter ({active})" if active else "Filter"


def show_more(project: Project) -> None:
    """Draw the filters by label, combination and file name, and a way to clear."""
    names = {label.label_id: label.name for label in list_labels(project)}
    ids = list(names)
    st.multiselect("Shows", ids, format_func=names.get, key="label_with")
    st.multiselect("Does not show", ids, format_func=names.get, key="label_without")
    sets = {label_set.key: label_set.label_ids for label_set in label_sets(project)}
    words = {
        key: " · ".join(names.get(i, "?") for i in label_ids) or "none of the labels"
        for key, label_ids in sets.items()
    }
    st.selectbox(
        "Exactly this combination",
        list(words),
        index=None,
        format_func=words.get,
        key="label_set",
        placeholder="Any",
    )
    st.text_input("File name contains", key="label_text")
    st.button("Clear filter", on_click=clear, type="tertiary", key="label_clear")


def clear() -> None:
    """Forget all filters but the state."""
    st.session_state["label_with"] = []
    st.session_state["label_without"] = []
    st.session_state["label_set"] = None
    st.session_state["label_text"] = ""


def query_of(state: Any) -> str:
    """Return the filter's widgets as a query string without empty parts."""
    parts = [("state", state.get("label_state") or "all")]
    parts += [("label", label_id) for label_id in state.get("label_with", [])]
    parts += [("without", label_id) for label_id in state.get("label_without", [])]
    if state.get("label_set") is not None:
        parts.append(("key", state["label_set"]))
    if text := (state.get("label_text") or "").strip():
        parts.append(("text", text))
    return urlencode(parts)
