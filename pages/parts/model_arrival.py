"""Bring in a model that was taken away elsewhere: drop its zip, watch, see the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.model_jobs import (
    cancel_model_job,
    model_import_status,
    start_model_import,
)
from mlcore.model_steps import IMPORT_STEPS
from mlcore.side_jobs import SideStatus
from pages.parts.text import counted, escape
from pages.parts.uploader import uploader
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from storage.projects import Project

JOB_KEY = "model_arrival_job"
SAID_KEY = "model_arrival_said"
GENERATION_KEY = "model_arrival_generation"
CLOSED_KEY = "model_arrival_closed"
WATCH_EVERY_S = 0.4


def show(project: Project) -> None:
    """Show the fold with the drop zone, how far a model is, or what came of it."""
    fold = st.expander(
        "Bring in a model", icon=":material/move_to_inbox:", key="model_arrival"
    )
    with fold:
        if _job_of(project.name):
            _watch(project.name)
            return
        _say(st.session_state.get(SAID_KEY, {}).get(project.name))
        st.caption(
            "A model trained in another project of Unseen becomes a run of this one. "
            "Its labels are matched by name; it answers with its own."
        )
        generation = st.session_state.get(GENERATION_KEY, 0)
        arrived = uploader(
            project.name,
            key=f"model_arrival_{generation}",
            purpose="model",
            accept_folders=False,
        )
        if arrived is not None:
            _begin(project, arrived.upload_id)


def _job_of(project_name: str) -> str:
    job: str = st.session_state.get(JOB_KEY, {}).get(project_name, "")
    return job


def _begin(project: Project, upload_id: str) -> None:
    try:
        job_id = start_model_import(project, upload_id)
    except (MLError, StorageError) as error:
        _end(project.name, SideStatus("failed", message=str(error)))
    else:
        st.session_state.setdefault(JOB_KEY, {})[project.name] = job_id
    st.rerun()


@st.fragment(run_every=WATCH_EVERY_S)
def _watch(project_name: str) -> None:
    """Show how far it is; draw the page anew once it is there."""
    job_id = _job_of(project_name)
    try:
        with open_project(project_name) as project:
            status = model_import_status(project, job_id)
    except MLError as error:
        status = SideStatus("failed", message=str(error))
    if status.ended:
        # Said here first: the page above shows the run before this place is drawn anew.
        if st.session_state.get(CLOSED_KEY) == job_id:
            _end(project_name, status)
            st.rerun()
        st.session_state[CLOSED_KEY] = job_id
        _say(status)
        return
    step = IMPORT_STEPS[min(status.done, len(IMPORT_STEPS) - 1)]
    st.progress(
        status.done / len(IMPORT_STEPS), text=step if status.total else "Starting"
    )
    if st.button("Cancel", key="model_arrival_cancel"):
        with open_project(project_name) as project:
            cancel_model_job(project, job_id)


def _end(project_name: str, status: SideStatus) -> None:
    state = st.session_state
    state.get(JOB_KEY, {}).pop(project_name, None)
    state.setdefault(SAID_KEY, {})[project_name] = status
    state[GENERATION_KEY] = state.get(GENERATION_KEY, 0) + 1


def _say(status: SideStatus | None) -> None:
    if status is None:
        return
    if status.phase != "done":
        st.error(escape(status.message), icon=":material/error:")
        return
    st.success(arrival_sentence(status.report), icon=":material/verified:")
    for words in (status.report["labels"], status.report["problem"]):
        if words:
            st.caption(f":orange[:material/info:] {escape(str(words))}")


def arrival_sentence(report: Mapping[str, Any]) -> str:
    """Return "It is r0002-imported now, from clothes, r0001-quick. Proved: …"."""
    if report.get("is_known"):
        origin = escape(str(report["origin"]))
        return f"It is already here as {report['run_id']}, from {origin}."
    words = f"It is {report['run_id']} now, from {escape(str(report['origin']))}."
    if not report["pictures"]:
        return words
    return (
        f"{words} Proved: it answered its "
        f"{counted(int(report['pictures']), 'test picture')} here as where it was "
        f"trained; largest difference {float(report['difference']):.7f}."
    )
