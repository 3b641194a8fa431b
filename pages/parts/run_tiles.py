"""Small figures side by side, at fixed places: a number that changes moves nothing."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

TILE_PX = 96
NOTHING = "–"


def tiles(figures: Iterable[tuple[str, str]]) -> None:
    """Show (what, value) in a grid that wraps; both are safe Markdown."""
    with st.grid(min_column_width=TILE_PX, gap="small"):
        for what, value in figures:
            st.markdown(f":small[:gray[{what}]]  \n**{value or NOTHING}**")
