"""The dialog of a result card: where the run looked, and what it knows like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.model_json import read_model_json
from pages.parts.review_why import WhyPicture, show_why
from storage.files import digest_file
from storage.projects import open_project
from storage.runs import get_run, run_dir

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project


def show_reasons(project: Project, batch: Batch, number: int) -> None:
    """Open the dialog that says why the run read a classified picture as it did."""
    project_name = project.name

    @st.dialog(
        "Why it said so",
        width="large",
        icon=":material/center_focus_strong:",
        on_dismiss="rerun",
    )
    def dialog() -> None:
        with open_project(project_name) as opened:
            run = get_run(opened, batch.run_id)
            facts = read_model_json(run_dir(opened, batch.run_id))
            names = {row["label_id"]: row["name"] for row in facts["labels"]}
            show_why(
                opened,
                run,
                describe_picture(batch, number, names),
                names=names,
                key="classify_why",
            )

    dialog()


def describe_picture(batch: Batch, number: int, names: dict[int, str]) -> WhyPicture:
    """Return a classified picture with what the run said of it, by label id."""
    picture, found = batch.pictures[number], batch.answer(number)
    settled = set(batch.settled(number) or ())
    return WhyPicture(
        name=picture.name,
        path=picture.path,
        sha256=digest_file(picture.path),
        url=picture.url,
        said=tuple(i for i, name in names.items() if name in found.labels),
        labelled=tuple(i for i, name in names.items() if name in settled),
        probabilities={i: found.probabilities[name] for i, name in names.items()},
    )
