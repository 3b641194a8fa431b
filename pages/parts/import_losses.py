"""What an import leaves out of its source or bends, in one list."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.import_losses import SHOWN_EXAMPLES
from pages.parts import layout
from pages.parts.text import escape


def show(report: dict[str, Any]) -> None:
    """Show what does not come in as it is written; nothing when all of it does."""
    # Reports of imports from before this was counted lack it.
    losses = report.get("losses", [])
    if not losses:
        return
    with st.container(border=True, key="data_losses", gap="small"):
        layout.finding("warn", "**Not everything is taken over as it is written**")
        st.markdown("\n".join(map(line_of, losses)))


def line_of(loss: dict[str, Any]) -> str:
    """Return one loss as a line of a Markdown list: the sentence, the first few."""
    shown = ", ".join(map(escape, loss["examples"]))
    # A picture with several boxes is one example: how many more is not known.
    more = ", …" if len(loss["examples"]) < loss["count"] and is_cut(loss) else ""
    return f"- {escape(loss['sentence'])}: {shown}{more}"


def is_cut(loss: dict[str, Any]) -> bool:
    """Return whether there may be more examples than those that are listed."""
    return len(loss["examples"]) >= SHOWN_EXAMPLES
