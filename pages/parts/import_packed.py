"""The zip of a whole project among what was to be brought in: open it instead."""

from __future__ import annotations

import streamlit as st

from mlcore import restore_jobs, uploads
from mlcore.errors import MLError
from mlcore.sources import PACKED_PROJECT
from pages.parts import restoring
from storage.projects import incoming, open_project


def is_packed(problem: str) -> bool:
    """Return whether a plan failed because its source is a packed project."""
    return problem.endswith(PACKED_PROJECT)


def show_button(project_name: str, upload_id: str) -> None:
    """Show the button that opens it; what is no upload is chosen on the next page."""
    if not upload_id:
        restoring.button("data_packed")
        return
    if st.button(
        "Open it as a project",
        type="primary",
        icon=":material/folder_zip:",
        key="data_open_packed",
    ):
        open_upload(project_name, upload_id)


def open_upload(project_name: str, upload_id: str) -> None:
    """Begin to open the zip that has arrived here, without sending it again."""
    try:
        with open_project(project_name) as project:
            uploads.move_upload(project, upload_id, incoming())
        st.session_state[restoring.JOB_KEY] = restore_jobs.start_restore(upload_id)
    except MLError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.switch_page(
        "overview.py",
        query_params={restoring.OPEN_PARAM: restoring.OPEN_VALUE},
    )
