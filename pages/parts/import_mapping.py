"""Labels that the project lacks: made, given another's name, or left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from mlcore.group_naming import fold
from mlcore.layouts import ImportOptions
from pages.parts.text import counted, escape

# Every select box lists all labels of the project: hundreds would be slow.
PER_PAGE = 20
MAKE, LEAVE_OUT, FIRST_LABEL = 0, 1, 2
WORDS = ("Make this label", "Leave it out")
LabelMap = Mapping[str, str | None]


def show(options: ImportOptions, plan: dict[str, Any]) -> ImportOptions:
    """Ask once what to do with each unknown label; return the options as chosen."""
    unknown, here = plan["unknown"], plan["labels_here"]
    if not unknown:
        return options
    title = f"{counted(len(unknown), 'label')} this project does not have"
    with st.expander(title, expanded=bool(here), icon=":material/new_label:"):
        st.caption(
            "Make each of them, let it count as one that is here already, or leave it "
            "out. A picture that has nothing but labels left out stays unlabelled."
        )
        chosen = dict(options.label_map)
        if len(unknown) > 1:
            chosen = show_all_buttons(unknown, chosen)
        asked = page_of(unknown)
        with st.grid(2, min_column_width=260):
            for name, pictures in asked:
                chosen = ask(name, pictures, here, chosen)
    return replace(options, label_map=chosen)


def show_all_buttons(unknown: Iterable[list[Any]], chosen: LabelMap) -> dict[str, Any]:
    """Show the two buttons that decide for all of them at once."""
    names = [name for name, _ in unknown]
    with st.container(horizontal=True):
        make = st.button("Make all", key="data_map_make_all")
        leave = st.button("Leave all out", key="data_map_leave_all")
    if not (make or leave):
        return dict(chosen)
    for name in names:
        st.session_state[key_of(name)] = LEAVE_OUT if leave else MAKE
    return dict.fromkeys(names) if leave else {}


def page_of(unknown: list[list[Any]]) -> list[list[Any]]:
    """Return the labels to ask for at once; more than a page of them is paged."""
    pages = -(-len(unknown) // PER_PAGE)
    if pages <= 1:
        return unknown
    page = min(st.pagination(pages, key=f"data_map_page_{pages}"), pages)
    return unknown[(page - 1) * PER_PAGE : page * PER_PAGE]


def ask(
    name: str, pictures: int, here: list[str], chosen: LabelMap
) -> dict[str, str | None]:
    """Ask what to do with one label; return the choices with this one."""
    choices = range(FIRST_LABEL + len(here))
    key = key_of(name)
    if key not in st.session_state:
        st.session_state[key] = index_of(name, here, chosen)
    index = st.selectbox(
        f"{escape(name)} · {counted(pictures, 'picture')}",
        choices,
        format_func=lambda i: WORDS[i] if i < FIRST_LABEL else here[i - FIRST_LABEL],
        key=key,
    )
    others = {x: other for x, other in chosen.items() if fold(x) != fold(name)}
    if index == MAKE:
        return others
    return others | {name: None if index == LEAVE_OUT else here[index - FIRST_LABEL]}


def index_of(name: str, here: list[str], chosen: LabelMap) -> int:
    """Return the place of what was chosen for a label among the choices."""
    if name not in chosen:
        return MAKE
    other = chosen[name]
    return FIRST_LABEL + here.index(other) if other in here else LEAVE_OUT


def key_of(name: str) -> str:
    """Return the key of a label's select box."""
    return f"data_map_{name}"


def respell(names: Iterable[str], label_map: LabelMap) -> list[str]:
    """Return the names as they will be in the project, those left out gone."""
    renamed = {fold(name): other for name, other in label_map.items()}
    spelled = (renamed.get(fold(name), name) for name in names)
    return list(dict.fromkeys(name for name in spelled if name))
