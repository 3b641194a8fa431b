"""The page on unseen combinations from the documentation, over a page of the app."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

STORY = Path(__file__).parents[2] / "docs" / "unseen-combinations.md"
TITLE = re.compile(r"\A# .*\n")


def show_button(*, where: str) -> bool:
    """Draw the button that opens the page; return whether it did.

    Nothing is drawn where the documentation is not beside the program.
    """
    if not STORY.is_file():
        return False
    asked = st.button(
        "The whole story",
        key=f"{where}_story",
        icon=":material/menu_book:",
        type="tertiary",
    )
    if asked:
        _show_dialog()
    return asked


@st.dialog("Combinations no picture shows", width="large")
def _show_dialog() -> None:
    st.markdown(for_screen(STORY.read_text("utf-8")))


def for_screen(text: str) -> str:
    """Return the page without its title, its pictures as the app serves them."""
    return TITLE.sub("", text).replace("](img/", "](/docs/img/")
