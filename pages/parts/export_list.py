"""The zips being prepared or ready to download, newest first."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import streamlit as st

from mlcore.annotations import FORMATS
from mlcore.errors import MLError
from mlcore.export_jobs import (
    WHOLE,
    ExportJob,
    cancel_export,
    list_exports,
    remove_export,
)
from pages.parts.text import counted, escape, number, size
from storage.projects import open_project

WATCH_EVERY_S = 0.5
SHOWN = 5


def show(project_name: str, *, whole: bool) -> None:
    """Show the packings of whole projects or of data sets.

    While one is being prepared the list redraws itself.
    """
    jobs = read_jobs(project_name, whole)
    if any(not job.status.ended for job in jobs):
        watch(project_name, whole)
    else:
        draw(project_name, jobs)


def read_jobs(project_name: str, whole: bool) -> list[ExportJob]:
    """Return the packings of one kind, newest first."""
    with open_project(project_name) as project:
        jobs = list_exports(project)
    return [job for job in jobs if (job.wish.format_key == WHOLE) == whole]


@st.fragment(run_every=WATCH_EVERY_S)
def watch(project_name: str, whole: bool) -> None:
    """Draw the list again and again; the page itself once all is done."""
    jobs = read_jobs(project_name, whole)
    if all(job.status.ended for job in jobs):
        st.rerun()
    draw(project_name, jobs)


def draw(project_name: str, jobs: list[ExportJob]) -> None:
    """Draw the newest packings."""
    for job in jobs[:SHOWN]:
        with st.container(border=True, key=f"take_out_{job.job_id}", gap="xsmall"):
            draw_job(project_name, job)


def draw_job(project_name: str, job: ExportJob) -> None:
    """Draw one packing as far as it is."""
    status = job.status
    if not status.ended:
        draw_progress(project_name, job)
    elif status.phase == "done":
        draw_ready(project_name, job)
    else:
        icon = ":material/error: " if status.phase == "failed" else ""
        st.markdown(f"{icon}**{title(job)}**: {escape(status.message)}")
        remove_button(project_name, job)


def draw_progress(project_name: str, job: ExportJob) -> None:
    """Draw how far a packing is, and the button that ends it."""
    status = job.status
    share = min(status.done / status.total, 1.0) if status.total else 0.0
    words = f"{number(status.done)} of {counted(status.total, 'file')}"
    st.progress(share, text=f"{title(job)} · {words if status.total else 'starting'}")
    if st.button("Cancel", key=f"take_out_cancel_{job.job_id}"):
        with open_project(project_name) as project:
            cancel_export(project, job.job_id)


def draw_ready(project_name: str, job: ExportJob) -> None:
    """Draw a finished zip: download, contents, what the format lost."""
    report = job.status.report
    st.markdown(f":green[:material/check_circle:] **{title(job)}**")
    st.caption(contents(job))
    for note in report.get("notes", []):
        st.caption(f":orange[:material/info:] {escape(note)}")
    lost = report.get("skipped") or report.get("missing") or []
    if lost:
        st.caption(
            f":orange[:material/warning:] {counted(len(lost), 'picture')} could not be "
            "packed: the file is missing or damaged in the data folder."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            f"Download {size(job.size_bytes)}",
            f"/api/{quote(project_name)}/exports/{job.job_id}",
            icon=":material/download:",
        )
        remove_button(project_name, job)


def title(job: ExportJob) -> str:
    """Return what a packing is, in words."""
    if job.wish.format_key == WHOLE:
        return "The whole project"
    words = job.wish.filter_words or "Pictures"
    return escape(f"{words} as {FORMATS[job.wish.format_key].title}")


def contents(job: ExportJob) -> str:
    """Return "2,072 pictures · 6 labels · as of 10:22"."""
    report = job.status.report
    parts = [counted(report.get("images", 0), "picture")]
    if job.wish.format_key == WHOLE:
        parts.append(counted(report.get("runs", 0), "run"))
    else:
        parts.append(counted(report.get("labels", 0), "label"))
        if not job.wish.with_images:
            parts.append("without the picture files")
    at = datetime.fromtimestamp(job.started).strftime("%H:%M")
    return " · ".join([*parts, f"as of {at}"])


def remove_button(project_name: str, job: ExportJob) -> None:
    """Draw the button that removes a packing from the list and the disk."""
    if st.button(
        "Remove",
        icon=":material/close:",
        type="tertiary",
        key=f"take_out_remove_{job.job_id}",
    ):
        try:
            with open_project(project_name) as project:
                remove_export(project, job.job_id)
        except MLError:
            pass  # gone already, as wished
        st.rerun()
