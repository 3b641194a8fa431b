"""A packed project becomes a project here: upload, a look at every file, open it."""

from __future__ import annotations

import streamlit as st

from mlcore import restore_jobs
from mlcore.errors import MLError
from mlcore.side_jobs import SideStatus
from pages.parts import layout, session
from pages.parts.text import counted, escape, number
from pages.parts.uploader import uploader
from storage.projects import INCOMING_NAME

# In the address: it goes by itself when another page is visited.
OPEN_PARAM, OPEN_VALUE = "open", "zip"
JOB_KEY = "restoring_job"
PROBLEM_KEY = "restoring_problem"
GENERATION_KEY = "restoring_generation"
WATCH_EVERY_S = 0.4


def button(key: str) -> None:
    """Show the button that leads to the scene below."""
    if st.button(
        "Open a project zip",
        type="tertiary",
        icon=":material/folder_zip:",
        key=f"{key}_restore",
    ):
        st.switch_page("overview.py", query_params={OPEN_PARAM: OPEN_VALUE})


def is_open() -> bool:
    """Whether this session is opening a packed project."""
    asked = st.query_params.get(OPEN_PARAM) == OPEN_VALUE
    return asked or JOB_KEY in st.session_state


def show() -> None:
    """Show the scene: the drop zone, or how far the opening is."""
    layout.page_title(
        "Open a project zip",
        "Made with Data → Take out → The whole project. Nothing here is changed: it "
        "becomes a new project.",
    )
    if JOB_KEY in st.session_state:
        watch()
        return
    if problem := st.session_state.get(PROBLEM_KEY):
        st.error(escape(problem), icon=":material/error:")
    generation = st.session_state.get(GENERATION_KEY, 0)
    arrived = uploader(
        INCOMING_NAME,
        key=f"restoring_uploader_{generation}",
        purpose="restore",
        accept_folders=False,
    )
    if arrived is not None:
        begin(arrived.upload_id)
    if st.button("Back", icon=":material/arrow_back:", key="restoring_back"):
        close()


def begin(upload_id: str) -> None:
    """Start to open what has arrived."""
    try:
        st.session_state[JOB_KEY] = restore_jobs.start_restore(upload_id)
        st.session_state.pop(PROBLEM_KEY, None)
    except MLError as error:
        begin_anew(str(error))
    st.rerun()


def begin_anew(problem: str) -> None:
    """Show an empty drop zone with what went wrong above it."""
    state = st.session_state
    state[PROBLEM_KEY] = problem
    state[GENERATION_KEY] = state.get(GENERATION_KEY, 0) + 1


def close() -> None:
    """Leave the scene."""
    st.query_params.pop(OPEN_PARAM, None)
    st.session_state.pop(PROBLEM_KEY, None)
    st.session_state[GENERATION_KEY] = st.session_state.get(GENERATION_KEY, 0) + 1
    st.rerun()


@st.fragment(run_every=WATCH_EVERY_S)
def watch() -> None:
    """Show how far it is; open the project once it is there."""
    job_id = st.session_state.get(JOB_KEY)
    if job_id is None:
        return
    try:
        status = restore_jobs.restore_status(job_id)
    except MLError as error:
        status = SideStatus("failed", message=str(error))
    if status.ended:
        end(status)
    share = min(status.done / status.total, 1.0) if status.total else 0.0
    words = f"{number(status.done)} of {counted(status.total, 'file')} checked"
    st.progress(share, text=f"{share:.0%} · {words}" if status.total else "Starting")
    if st.button("Cancel", key="restoring_cancel"):
        restore_jobs.cancel_restore(job_id)


def end(status: SideStatus) -> None:
    """Open the finished project, or say why there is none."""
    del st.session_state[JOB_KEY]
    if status.phase != "done":
        begin_anew(status.message)
        st.rerun()
    name = str(status.report["project"])
    session.choose_project(name)
    session.flash(f"Project “{escape(name)}” is open.")
    close()
