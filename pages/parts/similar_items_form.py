"""Titles, prices and links of the project's pictures: a CSV in, a report out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.item_table import ItemReport, import_items
from pages.parts import session
from pages.parts.text import counted, escape, number
from storage.errors import StorageError
from storage.similar_items import count_items, forget_items

if TYPE_CHECKING:
    from storage.projects import Project

REPORT = "similar_items_report"
REFUSED_SHOWN = 20


def show(project: Project) -> None:
    """Draw the folded form, and how many pictures have an item."""
    count = count_items(project)
    title = "Titles, prices and links"
    title += f": {counted(count, 'picture')}" if count else ""
    with st.expander(title, icon=":material/sell:", key="similar_items"):
        st.caption(
            "A CSV with the columns file, title, price and link; all but file may be "
            "missing. Rows are matched by file name. Links begin with http:// or "
            "https:// and open in a tab of their own."
        )
        file = st.file_uploader(
            "CSV of items", type=["csv", "tsv", "txt"], key="similar_items_file"
        )
        if file is not None:
            _take(project, file.file_id, file.name, file.getvalue())
        report = st.session_state.get(REPORT)
        if report is not None and report[0] == project.name and report[2]:
            show_report(report[2])
        if count:
            _forget(project, count)


def _take(project: Project, file_id: str, name: str, data: bytes) -> None:
    """Take a table in, once."""
    known = st.session_state.get(REPORT)
    if known is not None and known[:2] == (project.name, file_id):
        return
    try:
        report = import_items(project, lambda: io.BytesIO(data), name)
    except (MLError, StorageError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.session_state[REPORT] = (project.name, file_id, report)
    st.rerun()


def show_report(report: ItemReport) -> None:
    """Say how many rows fitted, and which did not."""
    left = len(report.refused) + report.refused_more
    st.markdown(f"{counted(report.matched, 'picture')} now say what they show.")
    if not left:
        return
    st.markdown(f":orange[:material/info:] {counted(left, 'line')} with a problem:")
    for one in report.refused[:REFUSED_SHOWN]:
        st.caption(f"{escape(one.path)}: {escape(one.reason)}")
    if left > REFUSED_SHOWN:
        st.caption(f"and {number(left - REFUSED_SHOWN)} more")


def _forget(project: Project, count: int) -> None:
    sure = st.checkbox(
        f"Forget them for {counted(count, 'picture')}", key="similar_forget_sure"
    )
    if sure and st.button(
        "Forget titles, prices and links",
        icon=":material/delete:",
        key="similar_forget",
    ):
        forget_items(project)
        # The file may still stand in its field: it is not taken in again.
        known = st.session_state.get(REPORT) or (project.name, "")
        st.session_state[REPORT] = (*known[:2], None)
        session.flash("Forgotten. The pictures stay.")
        st.rerun()
