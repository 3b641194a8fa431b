"""What an import has done, and where to go from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts import plan_view
from pages.parts.text import counted


def show(
    project_name: str, report: dict[str, Any], begin_anew: Callable[[], None]
) -> None:
    """Show the figures of a finished import and the next step."""
    with st.container(
        border=True, horizontal_alignment="center", key="data_report", gap="small"
    ):
        st.markdown("## :green[:material/check_circle:]", text_alignment="center")
        st.markdown(f"**{headline(report)}**", text_alignment="center")
        st.caption(details(report), text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center"):
            page, words = next_page(report)
            if st.button(words, type="primary", key="data_next"):
                begin_anew()
                st.switch_page(page)
            if st.button("Add more pictures", key="data_more"):
                begin_anew()
                st.rerun()
    plan_view.show_conflicts(report.get("conflicts", 0))
    plan_view.show_refused(report["refused"])


def headline(report: dict[str, Any]) -> str:
    """Return "1,994 pictures came in"."""
    if not report["added"]:
        return "No new pictures came in"
    return f"{counted(report['added'], 'picture')} came in"


def details(report: dict[str, Any]) -> str:
    """Return "12 duplicates kept once · 3 files refused · 6 labels"."""
    parts = []
    if report["already_there"]:
        parts.append(f"{counted(report['already_there'], 'duplicate')} kept once")
    if report["refused"]:
        parts.append(f"{counted(len(report['refused']), 'file')} refused")
    if report["labels"]:
        parts.append(counted(len(report["labels"]), "label"))
    return " · ".join(parts) or "Every file was taken."


def next_page(report: dict[str, Any]) -> tuple[str, str]:
    """Return the page to go to and the words on its button."""
    if report["labels"]:
        return "coverage.py", "See which combinations are there"
    return "label.py", "Label them"
