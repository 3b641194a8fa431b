"""The Train page: choose a recipe, start, watch, and find earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import jobs
from mlcore.errors import ConfigError
from pages.parts import layout, run_list, session
from pages.parts.coverage_notice import coverage_notice
from pages.parts.run_live import live_run
from pages.parts.text import escape
from pages.parts.train_checks import train_checks
from pages.parts.train_form import recipe_cards, train_form
from storage.images import progress
from storage.runs import list_runs

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from storage.projects import Project


def show() -> None:
    """Draw the page."""
    layout.page_title(
        "Train",
        "A run learns from your labelled images in the background. You may close "
        "this page; the run goes on.",
    )
    with session.open_current() as project:
        runs = list_runs(project)
        if not runs and progress(project).labelled == 0:
            show_nothing_labelled(project)
            return
        # The running run comes first: it is what a person returns to look at.
        live_run(project.name, runs)
        coverage_notice(project, where="train")
        show_new_run(project, is_busy=any(run.state == "running" for run in runs))
    run_list.waiting_runs(project.name, runs)
    run_list.past_runs(project.name, runs)


def show_nothing_labelled(project: Project) -> None:
    """Say what training needs and where to get it."""
    total = progress(project).total
    layout.empty_state(
        ":material/model_training:",
        "Nothing to learn from yet" if total else "No images yet",
        "A model learns from images that carry labels. Label a few first."
        if total
        else "Bring in images with their labels, or label them here.",
        action="Label images" if total else "Add images",
        page="label.py" if total else "data.py",
        key="train_empty",
    )


def show_new_run(project: Project, *, is_busy: bool) -> None:
    """Draw the recipes, the settings, the findings and the start button."""
    st.subheader("New run", anchor=False)
    recipe_cards()
    try:
        config = train_form()
    except ConfigError as error:
        layout.finding("stop", escape(str(error)))
        start_button(project, None, is_busy=is_busy)
        return
    stops = train_checks(project, config)
    start_button(project, None if stops else config, is_busy=is_busy)


def start_button(
    project: Project, config: TrainConfig | None, *, is_busy: bool
) -> None:
    """Draw the button that queues a run; without a config it cannot be pressed."""
    clicked = st.button(
        "Add to the queue" if is_busy else "Start training",
        key="train_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=config is None,
        help=None if config else "The red line above says what to change first.",
    )
    if clicked and config:
        with st.spinner("Freezing the labels for this run …"):
            jobs.submit(project.name, config)
        session.flash("The run waits in the queue." if is_busy else "Training starts.")
        st.rerun()


show()
