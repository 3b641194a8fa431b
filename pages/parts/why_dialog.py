"""The dialog that shows why a run said what it said of a picture of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.gallery import image_url
from pages.parts.review_why import WhyPicture, show_why
from storage.images import image_path
from storage.projects import open_project
from storage.runs import get_run

if TYPE_CHECKING:
    from storage.records import Image


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run said and what a person did: label ids; names and shares by id."""

    said: tuple[int, ...]
    labelled: tuple[int, ...]
    names: Mapping[int, str]
    probabilities: Mapping[int, float]


@st.dialog("Why it said so", width="large")
def why_dialog(project_name: str, run_id: str, image: Image, asked: Asked) -> None:
    """Show where the run looked in a picture, and which ones it knows like it."""
    # a dialog is a fragment: the page's own connection is long closed
    with open_project(project_name) as project:
        picture = WhyPicture(
            image.name,
            image_path(project, image),
            image.sha256,
            image_url(project_name, image.sha256, large=True),
            asked.said,
            asked.labelled,
            asked.probabilities,
        )
        run = get_run(project, run_id)
        show_why(project, run, picture, names=asked.names, key="review_why")
