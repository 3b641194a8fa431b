"""Labels and groups: a card per group, its labels as buttons that open a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.parts import (
    group_offer,
    schema_acts,
    schema_dialogs,
    schema_known,
    schema_notes,
    schema_order,
    session,
)
from pages.parts.first_labels import RULE_WORDS, split_names
from pages.parts.schema_asking import open_dialog
from pages.parts.text import escape, number
from storage.errors import LabelError
from storage.implications import list_implications
from storage.label_keys import label_keys
from storage.labels import create_labels, label_counts, list_groups, list_labels
from storage.projects import Project
from storage.records import Group, Label


@dataclass(frozen=True, slots=True)
class Facts:
    """What the cards show of their labels: counts, keys, what is implied and new."""

    counts: dict[int, int]
    keys: dict[int, str]
    implied: dict[int, str]
    note: schema_notes.NewNote | None


def show(project: Project) -> None:
    """Draw every group with its labels, the free labels, and what may be done."""
    groups = list_groups(project)
    labels = list_labels(project)
    facts = Facts(
        label_counts(project),
        label_keys(project),
        tell_implied(project, labels),
        schema_notes.note_new(project, labels),
    )
    st.html(style_of(labels))
    show_head(project, len(groups))
    group_offer.show_on_schema(project)
    schema_notes.show(project, labels, facts.note)
    for group in groups:
        show_group(group, facts)
    free = [label for label in labels if label.group_id is None]
    show_free(free, facts, bool(groups))
    schema_dialogs.show_open(project)


def style_of(labels: Sequence[Label]) -> str:
    """Return the colours of the labels as dots on their buttons.

    Storage lets nothing but #rrggbb be a colour, so none can break out of the style.
    """
    dot = (
        '[class*="st-key-label_edit_"] button::before { content: ""; flex: none;'
        " width: .7rem; height: .7rem; margin-right: .45rem; border-radius: 50%;"
        " border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }"
    )
    coloured = [
        f".st-key-label_edit_{label.label_id} button::before"
        f" {{ background: {label.colour}; }}"
        for label in labels
        if label.colour
    ]
    return f"<style>{dot if coloured else ''}{''.join(coloured)}</style>"


def tell_implied(project: Project, labels: Sequence[Label]) -> dict[int, str]:
    """Return "jeans → trousers" for every label that implies others."""
    names = {label.label_id: escape(label.name) for label in labels}
    return {
        label_id: f"{names[label_id]} → {', '.join(names[i] for i in ids)}"
        for label_id, ids in list_implications(project).items()
    }


def show_head(project: Project, groups: int) -> None:
    """Draw what concerns all groups, and the way back from the last changes."""
    if groups == 0:
        st.caption(
            "Labels that exclude each other belong in a group: coverage counts "
            "combinations across groups."
        )
    with st.container(horizontal=True, gap="small", key="label_schema_head"):
        show_opener("New group", ":material/add:", "label_new_group", "new")
        if groups > 1:
            show_opener(
                "Order groups", ":material/swap_vert:", "label_order_groups", "order"
            )
        show_opener("File", ":material/file_json:", "label_schema_file", "file")
        schema_acts.show_undo(project)
    schema_acts.show_last(project)


def show_opener(title: str, icon: str, key: str, kind: str, number: int = 0) -> None:
    """Draw a button that opens a dialog."""
    st.button(title, icon=icon, key=key, on_click=open_dialog, args=(kind, number))


def show_group(group: Group, facts: Facts) -> None:
    """Draw one group: name, rule, labels, and a box to add more."""
    with st.container(border=True, key=f"label_group_{group.group_id}", gap="small"):
        with st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
        ):
            show_title(escape(group.name), group.rule)
            show_group_buttons(group.group_id, len(group.labels))
        if group.description:
            st.caption(escape(group.description))
        show_labels(group.labels, facts)
        show_adder(group.group_id, facts)


def show_title(name: str, rule: str) -> None:
    """Draw a group's name and what its rule says about a picture."""
    st.markdown(f"**{name}** &nbsp; :gray[{RULE_WORDS[rule]}]", width="content")


def show_group_buttons(group_id: int, labels: int) -> None:
    """Draw what may be done with the group as a whole."""
    with st.container(horizontal=True, gap="small", width="content"):
        show_orderer(group_id, labels)
        st.button(
            "Edit",
            type="tertiary",
            icon=":material/edit:",
            key=f"label_group_edit_{group_id}",
            on_click=open_dialog,
            args=("group", group_id),
        )


def show_orderer(number: int, labels: int) -> None:
    """Draw the button that opens the order, where there is one to choose."""
    st.button(
        "Order",
        type="tertiary",
        icon=":material/swap_vert:",
        key=f"label_order_open_{number}",
        disabled=labels < 2,
        on_click=open_dialog,
        args=("order", number),
    )


def show_free(labels: list[Label], facts: Facts, has_groups: bool) -> None:
    """Draw the labels that are in no group."""
    with st.container(border=True, key="label_group_free", gap="small"):
        with st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
        ):
            title = "Labels in no group" if has_groups else "Labels"
            show_title(title, "any")
            show_orderer(schema_order.FREE, len(labels))
        show_labels(labels, facts)
        show_adder(None, facts)


def show_labels(labels: Sequence[Label], facts: Facts) -> None:
    """Draw a button per label, with the number of images that show it."""
    with st.container(horizontal=True, gap="small"):
        for label in labels:
            count = number(facts.counts.get(label.label_id, 0))
            sign = facts.keys.get(label.label_id, "").upper()
            key = f" · {escape(sign)}" if sign else ""
            st.button(
                f"{escape(label.name)} :gray[{count}{key}]",
                key=f"label_edit_{label.label_id}",
                help=escape(label.description) or None,
                on_click=open_dialog,
                args=("label", label.label_id),
            )
    implied = facts.implied
    lines = [implied[x.label_id] for x in labels if x.label_id in implied]
    if lines:
        st.caption("Implied: " + "; ".join(lines))


def show_adder(group_id: int | None, facts: Facts) -> None:
    """Draw one line that adds labels to a group, or free ones, and what is new."""
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
    if facts.note and facts.note.place == group_id:
        schema_notes.show_new(facts.note)


def add_labels(text: str, group_id: int | None) -> None:
    """Make the typed labels, or say what is wrong with them."""
    names = split_names(text)
    if not names:
        st.error("Type at least one name, for example: green, white")
        return
    try:
        with session.open_current() as project:
            known = schema_known.known_labels(project, names)
            told = schema_known.tell_known(project, known, group_id)
    except LabelError as error:
        st.error(escape(str(error)))
        return
    there = {label.name.casefold() for label in known}
    new = [name for name in names if name.casefold() not in there]
    if not new:
        st.error(told)
        return
    if told:
        session.flash(told, ":material/info:")
    shown = ", ".join(f"**{escape(name)}**" for name in new)
    schema_acts.do(f"Added {shown}", lambda project: make(project, new, group_id))


def make(project: Project, names: list[str], group_id: int | None) -> None:
    """Make labels and remember which are new."""
    with schema_notes.new_labels(project):
        create_labels(project, names, group_id=group_id, who=session.who())
