"""The files an import does not take, each with its reason."""

from __future__ import annotations

import streamlit as st

from mlcore.picture_index import NOT_HERE
from pages.parts import layout
from pages.parts.text import counted, escape, number

SHOWN_AT_ONCE = 2
SHOWN_AT_MOST = 200


def show(refused: list[dict[str, str]], more: int = 0) -> None:
    """Show the first reasons at once, the others on a click; nothing when empty.

    `more` were refused besides, but are not listed.
    """
    if not refused:
        return
    with st.container(border=True, key="data_refused", gap="small"):
        level = "warn" if is_about_missing(refused) else "stop"
        title = in_short(refused, more, "cannot be brought in")
        layout.finding(level, f"**{title}**")
        st.markdown(lines_of(refused[:SHOWN_AT_ONCE]))
        show_rest(refused[SHOWN_AT_ONCE:], more)


def in_short(refused: list[dict[str, str]], more: int, verb: str) -> str:
    """Return "3 files refused" with that verb, or "3 named pictures are not here"."""
    count = len(refused) + more
    if is_about_missing(refused):
        are = "is" if count == 1 else "are"
        return f"{counted(count, 'named picture')} {are} not here"
    # Reasons may be about lines of a table, not about files.
    is_lines = all(", line " in item["path"] for item in refused)
    return f"{counted(count, 'line' if is_lines else 'file')} {verb}"


def is_about_missing(refused: list[dict[str, str]]) -> bool:
    """Return whether nothing is wrong but that pictures are not there."""
    missing = [item["reason"].startswith(NOT_HERE) for item in refused]
    return bool(missing) and all(missing)


def show_rest(rest: list[dict[str, str]], more: int) -> None:
    """Show the reasons beyond the first as a list that opens and scrolls."""
    if not rest:
        return
    total = len(rest) + more
    with st.expander(f"Show {number(total)} more"):
        lines = lines_of(rest[:SHOWN_AT_MOST])
        if total > SHOWN_AT_MOST:
            lines += f"\n- and {number(total - SHOWN_AT_MOST)} more"
        with st.container(height=min(40 + 30 * len(rest), 280), border=False):
            st.markdown(lines)


def lines_of(refused: list[dict[str, str]]) -> str:
    """Return a Markdown list of paths and reasons."""
    return "\n".join(
        f"- **{escape(item['path'])}**: {escape(item['reason'])}" for item in refused
    )
