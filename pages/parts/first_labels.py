"""The first labels of a project, typed into one box."""

from __future__ import annotations

import re

import streamlit as st

from pages.parts import session
from pages.parts.text import counted, escape
from storage.errors import LabelError
from storage.labels import create_labels, set_group
from storage.projects import Project

SEPARATORS = re.compile(r"[,;\n]")
RULE_WORDS = {
    "exactly-one": "exactly one of them",
    "at-most-one": "at most one of them",
    "any": "any number of them",
}


def split_names(text: str) -> list[str]:
    """Return the names in "black, blue, red", without repeats and empty ones."""
    names = (" ".join(part.split()) for part in SEPARATORS.split(text))
    unique = {name.casefold(): name for name in names if name}
    return list(unique.values())


def show(project: Project) -> None:
    """Ask for the first labels, right where they are needed."""
    with st.container(border=True, key="label_first_card"):
        st.markdown("**What can be on your pictures?**")
        st.caption(
            "Type the labels, with commas between them. Labels that exclude each "
            "other, such as colours, belong in a group; more can be added later."
        )
        with st.form("label_first", border=False):
            names = st.text_input(
                "Labels", placeholder="black, blue, red", key="label_first_names"
            )
            group, rule = ask_group("label_first")
            wanted = st.form_submit_button(
                "Create labels", type="primary", key="label_first_submit"
            )
    if wanted:
        create(project, names, group, rule)


def ask_group(key: str) -> tuple[str, str]:
    """Draw the two optional fields of a group; return its name and rule."""
    left, right = st.columns(2)
    group = left.text_input(
        "Group (optional)", placeholder="colour", key=f"{key}_group"
    )
    rule = right.selectbox(
        "A picture shows",
        list(RULE_WORDS),
        format_func=RULE_WORDS.__getitem__,
        key=f"{key}_rule",
        help="Only for labels in a group. The keyboard then works like radio buttons.",
    )
    return group.strip(), rule


def create(project: Project, text: str, group: str, rule: str) -> None:
    """Make the labels (in the group, if one is named) and draw the page again."""
    names = split_names(text)
    if not names:
        st.error("Type at least one label, for example: black, blue, red")
        return
    try:
        if group:
            set_group(project, group, names, rule, who=session.who())
        else:
            create_labels(project, names, who=session.who())
    except LabelError as error:
        st.error(escape(str(error)))
        return
    session.flash(f"{counted(len(names), 'label')} created")
    st.rerun()
