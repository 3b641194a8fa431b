"""The Train page: choose a recipe, start, watch, and find earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import durations, jobs
from mlcore.errors import ConfigError
from pages.parts import layout, model_arrival, run_list, session
from pages.parts.coverage_notice import coverage_notice
from pages.parts.loop_again import loop_again
from pages.parts.loop_result import loop_result
from pages.parts.run_again import FORM_KEY
from pages.parts.run_choice import compare_runs
from pages.parts.run_groups import run_groups
from pages.parts.run_live import live_run
from pages.parts.run_result import last_ended, result_card
from pages.parts.run_same import find_same_run
from pages.parts.run_scroll import go_to_top, scroll
from pages.parts.run_search_form import several_runs
from pages.parts.text import counted, escape
from pages.parts.train_checks import find_all, show_findings
from pages.parts.train_fields import form_config, reset_form
from pages.parts.train_form import rough_duration, settings
from pages.parts.train_recipes import OPEN_KEY, choose_recipe
from storage.images import progress
from storage.runs import list_runs

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from mlcore.recipes import Recipe
    from storage.projects import Project
    from storage.records import Run

CLOSE_KEY = "train_close_form"


def show() -> None:
    """Draw the page."""
    layout.page_title(
        "Train",
        "A run learns from your labelled pictures in the background. You may close "
        "this page; the run goes on.",
    )
    with session.open_current() as project:
        runs = list_runs(project)
        if not runs and progress(project).labelled == 0:
            show_nothing_labelled(project)
            model_arrival.show(project)
            return
        # What trains or has ended last comes first: a person returns to look at it.
        live_run(project.name, runs)
        on_top = last_ended(runs)
        loop_again(project, where="train")
        if on_top:
            result_card(project, on_top)
            loop_result(project, on_top)
        show_new_run(project, runs)
        run_list.waiting_runs(project, runs)
        run_groups(project, runs)
        compare_runs(project.name, runs)
        run_list.past_runs(project, runs, on_top)
        model_arrival.show(project)
    scroll()


def show_nothing_labelled(project: Project) -> None:
    """Say what training needs and where to get it."""
    total = progress(project).total
    layout.empty_state(
        ":material/model_training:",
        "Nothing to learn from yet" if total else "No pictures yet",
        "A model learns from pictures that carry labels. Label a few first."
        if total
        else "Bring in pictures with their labels, or label them here.",
        action="Label pictures" if total else "Add pictures",
        page="label.py" if total else "data.py",
        key="train_empty",
    )


def show_new_run(project: Project, runs: Sequence[Run]) -> None:
    """Draw the form: in the open for a first run, folded away below other runs."""
    is_asked = st.session_state.pop(OPEN_KEY, False)
    if not runs:
        show_form(project, runs)
        return
    if is_asked:
        st.session_state[FORM_KEY] = True
    if st.session_state.pop(CLOSE_KEY, False):
        st.session_state[FORM_KEY] = False
    # One title for all times: with another it would open or close by itself.
    form = st.expander(
        "Start another run", icon=":material/add:", key=FORM_KEY, on_change="rerun"
    )
    if form.open:
        with form:
            show_form(project, runs)


def show_form(project: Project, runs: Sequence[Run]) -> None:
    """Draw recipes and the start button, what is to be known, then every setting."""
    recipe = choose_recipe(project, runs)
    try:
        config = form_config(recipe)
    except ConfigError as error:
        start_row(project, recipe, None, runs)
        refused(recipe, str(error))
    else:
        found = find_all(project, config)
        is_stopped = any(finding.level == "stop" for finding in found)
        start_row(project, recipe, None if is_stopped else config, runs)
        coverage_notice(project, where="train")
        show_findings(project, recipe, found)
    settings(project.name, recipe)


def start_row(
    project: Project, recipe: Recipe, config: TrainConfig | None, runs: Sequence[Run]
) -> None:
    """Draw what starts one run or several, and how long one will take."""
    with st.container(
        horizontal=True, vertical_alignment="center", key="train_start_row"
    ):
        start_button(project, config, runs)
        if config:
            several_button(project, config, runs)
    if config:
        # Another tab of recipes may be in sight than that of the chosen one.
        words = estimate_words(project, config, runs)
        st.caption(f"**{escape(recipe.plain)}:** {words}")
        if same := find_same_run(project, config, runs):
            st.caption(
                f":gray[:material/info:] Run {same.number} has these very settings and "
                "learned from the same data."
            )


def refused(recipe: Recipe, problem: str) -> None:
    """Say which settings do not fit together, with the way back."""
    with st.container(
        horizontal=True, vertical_alignment="center", key="train_refused"
    ):
        with st.container(width="stretch"):
            layout.finding("stop", escape(problem))
        st.button(
            "Reset all settings",
            key="train_reset_refused",
            on_click=reset_form,
            args=(recipe,),
        )


def start_button(
    project: Project, config: TrainConfig | None, runs: Sequence[Run]
) -> None:
    """Draw the button that queues a run; without a config it cannot be pressed."""
    is_busy = any(run.state == "running" for run in runs)
    clicked = st.button(
        "Add to the queue" if is_busy else "Start training",
        key="train_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=config is None,
        help=None if config else "The red line below says what to mend first.",
    )
    if clicked and config:
        with st.spinner("Preparing the pictures …"):
            jobs.submit(project.name, config)
        show_started()
        session.flash("The run waits in the queue." if is_busy else "Training starts.")
        st.rerun()


def several_button(project: Project, config: TrainConfig, runs: Sequence[Run]) -> None:
    """Draw the way to queue repeats or a search instead of one run."""
    queue = several_runs(project, config, runs)
    if queue is None:
        return
    with st.spinner("Preparing the pictures …"):
        queue()
    show_started()
    st.rerun()


def show_started() -> None:
    """Fold the form away and go up to what trains now, from the next rerun on."""
    st.session_state[CLOSE_KEY] = True
    go_to_top()


def estimate_words(project: Project, config: TrainConfig, runs: Sequence[Run]) -> str:
    """Return "about 12 minutes on this computer, a rough guess: …" as Markdown."""
    found = durations.estimate(project, config, progress(project).labelled, runs)
    lead = f"about **{rough_duration(found.seconds)}** on this computer"
    if config.network == "features":
        return f"{lead}, a rough guess: {looking_words(found.pictures)}"
    number_of = found.rate.run_number
    source = f"as in run {number_of}" if number_of else "usual on two processor cores"
    pace = (
        f"{found.rate.pictures_per_s:.{0 if found.rate.pictures_per_s >= 10 else 1}f}"
    )
    return (
        f"{lead}, a rough guess: "
        f"{counted(found.pictures, 'picture')} × {counted(found.epochs, 'epoch')} "
        f"at {pace} a second, {source}."
    )


def looking_words(pictures: int) -> str:
    """Return what a run on frozen features still has to look at."""
    if not pictures:
        return "the pictures were looked at before, only the answers are fitted."
    return f"it looks once at {counted(pictures, 'picture')}, then fits the answers."


show()
