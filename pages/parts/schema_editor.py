"""Labels and groups: a card per group, its labels as buttons that open a dialog."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts import schema_acts, schema_dialogs, session
from pages.parts.first_labels import RULE_WORDS, split_names
from pages.parts.text import escape, number
from storage.labels import (
    create_labels,
    free_labels,
    label_counts,
    list_groups,
    rule_violations,
)
from storage.projects import Project
from storage.records import Group, Label


def show(project: Project) -> None:
    """Draw every group with its labels, the free labels, and what may be done."""
    groups = list_groups(project)
    counts = label_counts(project)
    show_head(project, len(groups))
    for group in groups:
        show_group(group, counts)
    show_free(free_labels(project), counts, bool(groups))
    show_violations(project)
    schema_dialogs.show_open(project)


def show_head(project: Project, groups: int) -> None:
    """Draw the button for a new group and the way back from the last changes."""
    if groups == 0:
        st.caption(
            "Labels that exclude each other belong in a group: coverage counts "
            "combinations across groups."
        )
    with st.container(horizontal=True, gap="small", key="label_schema_head"):
        st.button(
            "New group",
            icon=":material/add:",
            key="label_new_group",
            on_click=schema_dialogs.open_dialog,
            args=("new",),
        )
        schema_acts.show_undo(project)
    schema_acts.show_last(project)


def show_group(group: Group, counts: dict[int, int]) -> None:
    """Draw one group: name, rule, labels, and a box to add more."""
    with st.container(border=True, key=f"label_group_{group.group_id}"):
        with st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
        ):
            show_title(escape(group.name), group.rule)
            st.button(
                "Edit group",
                type="tertiary",
                icon=":material/edit:",
                key=f"label_group_edit_{group.group_id}",
                on_click=schema_dialogs.open_dialog,
                args=("group", group.group_id),
            )
        show_labels(group.labels, counts)
        show_adder(group.group_id)


def show_title(name: str, rule: str) -> None:
    """Draw a group's name and what its rule says about a picture."""
    st.markdown(f"**{name}** &nbsp; :gray[{RULE_WORDS[rule]}]", width="content")


def show_free(labels: list[Label], counts: dict[int, int], has_groups: bool) -> None:
    """Draw the labels that are in no group."""
    with st.container(border=True, key="label_group_free"):
        title = "Labels in no group" if has_groups else "Labels"
        show_title(title, "any")
        show_labels(labels, counts)
        show_adder(None)


def show_labels(labels: Sequence[Label], counts: dict[int, int]) -> None:
    """Draw a button per label, with the number of images that show it."""
    with st.container(horizontal=True, gap="small"):
        for label in labels:
            shown = f"{escape(label.name)} · {number(counts.get(label.label_id, 0))}"
            st.button(
                shown,
                key=f"label_edit_{label.label_id}",
                on_click=schema_dialogs.open_dialog,
                args=("label", label.label_id),
            )


def show_adder(group_id: int | None) -> None:
    """Draw one line that adds labels to a group, or free ones."""
    with (
        st.form(f"label_add_{group_id}", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        text = st.text_input(
            "Add labels",
            placeholder="Add labels: green, white",
            label_visibility="collapsed",
            key=f"label_add_text_{group_id}",
            width=240,
        )
        wanted = st.form_submit_button("Add", key=f"label_add_button_{group_id}")
    if wanted:
        add_labels(text, group_id)


def add_labels(text: str, group_id: int | None) -> None:
    """Make the typed labels, or say what is wrong with them."""
    names = split_names(text)
    if not names:
        st.error("Type at least one name, for example: green, white")
        return
    shown = ", ".join(f"**{escape(name)}**" for name in names)
    schema_acts.do(
        f"Added {shown}",
        lambda project: create_labels(
            project, names, group_id=group_id, who=session.who()
        ),
    )


def show_violations(project: Project) -> None:
    """Say how many pictures break the rule of a group."""
    broken = rule_violations(project)
    if broken:
        st.warning(
            f"Pictures that break the rule of a group: {number(len(broken))}. They "
            "have two of its labels, or none where one is needed. Find them in the "
            "grid and choose one label; the others become no.",
            icon=":material/rule:",
        )
