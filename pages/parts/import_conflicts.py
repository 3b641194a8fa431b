"""Pictures that carry other answers than a source says: which, and who wins."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import layout
from pages.parts.text import counted, escape, number

SHOWN_AT_MOST = 100


def show(plan: dict[str, Any], *, overwrites: bool) -> None:
    """Say how many pictures carry other answers already, and list the first."""
    conflicts = plan["conflicts"]
    if not conflicts:
        return
    words = counted(conflicts, "picture")
    if overwrites:
        layout.finding("warn", f"{words} with other answers get what the files say.")
    else:
        layout.finding(
            "info",
            f"{words} already with other answers, or twice "
            "here under different labels: the answers given first stay.",
        )
    listed = plan.get("listed") or []
    if listed:
        with st.expander("Show which"):
            show_list(listed, conflicts)


def ask(plan: dict[str, Any], overwrites: bool) -> bool:
    """Ask whether the source wins over what is here; only when they differ."""
    if not plan.get("listed"):
        return overwrites
    return st.checkbox(
        "Overwrite the answers that are here",
        overwrites,
        help="Answers of people that differ are replaced by what the files say. It "
        "can be undone with the import.",
        key="data_overwrite",
    )


def show_list(listed: list[dict[str, Any]], conflicts: int) -> None:
    """Show picture by picture what is here and what the source says."""
    lines = [
        f"- **{escape(row['picture'])}**: here {names(row['here'])} · the files say"
        f" {names(row['says'])}"
        for row in listed[:SHOWN_AT_MOST]
    ]
    if conflicts > len(lines):
        lines.append(f"- and {number(conflicts - len(lines))} more")
    with st.container(height=min(40 + 30 * len(lines), 280), border=False):
        st.markdown("\n".join(lines))


def names(labels: list[str]) -> str:
    """Return label names as safe Markdown."""
    return ", ".join(map(escape, labels))
