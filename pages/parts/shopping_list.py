"""What to collect first, in plain sentences, on the Coverage page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.shopping import what_to_collect
from pages.parts.text import escape

if TYPE_CHECKING:
    from mlcore.coverage import Coverage

SHOWN = 3


def show_shopping_list(found: Coverage) -> None:
    """Name the few combinations that would help a model most; nothing when none."""
    advice = what_to_collect(found, SHOWN)
    if not advice:
        return
    with st.container(border=True, key="coverage_shopping", gap="small"):
        st.markdown("## Collect first")
        sentences = [piece.sentence(show=escape) for piece in advice]
        rows = [f"{place}. {text}" for place, text in enumerate(sentences, start=1)]
        st.markdown("\n".join(rows))
        st.caption("Even five pictures of one, from different places, help a lot.")
