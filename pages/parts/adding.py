"""From files to pictures of the project: choose, look first, bring in.

Three scenes, decided by what is in the session: the drop zone, the plan of a dry
run, the import. The work itself is a process of its own (mlcore.import_jobs), so a
closed tab does not stop it, and whoever comes next finds it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore import import_jobs
from mlcore.layouts import ImportOptions
from pages.parts import (
    import_packed,
    import_report,
    import_undoing,
    plan_view,
    session,
)
from pages.parts.import_progress import show_job, status_of
from pages.parts.uploader import uploader
from storage.files import expand_home

WATCH_EVERY_S = 0.4


@dataclass
class Adding:
    """Where one person is on the way; lives in the session of a project."""

    generation: int = 0
    source: str = ""
    is_upload: bool = False
    options: ImportOptions = field(default_factory=ImportOptions)
    planned: ImportOptions = field(default_factory=ImportOptions)
    plan_job: str = ""
    plan: dict[str, Any] | None = None
    problem: str = ""
    recount_job: str = ""
    import_job: str = ""
    report: dict[str, Any] | None = None


def show(project_name: str) -> None:
    """Show the scene this person is in."""
    adding = current(project_name)
    if adding.report is not None:
        import_report.show(
            project_name, adding.import_job, adding.report, lambda: begin_anew(adding)
        )
    elif adding.import_job:
        st.subheader("Bringing the pictures in", anchor=False)
        watch_import(project_name, adding)
    elif adding.source:
        show_plan(project_name, adding)
    else:
        show_sources(project_name, adding)


def current(project_name: str) -> Adding:
    """Return this session's state; a new session joins an import under way."""
    key = f"data_adding_{project_name}"
    if key not in st.session_state:
        st.session_state[key] = Adding(import_job=running_import(project_name))
    adding: Adding = st.session_state[key]
    return adding


def running_import(project_name: str) -> str:
    """Return the id of an import that has not ended, "" when there is none."""
    for job_id, status in import_jobs.list_jobs(project_name):
        if not status.dry_run and not status.ended:
            return job_id
    return ""


def begin_anew(adding: Adding) -> None:
    """Go back to an empty drop zone."""
    fresh = Adding(generation=adding.generation + 1)
    adding.__dict__.update(fresh.__dict__)


def show_sources(project_name: str, adding: Adding) -> None:
    """Show the drop zone and the field for a folder on the server."""
    if adding.problem:
        st.error(adding.problem, icon=":material/error:")
    arrived = uploader(
        project_name, key=f"data_uploader_{adding.generation}", purpose="import"
    )
    if arrived is not None:
        look_at(project_name, adding, arrived.upload_id, is_upload=True)
        st.rerun()
    with st.expander("A folder on this computer"):
        show_folder_field(project_name, adding)
    import_undoing.show_last(project_name)


def show_folder_field(project_name: str, adding: Adding) -> None:
    """Show the field for a path: nothing is uploaded, files are read in place."""
    with st.form("data_folder_form", border=False):
        path = st.text_input(
            "Path of a folder, a zip or a file with labels",
            placeholder="/home/me/pictures",
            help="Read by this app where it lies; nothing in it is changed.",
        )
        if not st.form_submit_button("Look at it", icon=":material/search:"):
            return
    place = expand_home(Path(path.strip()))
    if not path.strip() or not place.is_absolute() or not place.exists():
        st.error(
            f"There is nothing at “{path.strip()}”. Give a full path, such as "
            "/home/me/pictures, of the computer this app runs on."
        )
        return
    look_at(project_name, adding, str(place), is_upload=False)
    st.rerun()


def look_at(project_name: str, adding: Adding, source: str, *, is_upload: bool) -> None:
    """Start the dry run of a source."""
    adding.source, adding.is_upload = source, is_upload
    adding.options = ImportOptions()
    plan_again(project_name, adding, adding.options)


def plan_again(project_name: str, adding: Adding, options: ImportOptions) -> None:
    """Start a dry run with other options; an older one is cancelled."""
    cancel_recount(project_name, adding)
    if adding.plan_job:
        import_jobs.cancel_job(project_name, adding.plan_job)
    adding.options, adding.plan, adding.problem = options, None, ""
    adding.planned = options
    adding.plan_job = begin_job(project_name, adding, dry_run=True)


def begin_job(project_name: str, adding: Adding, *, dry_run: bool) -> str:
    """Start the process that reads the source; return its job id."""
    return import_jobs.start_job(
        project_name,
        adding.source,
        adding.options,
        dry_run=dry_run,
        who=session.who(),
        source_is_upload=adding.is_upload,
    )


def show_plan(project_name: str, adding: Adding) -> None:
    """Show what would happen, and the ways to change it."""
    if adding.plan is None and not adding.problem:
        st.subheader("Looking at the files", anchor=False)
        watch_plan(project_name, adding)
        return
    if import_packed.is_packed(adding.problem):
        show_packed(project_name, adding)
        return
    if adding.problem:
        st.error(adding.problem, icon=":material/error:")
    options = plan_view.show(adding.options, adding.plan)
    if options != adding.options:
        take_choices(project_name, adding, options)
        st.rerun()
    if adding.recount_job:
        watch_recount(project_name, adding)
    show_decision(project_name, adding)


def show_packed(project_name: str, adding: Adding) -> None:
    """Show that this is a whole project, and the button that opens it."""
    st.info(adding.problem, icon=":material/folder_zip:")
    with st.container(horizontal=True):
        upload_id = adding.source if adding.is_upload else ""
        import_packed.show_button(project_name, upload_id)
        if st.button("Choose other files", key="data_start_over"):
            begin_anew(adding)
            st.rerun()


def take_choices(project_name: str, adding: Adding, options: ImportOptions) -> None:
    """Take other options; only those that change what is read need another look."""
    names_only = replace(
        adding.options, label_map=options.label_map, overwrite=options.overwrite
    )
    if options != names_only or adding.plan is None:
        plan_again(project_name, adding, options)
        return
    adding.options = options
    cancel_recount(project_name, adding)
    adding.plan["is_stale"] = options != adding.planned
    if adding.plan["is_stale"]:
        adding.recount_job = begin_job(project_name, adding, dry_run=True)


def cancel_recount(project_name: str, adding: Adding) -> None:
    """End a dry run whose options are no longer the chosen ones."""
    if adding.recount_job:
        import_jobs.cancel_job(project_name, adding.recount_job)
    adding.recount_job = ""


def show_decision(project_name: str, adding: Adding) -> None:
    """Show the two buttons that end the plan."""
    with st.container(horizontal=True):
        plan, options = adding.plan or {}, adding.options
        ready = bool(plan) and plan_view.changes_anything(plan, options)
        if ready and st.button(
            plan_view.decision(plan, options),
            type="primary",
            key="data_bring_in",
            disabled=bool(adding.recount_job),
        ):
            adding.import_job = begin_job(project_name, adding, dry_run=False)
            st.rerun()
        if st.button("Choose other files", key="data_start_over"):
            begin_anew(adding)
            st.rerun()


@st.fragment(run_every=WATCH_EVERY_S)
def watch_plan(project_name: str, adding: Adding) -> None:
    """Show how far the dry run is; end when it has ended."""
    if not adding.plan_job:
        return
    status = show_job(project_name, adding.plan_job)
    if status.phase == "done":
        adding.plan = status.report
    elif status.phase == "failed":
        adding.problem = status.message
    elif status.phase == "cancelled":
        begin_anew(adding)
    else:
        return
    st.rerun()


@st.fragment(run_every=WATCH_EVERY_S)
def watch_recount(project_name: str, adding: Adding) -> None:
    """Put the new counts in the place of the old ones once they are there."""
    if not adding.recount_job:
        return
    status = status_of(project_name, adding.recount_job)
    if not status.ended:
        return
    adding.recount_job = ""
    if status.phase == "done":
        adding.plan, adding.planned = status.report, adding.options
    else:
        adding.plan, adding.problem = None, status.message
    st.rerun()


@st.fragment(run_every=WATCH_EVERY_S)
def watch_import(project_name: str, adding: Adding) -> None:
    """Show how far the import is; end when it has ended."""
    if not adding.import_job:
        return
    status = show_job(project_name, adding.import_job)
    if status.phase == "done":
        adding.report = status.report
    elif status.phase in {"failed", "cancelled"}:
        begin_anew(adding)
        adding.problem = status.message or "Cancelled. Pictures stored so far stay."
    else:
        return
    st.rerun()
