"""The dialogs of the schema editor: which one is open, and those about groups."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import (
    schema_acts,
    schema_file,
    schema_label,
    schema_notes,
    schema_order,
    session,
)
from pages.parts.first_labels import RULE_WORDS, split_names
from pages.parts.schema_asking import OPEN, ask_once, close_dialog
from pages.parts.schema_known import find_group, show_known_group
from pages.parts.text import escape
from storage.labels import (
    delete_group,
    describe_group,
    list_groups,
    list_labels,
    rename_group,
    set_group,
)
from storage.projects import Project
from storage.records import Group
from storage.schema_acts import schema_act


def show_open(project: Project) -> None:
    """Draw the open dialog; nothing when its label or group is gone.

    Kinds: "label" and "group" with an id, "order" with a group's id or one of
    `schema_order`'s, "new" for a group, "file".
    """
    kind, number = st.session_state.get(OPEN, ("", 0))
    labels = {label.label_id: label for label in list_labels(project)}
    groups = {group.group_id: group for group in list_groups(project)}
    if kind == "new":
        new_group()
    elif kind == "file":
        schema_file.show_dialog()
    elif kind == "order":
        schema_order.show_dialog(number)
    elif kind == "label" and number in labels:
        schema_label.show_dialog(labels[number])
    elif kind == "group" and number in groups:
        edit_group(groups[number])


@st.dialog("Label group", on_dismiss=close_dialog)
def edit_group(group: Group) -> None:
    """Rename a group, describe it, change its rule, or delete it."""
    with st.form("label_group_form", border=False):
        name = st.text_input("Name", value=group.name, key="label_group_name")
        rule = choose_rule(group.rule, "label_group_rule")
        text = st.text_area(
            "What it is about",
            value=group.description,
            height=80,
            placeholder="Shown to everybody who labels",
            key="label_group_description",
        )
        wanted = st.form_submit_button("Save", type="primary", key="label_group_save")
    if wanted:
        schema_acts.do(
            f"Changed the group **{escape(name)}**",
            lambda project: change_group(project, group, name, rule, text),
        )
    if ask_once(
        "Delete group",
        f"Delete the group **{escape(group.name)}**? Its labels stay, in no group.",
        "Delete",
        question=f"delete group {group.group_id}",
        key="label_group_delete",
    ):
        schema_acts.do(
            f"Deleted the group **{escape(group.name)}**",
            lambda project: delete_group(project, group.group_id, who=session.who()),
        )


def choose_rule(rule: str, key: str) -> str:
    """Ask how many labels of a group a picture may show."""
    rules = list(RULE_WORDS)
    chosen: Any = st.selectbox(
        "A picture shows",
        rules,
        index=rules.index(rule),
        format_func=RULE_WORDS.__getitem__,
        key=key,
    )
    return str(chosen)


def change_group(
    project: Project, group: Group, name: str, rule: str, text: str
) -> None:
    """Give a group another name, rule and description; its labels stay."""
    who = session.who()
    with schema_act(project, "change group", who):
        if name != group.name:
            rename_group(project, group.group_id, name, who=who)
        if rule != group.rule:
            names = [label.name for label in group.labels]
            set_group(project, name, names, rule, who=who)
        describe_group(project, group.group_id, description=text, who=who)


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
    with session.open_current() as project:
        known = find_group(project, name)
    if known:
        show_known_group(known)
    elif wanted:
        schema_acts.do(
            f"Created the group **{escape(name)}**",
            lambda project: create_group(project, name, split_names(text), rule),
        )


def create_group(project: Project, name: str, names: list[str], rule: str) -> None:
    """Make the group and the labels that are missing."""
    with schema_notes.new_labels(project):
        set_group(project, name, names, rule, who=session.who())
