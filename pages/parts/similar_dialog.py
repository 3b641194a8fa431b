"""The dialog of a result card: what in the project looks like this picture."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.similar_results import show_results
from storage.projects import open_project

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project


def show_alike(project: Project, batch: Batch, number: int) -> None:
    """Open the dialog with the pictures most like a classified one."""
    # A new name for every opening: an earlier choice must not come back.
    key = f"classify_alike_{uuid.uuid4().hex[:8]}"
    project_name, picture = project.name, batch.pictures[number]
    settled = batch.settled(number)
    labels = batch.answer(number).labels if settled is None else settled

    @st.dialog(
        "Similar in this project",
        width="large",
        icon=":material/image_search:",
        on_dismiss="rerun",
    )
    def dialog() -> None:
        with open_project(project_name) as opened:
            show_results(opened, picture.path, picture.name, labels, key=key)

    dialog()
