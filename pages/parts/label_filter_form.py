"""The form of the filter: every condition at once, with the number that passes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import label_address
from pages.parts.text import counted, escape, number
from storage.errors import StorageError
from storage.image_filters import check_expression
from storage.images import count_images, list_folders
from storage.label_sets import label_sets
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.records import Progress

SPLITS = {
    "train": "Training",
    "validation": "Validation",
    "test": "Test",
    "none": "No split yet",
}
REVIEWED = {"1": "Reviewed", "0": "Not reviewed"}
MODEL = {"1": "The model reads something else", "0": "The model agrees"}
EXPRESSION_HELP = (
    "Label names with and, or, not and parentheses. A name with other signs goes "
    "in quotes. ?name is not answered yet, no(name) is a said no."
)
DRAFT = "label_expr_draft"
APPLIED = "label_expr_applied"
FOLDERS = "label_folders"


def show(project: Project, counts: Progress) -> None:
    """Draw all filters, how many images pass them, and a way to clear them."""
    names = {label.label_id: label.name for label in list_labels(project)}
    choose_labels(names)
    show_expression(project.name)
    choose_combination(project, names)
    choose_marks()
    choose_origin(project, counts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Clear filter",
            on_click=label_address.clear,
            type="tertiary",
            icon=":material/filter_alt_off:",
            key="label_clear",
        )
        st.caption(count_words(project, counts))


def choose_labels(names: dict[int, str]) -> None:
    """Draw the three choices of single labels."""
    first, second, third = st.columns(3)
    ids = list(names)
    show_name = names.__getitem__
    first.multiselect("Shows", ids, format_func=show_name, key="label_with")
    second.multiselect("Does not show", ids, format_func=show_name, key="label_without")
    third.multiselect("Unknown for", ids, format_func=show_name, key="label_unknown")


@st.fragment
def show_expression(project_name: str) -> None:
    """Draw the field for a condition; what can be read applies while it is typed."""
    state: Any = st.session_state
    # Set from elsewhere (a saved view, a chip): the field follows.
    if state.get(APPLIED) != state["label_expr"]:
        state[DRAFT] = state[APPLIED] = state["label_expr"]
    text = st.text_input(
        "Condition",
        key=DRAFT,
        placeholder="black and not jeans",
        help=EXPRESSION_HELP,
        live="400ms",
    )
    # A fragment runs without the page, so it opens the project itself.
    with open_project(project_name) as project:
        st.caption(expression_words(project, text))


def expression_words(project: Project, text: str) -> str:
    """Apply a condition that can be read; return how many it leaves, or the mistake."""
    state: Any = st.session_state
    try:
        check_expression(project, text)
    except StorageError as error:
        return f":red[{escape(str(error))}]"
    if text.strip() != state["label_expr"].strip():
        state["label_expr"] = state[APPLIED] = text
        st.rerun()
    if not text.strip():
        return "For example: black and not (jeans or skirt)"
    wanted = label_address.filter_of({"label_expr": text})
    return f"{counted(count_images(project, wanted), 'picture')} in all"


def choose_combination(project: Project, names: dict[int, str]) -> None:
    """Draw the choice of one exact label set."""
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


def choose_marks() -> None:
    """Draw the choices by split, by a second look, and by what the model reads."""
    choices = (
        ("Split", SPLITS, "label_split"),
        ("Looked at again", REVIEWED, "label_reviewed"),
        ("Model", MODEL, "label_disagrees"),
    )
    for column, (title, words, key) in zip(st.columns(3), choices, strict=True):
        column.selectbox(
            title,
            list(words),
            index=None,
            format_func=words.__getitem__,
            key=key,
            placeholder="Any",
        )


def choose_origin(project: Project, counts: Progress) -> None:
    """Draw the choices by file name, folder and day of adding."""
    first, second = st.columns(2)
    first.text_input("File name contains", key="label_text")
    second.selectbox(
        "From the folder",
        folders_of(project, counts),
        index=None,
        key="label_source",
        placeholder="Any",
        accept_new_options=True,
    )
    first.date_input("Added from", value=None, key="label_from")
    second.date_input("Added until", value=None, key="label_to")


def folders_of(project: Project, counts: Progress) -> list[str]:
    """Return the folders, read again when the number of images has changed."""
    known_for, folders = st.session_state.get(FOLDERS, (None, []))
    if known_for != (project.name, counts.total):
        folders = list_folders(project)
        st.session_state[FOLDERS] = ((project.name, counts.total), folders)
    return list(folders)


def count_words(project: Project, counts: Progress) -> str:
    """Return how many images pass the filter, states included."""
    if not label_address.active_names(st.session_state):
        return f"{counted(counts.total, 'picture')} in the project"
    try:
        passed = count_images(project, label_address.filter_of(st.session_state))
    except StorageError:
        return "The condition cannot be read"
    return f"{number(passed)} of {counted(counts.total, 'picture')}"
