"""The dialogs of the schema editor: one for a label, one for a group, one new.

A dialog runs again by itself, without the page: it keeps no open project. Which one
is open and what it asks ("Delete it?") is kept in the session.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import schema_acts, session
from pages.parts.first_labels import RULE_WORDS, split_names
from pages.parts.text import escape, number
from storage.labels import (
    delete_group,
    delete_label,
    label_counts,
    list_groups,
    list_labels,
    merge_labels,
    move_label,
    rename_group,
    rename_label,
    set_group,
)
from storage.projects import Project
from storage.records import Group, Label

OPEN = schema_acts.OPEN_DIALOG
QUESTION = "label_question"
NO_GROUP = "no group"


def open_dialog(kind: str, number: int = 0) -> None:
    """Open a dialog in the next run: "label" or "group" with its id, or "new"."""
    close_dialog()
    st.session_state[OPEN] = (kind, number)


def close_dialog() -> None:
    """Open none, and forget a question left from the last one."""
    st.session_state.pop(OPEN, None)
    st.session_state.pop(QUESTION, None)


def show_open(project: Project) -> None:
    """Draw the open dialog; nothing when its label or group is gone."""
    kind, number = st.session_state.get(OPEN, ("", 0))
    labels = {label.label_id: label for label in list_labels(project)}
    groups = {group.group_id: group for group in list_groups(project)}
    if kind == "new":
        new_group()
    elif kind == "label" and number in labels:
        edit_label(labels[number])
    elif kind == "group" and number in groups:
        edit_group(groups[number])


@st.dialog("Label", on_dismiss=close_dialog)
def edit_label(label: Label) -> None:
    """Rename, move, merge or delete one label."""
    with session.open_current() as project:
        groups = {group.group_id: group.name for group in list_groups(project)}
        others = {
            other.label_id: other.name
            for other in list_labels(project)
            if other.label_id != label.label_id
        }
        images = label_counts(project).get(label.label_id, 0)
    show_rename(label)
    show_move(label, groups)
    if others:
        show_merge(label, others, images)
    show_delete(label, images)


def show_rename(label: Label) -> None:
    """Offer another name."""
    with st.form(f"label_rename_{label.label_id}", border=False):
        name = st.text_input("Name", value=label.name, key="label_rename_text")
        wanted = st.form_submit_button("Rename", key="label_rename_button")
    if wanted and name != label.name:
        schema_acts.do(
            f"Renamed **{escape(label.name)}** to **{escape(name)}**",
            lambda project: rename_label(
                project, label.label_id, name, who=session.who()
            ),
        )


def show_move(label: Label, groups: dict[int, str]) -> None:
    """Offer another group; choosing one moves the label."""
    if not groups:
        return
    options = [None, *groups]
    chosen = st.selectbox(
        "Group",
        options,
        index=options.index(label.group_id),
        format_func=lambda group_id: groups.get(group_id, NO_GROUP),
        key=f"label_move_{label.label_id}",
    )
    if chosen != label.group_id:
        target = groups.get(chosen, NO_GROUP)
        schema_acts.do(
            f"Moved **{escape(label.name)}** to {escape(target)}",
            lambda project: move_label(
                project, label.label_id, chosen, who=session.who()
            ),
        )


def show_merge(label: Label, others: dict[int, str], images: int) -> None:
    """Offer to give all answers to another label; asks once."""
    into = st.selectbox(
        "Merge into",
        list(others),
        index=None,
        format_func=others.get,
        placeholder="Choose the label that stays",
        key=f"label_merge_{label.label_id}",
    )
    if into is None:
        return
    sentence = f"**{escape(label.name)}** into **{escape(others[into])}**"
    if asked(
        f"Merge {sentence}? {number(images)} pictures get the label that stays.",
        "Merge",
        f"merge {label.label_id} {into}",
    ):
        schema_acts.do(
            f"Merged {sentence}",
            lambda project: merge_labels(
                project, label.label_id, into, who=session.who()
            ),
        )


def show_delete(label: Label, images: int) -> None:
    """Offer to delete the label; asks once."""
    question = f"delete {label.label_id}"
    if st.button("Delete label", icon=":material/delete:", key="label_delete_button"):
        st.session_state[QUESTION] = question
    if st.session_state.get(QUESTION) == question and asked(
        f"Delete **{escape(label.name)}**? It is on {number(images)} pictures. "
        "This can be undone.",
        "Delete",
        question,
    ):
        schema_acts.do(
            f"Deleted **{escape(label.name)}**",
            lambda project: delete_label(project, label.label_id, who=session.who()),
        )


def asked(text: str, action: str, key: str) -> bool:
    """Ask in a calm box; True when the person says yes."""
    with st.container(border=True, key=f"label_ask_{key.replace(' ', '_')}"):
        st.markdown(text)
        return st.button(action, type="primary", key=f"label_yes_{key}")


@st.dialog("Label group", on_dismiss=close_dialog)
def edit_group(group: Group) -> None:
    """Rename a group, change its rule, or delete it."""
    with st.form("label_group_form", border=False):
        name = st.text_input("Name", value=group.name, key="label_group_name")
        rule = choose_rule(group.rule, "label_group_rule")
        wanted = st.form_submit_button("Save", type="primary", key="label_group_save")
    if wanted:
        schema_acts.do(
            f"Changed the group **{escape(name)}**",
            lambda project: change_group(project, group, name, rule),
        )
    question = f"delete group {group.group_id}"
    if st.button("Delete group", icon=":material/delete:", key="label_group_delete"):
        st.session_state[QUESTION] = question
    if st.session_state.get(QUESTION) == question and asked(
        f"Delete the group **{escape(group.name)}**? Its labels and their answers "
        "stay, in no group.",
        "Delete group",
        question,
    ):
        schema_acts.do(
            f"Deleted the group **{escape(group.name)}**",
            lambda project: delete_group(project, group.group_id, who=session.who()),
        )


def choose_rule(rule: str, key: str) -> str:
    """Draw the choice of a group's rule."""
    rules = list(RULE_WORDS)
    chosen: Any = st.selectbox(
        "A picture shows",
        rules,
        index=rules.index(rule),
        format_func=RULE_WORDS.__getitem__,
        key=key,
    )
    return str(chosen)


def change_group(project: Project, group: Group, name: str, rule: str) -> None:
    """Give a group another name and rule; its labels stay."""
    if name != group.name:
        rename_group(project, group.group_id, name, who=session.who())
    if rule != group.rule:
        names = [label.name for label in group.labels]
        set_group(project, name, names, rule, who=session.who())


@st.dialog("New group", on_dismiss=close_dialog)
def new_group() -> None:
    """Make a group of new or existing labels."""
    with st.form("label_new_group_form", border=False):
        name = st.text_input(
            "Group name", placeholder="colour", key="label_new_group_name"
        )
        text = st.text_input(
            "Its labels",
            placeholder="black, blue, red",
            help="Existing labels move into the group, missing ones are made.",
            key="label_new_group_labels",
        )
        rule = choose_rule("exactly-one", "label_new_group_rule")
        wanted = st.form_submit_button(
            "Create group", type="primary", key="label_new_group_save"
        )
    if wanted:
        schema_acts.do(
            f"Created the group **{escape(name)}**",
            lambda project: create_group(project, name, split_names(text), rule),
        )


def create_group(project: Project, name: str, names: list[str], rule: str) -> None:
    """Make the group; one of the same name gets these labels in addition."""
    old = next((g for g in list_groups(project) if g.name == name), None)
    kept = [label.name for label in old.labels] if old else []
    added = [n for n in names if n.casefold() not in {k.casefold() for k in kept}]
    set_group(project, name, kept + added, rule, who=session.who())
