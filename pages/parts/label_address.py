"""The Label page's choices: in the address, in the session, in a saved view.

The address holds them, so a reload, a restarted server and a link show the same:
`?view=grid|one|…`, `state=…`, `label=<id>`, `without=<id>` and `unknown=<id>` (may
repeat), `set=<label-set key, or none>`, `q=<text>`, and the names of `GET
/api/…/images` for the rest. A visit to another page clears the address; the session
remembers.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st
from starlette.datastructures import QueryParams

from pages.routes.label_wishes import read_filter
from storage.projects import Project
from storage.records import Filter

KEPT = "label_kept"
WRITTEN = "label_written"
ADDRESS = {
    "view": "label_view",
    "state": "label_state",
    "label": "label_with",
    "without": "label_without",
    "unknown": "label_unknown",
    "set": "label_set",
    "q": "label_text",
    "expr": "label_expr",
    "split": "label_split",
    "source": "label_source",
    "from": "label_from",
    "to": "label_to",
    "reviewed": "label_reviewed",
    "disagrees": "label_disagrees",
    "queue": "label_queue",
}
KEYS = tuple(ADDRESS.values())
LISTS = ("label", "without", "unknown")
DAYS = ("from", "to")
TEXTS = ("q", "expr")
FIRST = ("view", "state")
# Where the routes call it otherwise than the address does.
ROUTE_NAMES = {"set": "key", "q": "text"}
# The address cannot hold an empty text: this is the set without any label.
EMPTY_SET = "none"


def empty_value(name: str) -> Any:
    """Return what a filter is when it is not set."""
    if name in LISTS:
        return []
    return "" if name in TEXTS else None


def to_texts(name: str, value: Any) -> list[str]:
    """Return a value as the address holds it; nothing when it is not set."""
    if name == "set":
        return [] if value is None else [value or EMPTY_SET]
    if value is None or value in ("", []):
        return []
    return [str(one) for one in (value if name in LISTS else [value])]


def from_texts(name: str, texts: list[str]) -> Any:
    """Return the value that the address holds; nonsense is not set."""
    if name in LISTS:
        return [int(text) for text in texts if text.isdecimal()]
    if name in DAYS:
        return read_day(texts[0])
    if name == "set" and texts[0] == EMPTY_SET:
        return ""
    return texts[0]


def read_day(text: str) -> date | None:
    """Return the day a text names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_address() -> dict[str, list[str]]:
    """Return the choices that the address holds."""
    given = st.query_params
    return {name: given.get_all(name) for name in ADDRESS if name in given}


def take_address() -> None:
    """Let the address win when it is not the one this page wrote itself."""
    given = read_address()
    if given and given != st.session_state.get(WRITTEN):
        put(given)


def put(given: dict[str, list[str]]) -> None:
    """Set the filter to what is given and to nothing else."""
    rest = {name: empty_value(name) for name in ADDRESS if name not in FIRST}
    # A link that names labels means all of their images, labelled or not.
    if set(given) - {"view"}:
        rest["state"] = "all"
    values = {name: from_texts(name, texts) for name, texts in given.items()}
    for name, value in {**rest, **values}.items():
        st.session_state[ADDRESS[name]] = value


def put_query(query: str) -> None:
    """Set the filter to a saved view's query."""
    given = parse_qs(query)
    put({"state": ["all"]} | {name: given[name] for name in ADDRESS if name in given})


def write_address(values: dict[str, Any]) -> None:
    """Put the choices into the address, without what is not set."""
    for name, key in ADDRESS.items():
        if texts := to_texts(name, values.get(key)):
            st.query_params[name] = texts
        else:
            st.query_params.pop(name, None)
    st.session_state[WRITTEN] = read_address()


def kept_values(project: Project) -> dict[str, Any]:
    """Return what the session remembers of this project."""
    kept_for, kept = st.session_state.get(KEPT, (project.name, {}))
    return dict(kept) if kept_for == project.name else {}


def keep(project: Project) -> None:
    """Remember the values: Streamlit forgets a widget that was not drawn.

    To be called after the widgets were drawn.
    """
    state: Any = st.session_state
    now = {key: state[key] for key in KEYS if key in state}
    values = {**kept_values(project), **now}
    state[KEPT] = (project.name, values)
    write_address(values)


def saved_query() -> str:
    """Return the filter as a saved view keeps it: the address without the view."""
    state: Any = st.session_state
    names = [name for name in ADDRESS if name != "view"]
    pairs = {name: to_texts(name, state.get(ADDRESS[name])) for name in names}
    return urlencode({name: texts for name, texts in pairs.items() if texts}, True)


def query_of(state: Any) -> str:
    """Return the filter as the query of `GET /api/…/images`, without empty parts."""
    parts = [("state", state.get("label_state") or "all")]
    for name, key in ADDRESS.items():
        if name in FIRST:
            continue
        texts = to_texts(name, state.get(key))
        if name == "set" and texts:
            texts = [state[key]]
        shown = ROUTE_NAMES.get(name, name)
        parts += [(shown, text.strip()) for text in texts if text.strip() or not text]
    return urlencode(parts)


def filter_of(state: Any) -> Filter:
    """Return the filter the routes read from `query_of`; the queue is not in it."""
    return read_filter(QueryParams(query_of(state)))


def active_names(state: Any) -> list[str]:
    """Return the filters that are set, by their names in the address."""
    names = [name for name in ADDRESS if name not in FIRST]
    return [name for name in names if to_texts(name, state.get(ADDRESS[name]))]


def clear(*names: str) -> None:
    """Take filters out; without names all but the state and the queue."""
    for name in names or [n for n in ADDRESS if n not in (*FIRST, "queue")]:
        st.session_state[ADDRESS[name]] = empty_value(name)
