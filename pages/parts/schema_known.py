"""What to say when somebody adds a label, or makes a group, that is there already."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from pages.parts.schema_asking import open_dialog
from pages.parts.text import escape
from storage.label_rows import fold_name
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Group, Label


def known_labels(project: Project, names: Iterable[str]) -> list[Label]:
    """Return the labels that have one of these names; LabelError for a wrong name."""
    wanted = {fold_name(name) for name in names}
    return [x for x in list_labels(project) if fold_name(x.name) in wanted]


def tell_known(project: Project, known: list[Label], group_id: int | None) -> str:
    """Return Markdown that says which labels are there already, and where."""
    groups = {group.group_id: group.name for group in list_groups(project)}
    return " ".join(tell_place(label, groups, group_id) for label in known)


def tell_place(label: Label, groups: dict[int, str], group_id: int | None) -> str:
    """Return a sentence about one label that is there already."""
    name = f"**{escape(label.name)}**"
    if label.group_id == group_id:
        return f"{name} is here already."
    if label.group_id is None:
        place = "in no group"
    else:
        place = f"in the group **{escape(groups[label.group_id])}**"
    return f"{name} is there already, {place}: open it to move it here."


def find_group(project: Project, name: str) -> Group | None:
    """Return the group with this name, whatever its case."""
    if not name.strip():
        return None
    groups = list_groups(project)
    return next((g for g in groups if g.name.casefold() == name.casefold()), None)


def show_known_group(group: Group) -> None:
    """Say that a group of this name is there, with the way to it."""
    st.error(
        f"There is a group **{escape(group.name)}** already: choose another name, or "
        "open that one. Labels are added to it in its own box."
    )
    if st.button("Open that group", key="label_known_group"):
        open_dialog("group", group.group_id)
        st.rerun()
