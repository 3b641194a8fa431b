"""What an import has done, and where to go from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts import (
    group_offer,
    import_conflicts,
    import_losses,
    import_undoing,
    refused_list,
)
from pages.parts.import_words import came_in, details, still_open


def show(
    project_name: str,
    job_id: str,
    report: dict[str, Any],
    begin_anew: Callable[[], None],
) -> None:
    """Show the figures of a finished import and the next step."""
    with st.container(
        border=True, horizontal_alignment="center", key="data_report", gap="small"
    ):
        st.markdown("## :green[:material/check_circle:]", text_alignment="center")
        st.markdown(f"**{came_in(report)}**", text_alignment="center")
        st.caption(details(report), text_alignment="center")
        if questions := still_open(report):
            st.caption(questions, text_alignment="center")
        if report["labels"]:
            group_offer.tell_import(project_name)
        with st.container(horizontal=True, horizontal_alignment="center"):
            page, words = next_page(report)
            if st.button(words, type="primary", key="data_next"):
                begin_anew()
                st.switch_page(page)
            if st.button("Add more pictures", key="data_more"):
                begin_anew()
                st.rerun()
            import_undoing.show_button(project_name, job_id, report, begin_anew)
    import_conflicts.show(report, overwrites=report.get("overwrites", False))
    refused_list.show(report["refused"], report.get("refused_more", 0))
    import_losses.show(report)


def next_page(report: dict[str, Any]) -> tuple[str, str]:
    """Return the page to go to and the words on its button."""
    if report["labels"]:
        return "coverage.py", "See which combinations are there"
    return "label.py", "Label them"
