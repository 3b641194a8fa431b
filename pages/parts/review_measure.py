"""A run without held-out pictures is measured on the project's labelled ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.measure_jobs import cancel_measure, newest_measure, start_measure
from mlcore.measured import read_measured
from mlcore.measured_words import left_out_words, measured_on, training_words
from mlcore.measuring import is_outdated
from pages.parts.run_status import local_time
from pages.parts.text import escape, number
from storage.errors import StorageError
from storage.label_changes import history_end
from storage.projects import open_project
from storage.run_imports import IMPORTED
from storage.runs import run_dir

if TYPE_CHECKING:
    from mlcore.measure_jobs import MeasureJob
    from mlcore.measured import Measured
    from storage.projects import Project
    from storage.records import Run

WATCH_EVERY_S = 0.5
OFFERED = (
    "It has no figures here. Its answers to this project's labelled pictures tell how "
    "good it is on yours."
)


def offer(project: Project, run: Run) -> None:
    """Draw the way to the first figures of a run that has none."""
    st.markdown(f":orange[:material/info:] {_why_none(run)} {OFFERED}")
    _show_job(
        project.name,
        run.run_id,
        "Measure it on this project's labelled pictures",
        is_due=True,
    )


def show(project: Project, run: Run) -> None:
    """Say on what the run was measured, and let a person measure it again."""
    measured = read_measured(run_dir(project, run.run_id))
    if measured is None:
        return
    st.markdown(f"**{measured_on(measured)}** {escape(training_words(measured))}")
    about = [*left_out_words(measured), f"Measured {local_time(measured.made_at)}."]
    st.caption(escape(" ".join(about)))
    is_due = _is_outdated(project, run.run_id, measured)
    if is_due:
        st.markdown(
            ":orange[:material/update:] Pictures or labels have changed since: these "
            "figures are of before."
        )
    _show_job(project.name, run.run_id, "Measure it again", is_due=is_due)


def _why_none(run: Run) -> str:
    if run.recipe == IMPORTED:
        return "This run was trained elsewhere."
    return "This run kept no pictures out of training."


def _is_outdated(project: Project, run_id: str, measured: Measured) -> bool:
    end = history_end(project)
    return _look(str(project.folder), end, run_id, measured, project)


# Reads every label, so once for each state of the project.
@st.cache_data(max_entries=16, show_spinner=False)
def _look(
    folder: str, end: int, run_id: str, measured: Measured, _project: Project
) -> bool:
    try:
        return is_outdated(_project, run_id, measured)
    except MLError:
        return False  # what is wrong with the model is said where it is used


def _show_job(project_name: str, run_id: str, words: str, *, is_due: bool) -> None:
    job = _read(project_name, run_id)
    if job is not None and not job.status.ended:
        _watch(project_name, run_id)
        return
    st.button(
        words,
        icon=":material/straighten:",
        type="primary" if is_due else "secondary",
        key="review_measure",
        help="Takes a second for some dozen pictures, beside the page.",
        on_click=_start,
        args=(project_name, run_id),
    )
    if job is not None and job.status.phase in ("failed", "cancelled"):
        icon = ":red[:material/error:] " if job.status.phase == "failed" else ""
        st.markdown(f"{icon}{escape(job.status.message)}")


@st.fragment(run_every=WATCH_EVERY_S)
def _watch(project_name: str, run_id: str) -> None:
    """Draw how far it is; the page itself once it is done."""
    job = _read(project_name, run_id)
    if job is None or job.status.ended:
        st.rerun()
        return
    done, total = job.status.done, job.status.total
    words = f"Asked {number(done)} of {number(total)} pictures" if total else "Starting"
    st.progress(done / total if total else 0.0, text=words)
    st.button(
        "Cancel",
        key="review_measure_cancel",
        on_click=_cancel,
        args=(project_name, job.job_id),
    )


def _read(project_name: str, run_id: str) -> MeasureJob | None:
    with open_project(project_name) as project:
        return newest_measure(project, run_id)


def _start(project_name: str, run_id: str) -> None:
    try:
        with open_project(project_name) as project:
            start_measure(project, run_id)
    except (MLError, StorageError) as error:
        st.error(escape(str(error)), icon=":material/error:")


def _cancel(project_name: str, job_id: str) -> None:
    try:
        with open_project(project_name) as project:
            cancel_measure(project, job_id)
    except MLError:
        pass  # it ended just then
