"""The dialog that puts groups, or the labels of a group, into another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts import schema_acts, session
from pages.parts.component_source import join_sources
from pages.parts.schema_asking import close_dialog
from storage.labels import free_labels, list_groups, order_groups, order_labels
from storage.projects import Project

# Instead of a group's id.
GROUPS = 0
FREE = -1

_component = st.components.v2.component(
    "unseen_order_list",
    # a lone line would be read as a path to a file
    html='<ol class="order">\n</ol>',
    css=join_sources("order_list.css"),
    js=join_sources("dom.js", "order_list.js"),
)


def order_list(items: Sequence[tuple[int, str, str]], *, key: str) -> list[int]:
    """Show (id, name, colour) to be dragged or moved by buttons; return the ids."""
    ids = [item[0] for item in items]
    shown = [{"id": i, "name": name, "colour": colour} for i, name, colour in items]
    result: Any = _component(
        data={"items": shown},
        key=key,
        default={"order": None},
        on_order_change=lambda: None,
    )
    return read_order(result.order, ids)


def read_order(value: object, ids: list[int]) -> list[int]:
    """Return the order the browser reports, if it is one of these ids."""
    if not isinstance(value, Mapping):
        return ids
    order = [i for i in value.get("ids") or [] if isinstance(i, int)]
    return order if sorted(order) == sorted(ids) else ids


@st.dialog("Order", on_dismiss=close_dialog)
def show_dialog(number: int) -> None:
    """Draw the list of `number`: a group's labels, the free ones, or the groups."""
    with session.open_current() as project:
        items = items_of(project, number)
    st.caption(
        "Drag, or use the arrows. The labeler shows them in this order, and gives "
        "the keys 1, 2, 3 … in it."
    )
    ids = [item[0] for item in items]
    order = order_list(items, key=f"label_order_{number}")
    if st.button("Save order", type="primary", key="label_order_save"):
        if order == ids:
            close_dialog()
            st.rerun()
        schema_acts.do(
            "Changed the order of the " + ("groups" if number == GROUPS else "labels"),
            lambda project: put_in_order(project, number, order),
        )


def items_of(project: Project, number: int) -> list[tuple[int, str, str]]:
    """Return (id, name, colour) of what is to be ordered."""
    groups = list_groups(project)
    if number == GROUPS:
        return [(group.group_id, group.name, "") for group in groups]
    labels = next((g.labels for g in groups if g.group_id == number), ())
    chosen = free_labels(project) if number == FREE else labels
    return [(label.label_id, label.name, label.colour) for label in chosen]


def put_in_order(project: Project, number: int, order: list[int]) -> None:
    """Keep the order."""
    keep = order_groups if number == GROUPS else order_labels
    keep(project, order, who=session.who())
