"""How far an import or its dry run is, with the button that ends it."""

from __future__ import annotations

import streamlit as st

from mlcore import import_jobs
from mlcore.errors import MLError
from pages.parts.text import counted, number


def status_of(project_name: str, job_id: str) -> import_jobs.JobStatus:
    """Return the status of a job; one that is gone has failed."""
    try:
        return import_jobs.job_status(project_name, job_id)
    except MLError as error:
        return import_jobs.JobStatus("failed", message=str(error))


def show_job(project_name: str, job_id: str) -> import_jobs.JobStatus:
    """Show the progress of a job and its cancel button; return its status."""
    status = status_of(project_name, job_id)
    share = min(status.done / status.total, 1.0) if status.total else 0.0
    st.progress(share, text=progress_words(status, share))
    if st.button("Cancel", key=f"data_cancel_{job_id}"):
        import_jobs.cancel_job(project_name, job_id)
    return status


def progress_words(status: import_jobs.JobStatus, share: float) -> str:
    """Return how far a job is; while labels are read nobody knows how many come."""
    if status.total:
        words = f"{number(status.done)} of {counted(status.total, 'file')}"
        return f"{share:.0%} · {words}"
    if status.done:
        return f"Reading the labels · {number(status.done)} lines so far"
    return "Starting"
