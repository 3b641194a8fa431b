"""Take it away: a run as a zip that works elsewhere, and the proof that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import streamlit as st

from mlcore.errors import MLError
from mlcore.label_changes import label_changes
from mlcore.model_formats import FORMATS
from mlcore.model_jobs import (
    ModelJob,
    cancel_model_job,
    list_model_exports,
    remove_model_job,
    start_model_export,
)
from mlcore.model_json import read_model_json
from mlcore.model_steps import EXPORT_STEPS
from pages.parts.text import counted, escape, size
from storage.errors import StorageError
from storage.projects import open_project
from storage.runs import run_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from storage.projects import Project
    from storage.records import Run

WATCH_EVERY_S = 0.5
SHOWN = 5


def show(project: Project, run: Run) -> None:
    """Show the formats a run can be taken away in, and what is being or was made."""
    st.markdown("## Take it away")
    st.caption(
        "One zip that works without Unseen: the model, its labels, groups, thresholds "
        "and known combinations, and a short script. It appears only after the script, "
        "by itself, has answered test pictures as Unseen does."
    )
    with st.container(border=True, key="review_export"):
        if words := _label_words(project, run):
            st.caption(f":orange[:material/info:] {escape(words)}")
        key = st.radio(
            "Format",
            list(FORMATS),
            format_func=lambda key: FORMATS[key].title,
            captions=[form.plain for form in FORMATS.values()],
            key="review_export_format",
        )
        if st.button(
            "Prepare the zip",
            icon=":material/inventory_2:",
            key="review_export_start",
            help="Takes some seconds to a minute, beside the page. Up to 20 of the "
            "project's pictures go along as test pictures.",
        ):
            _begin(project, run, key)
        _list(project.name, run.run_id)


def _label_words(project: Project, run: Run) -> str:
    try:
        facts = read_model_json(run_dir(project, run.run_id))
    except MLError:
        return ""
    return label_changes(project, facts).sentence()


def _begin(project: Project, run: Run, key: str) -> None:
    try:
        start_model_export(project, run.run_id, key)
    except (MLError, StorageError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.rerun()


def _read(project_name: str, run_id: str) -> list[ModelJob]:
    with open_project(project_name) as project:
        return list_model_exports(project, run_id)[:SHOWN]


def _list(project_name: str, run_id: str) -> None:
    jobs = _read(project_name, run_id)
    if any(not job.status.ended for job in jobs):
        _watch(project_name, run_id)
    else:
        _draw(project_name, jobs)


@st.fragment(run_every=WATCH_EVERY_S)
def _watch(project_name: str, run_id: str) -> None:
    """Draw the list again and again; the page itself once all is done."""
    jobs = _read(project_name, run_id)
    if all(job.status.ended for job in jobs):
        st.rerun()
    _draw(project_name, jobs)


def _draw(project_name: str, jobs: list[ModelJob]) -> None:
    for job in jobs:
        with st.container(border=True, key=f"take_model_{job.job_id}", gap="xsmall"):
            _draw_job(project_name, job)


def _draw_job(project_name: str, job: ModelJob) -> None:
    status, title = job.status, FORMATS[job.format_key].title
    if not status.ended:
        step = EXPORT_STEPS[min(status.done, len(EXPORT_STEPS) - 1)]
        st.progress(
            status.done / len(EXPORT_STEPS),
            text=f"{title} · {step if status.total else 'Starting'}",
        )
        st.button(
            "Cancel",
            key=f"take_model_cancel_{job.job_id}",
            on_click=_act,
            args=(project_name, job.job_id, "cancel"),
        )
        return
    if status.phase == "done":
        _draw_ready(project_name, job)
        return
    icon = ":red[:material/error:] " if status.phase == "failed" else ""
    st.markdown(f"{icon}**{title}**: {escape(status.message)}")
    _remove_button(project_name, job)


def _draw_ready(project_name: str, job: ModelJob) -> None:
    st.markdown(
        f":green[:material/verified:] **{FORMATS[job.format_key].title}** · "
        f"{proof_sentence(job.status.report)}",
        help="Probabilities and labels are what is proved. The doubts that the script "
        "gives are a short form of those here: its README says which are left out.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            f"Download {size(job.size_bytes)}",
            f"/api/{quote(project_name)}/models/{job.job_id}",
            icon=":material/download:",
        )
        _remove_button(project_name, job)


def proof_sentence(report: Mapping[str, Any]) -> str:
    """Return "Proved: 20 pictures, largest difference 0.0000012, …"."""
    pictures, same = int(report["pictures"]), int(report["same"])
    words = f"{counted(pictures, 'picture')}, largest difference "
    words += _decimal(float(report["difference"]))
    if FORMATS[report["format"]].is_rounded:
        words += f", {_decimal(float(report['mean']))} on average"
    alike = "all" if same == pictures else f"{same}"
    return f"Proved: {words}, {alike} with the same labels"


def _decimal(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.7f}"


def _remove_button(project_name: str, job: ModelJob) -> None:
    st.button(
        "Remove",
        icon=":material/close:",
        type="tertiary",
        key=f"take_model_remove_{job.job_id}",
        on_click=_act,
        args=(project_name, job.job_id, "remove"),
    )


def _act(project_name: str, job_id: str, what: str) -> None:
    act = cancel_model_job if what == "cancel" else remove_model_job
    try:
        with open_project(project_name) as project:
            act(project, job_id)
    except MLError:
        pass  # gone already, as wished
