"""What can be taken away of a run's course: its epochs as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.epochs_csv import epochs_csv
from storage.projects import open_project

if TYPE_CHECKING:
    from storage.records import Run


def epochs_button(project_name: str, run: Run) -> None:
    """Show the button that downloads the epochs of a run as CSV, if it has any."""
    if not run.epochs_done:
        return

    def write() -> str:
        with open_project(project_name) as project:
            return epochs_csv(project, run.run_id)

    st.download_button(
        "Epochs as CSV",
        write,
        file_name=f"{run.run_id}-epochs.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"run_epochs_{run.number}",
        on_click="ignore",
    )
