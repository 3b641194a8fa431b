"""Bringing pictures in, looking at those that are here, and taking them out."""

from __future__ import annotations

import streamlit as st

from pages.parts import (
    adding,
    exporting_view,
    health_view,
    layout,
    pictures,
    session,
)
from pages.parts.text import counted
from storage.images import count_images

ADD, PICTURES, HEALTH, TAKE_OUT = "Add pictures", "Pictures", "Health", "Take out"


def show() -> None:
    """Show the chosen half of the page."""
    with session.open_current() as project:
        total = count_images(project)
        layout.page_title("Data", f"{counted(total, 'picture')} in this project.")
        half = chosen_half(total)
        if half == PICTURES:
            pictures.show(project)
        elif half == HEALTH:
            health_view.show(project)
        elif half == TAKE_OUT:
            exporting_view.show(project)
        else:
            adding.show(project.name)


def chosen_half(total: int) -> str:
    """Return which half to show; without pictures there is only one."""
    if not total:
        return ADD
    return st.segmented_control(
        "Show",
        [ADD, PICTURES, HEALTH, TAKE_OUT],
        default=ADD,
        required=True,
        key="data_half",
        label_visibility="collapsed",
    )


show()
