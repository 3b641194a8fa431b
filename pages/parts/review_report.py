"""A report to send: written beside the page, then offered as a download."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.report_jobs import file_name, list_reports, start_report
from pages.parts.text import escape, size
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.report_jobs import ReportJob
    from pages.parts.review_scene import Scene

WATCH_EVERY_S = 0.5
FORMS = {
    "html": ("HTML file", ":material/html:", "text/html"),
    "pdf": ("PDF", ":material/picture_as_pdf:", "application/pdf"),
}


def show_report(scene: Scene) -> None:
    """Show the buttons that make a report, how far it is, and the way to get it."""
    st.markdown("## A report to send")
    st.caption(
        "The story, charts, example pictures and a model card in one file, with what "
        "is kept with the run. It needs no internet."
    )
    reports(scene.project.name, scene.run.run_id)


def reports(project_name: str, run_id: str) -> None:
    """Draw the newest report of each kind; again and again while one is written."""
    if any(not job.status.ended for job in _newest(project_name, run_id).values()):
        _watch(project_name, run_id)
    else:
        _draw(project_name, run_id)


@st.fragment(run_every=WATCH_EVERY_S)
def _watch(project_name: str, run_id: str) -> None:
    if all(job.status.ended for job in _newest(project_name, run_id).values()):
        st.rerun()
    _draw(project_name, run_id)


def _newest(project_name: str, run_id: str) -> dict[str, ReportJob]:
    with open_project(project_name) as project:
        jobs = list_reports(project, run_id)
    return {job.form: job for job in reversed(jobs)}


def _draw(project_name: str, run_id: str) -> None:
    found = _newest(project_name, run_id)
    with st.container(horizontal=True, key="review_reports"):
        for form, (words, icon, mime) in FORMS.items():
            job = found.get(form)
            if job and job.status.phase == "done":
                _download(project_name, job, words, mime)
            else:
                st.button(
                    f"Make a {words}" if form == "pdf" else f"Make an {words}",
                    key=f"review_report_{form}",
                    icon=icon,
                    disabled=bool(job and not job.status.ended),
                    on_click=_start,
                    args=(project_name, run_id, form),
                )
    for job in found.values():
        _say(job)


def _download(project_name: str, job: ReportJob, words: str, mime: str) -> None:
    with open_project(project_name) as project:
        name = file_name(project, job)
    st.download_button(
        f"Download the {words} ({size(job.status.report.get('bytes', 0))})",
        job.path.read_bytes,
        file_name=name,
        mime=mime,
        icon=":material/download:",
        key=f"review_report_get_{job.form}",
        on_click="ignore",
    )
    st.button(
        "Make it anew",
        key=f"review_report_{job.form}",
        type="tertiary",
        icon=":material/refresh:",
        on_click=_start,
        args=(project_name, job.run_id, job.form),
    )


def _say(job: ReportJob) -> None:
    status = job.status
    if not status.ended:
        share = status.done / status.total if status.total else 0.0
        st.progress(min(share, 1.0), text=f"Writing the {FORMS[job.form][0]}")
    elif status.phase == "failed":
        st.markdown(f":red[:material/error:] {escape(status.message)}")


def _start(project_name: str, run_id: str, form: str) -> None:
    try:
        with open_project(project_name) as project:
            start_report(project, run_id, form)
    except StorageError as error:
        st.error(str(error), icon=":material/error:")
