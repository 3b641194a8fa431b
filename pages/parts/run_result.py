"""The run that ended last, as the card on top of Train: what came out, what next.

It stands where the progress card stood and, for those who watched the run, keeps
its height, so that nothing jumps when training ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.classified import view_of_run
from mlcore.errors import PredictionError
from mlcore.unmeasured import unmeasured_combinations
from pages.parts.review_runs import load_held_out
from pages.parts.run_again import again_menu
from pages.parts.run_bars import ended_bar
from pages.parts.run_curves import log_lines, run_curves
from pages.parts.run_differences import difference_words
from pages.parts.run_downloads import epochs_button
from pages.parts.run_list import delete_button, go_buttons, resume_button
from pages.parts.run_metrics import read_metric
from pages.parts.run_status import (
    RESUMABLE,
    STATE_LOOKS,
    best_metric,
    has_epochs,
    network_title,
    recipe_title,
    run_facts,
    run_message,
    took_words,
)
from pages.parts.run_tensorboard import tensorboard_button
from pages.parts.run_tiles import NOTHING, tiles
from pages.parts.text import counted, escape, percent
from pages.parts.unmeasured_words import unmeasured_sentence
from storage.run_imports import IMPORTED
from storage.runs import list_epochs

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run

# (project, run id) of the run this session saw training.
WATCHED_KEY = "train_watched"
FIGURES = (
    ("exact_match", "Exact match"),
    ("f2", "F2"),
    ("binary_accuracy", "Binary acc."),
    ("macro_f1", "Macro F1"),
)


def last_ended(runs: Sequence[Run]) -> Run | None:
    """Return the run that ended last; none while one is under way.

    A cancelled run leaves nothing to look at, and one that was imported has no figures:
    both stay among the past ones.
    """
    if any(run.is_active for run in runs):
        return None
    trained = [run for run in runs if run.recipe != IMPORTED]
    over = [run for run in trained if run.state != "cancelled"]
    return max(over, key=lambda run: run.ended_at or "", default=None)


def result_card(project: Project, run: Run) -> None:
    """Show how the run ended, with the ways to Review and Classify."""
    with st.container(border=True, key="train_result"):
        look = STATE_LOOKS[run.state]
        st.markdown(f"#### :{look.colour}[{look.icon}] {result_sentence(run)}")
        message = run_message(run)
        if message:
            st.markdown(f":orange[:material/info:] {message}")
        is_watched = st.session_state.get(WATCHED_KEY) == (project.name, run.run_id)
        if is_watched:
            ended_bar(run)
        _figure_tiles(project, run)
        unmeasured = unmeasured_line(project, run)
        if unmeasured:
            st.caption(unmeasured)
        st.caption(_facts(project, run))
        _buttons(project, run)
        if has_epochs(run):
            _curves(project, run, is_open=is_watched)
        log_lines(project.name, run)


def _curves(project: Project, run: Run, *, is_open: bool) -> None:
    """Draw the curves for who watched the run; for others they wait, folded away."""
    if is_open:
        run_curves(run, list_epochs(project, run.run_id))
        return
    box = st.expander(
        "Curves",
        icon=":material/show_chart:",
        key="train_result_curves",
        on_change="rerun",
    )
    if box.open:
        with box:
            run_curves(run, list_epochs(project, run.run_id))


def result_sentence(run: Run) -> str:
    """Return "Run 1 finished · exact match 94 % on 71 held-out pictures"."""
    words = f"Run {run.number} {STATE_LOOKS[run.state].verb}"
    score = best_metric(run, "exact_match")
    if not run.is_usable or score is None:
        return words
    words += f" · exact match {percent(score)}"
    images = run.metrics.get("images")
    return f"{words} on {counted(images, 'held-out picture')}" if images else words


def unmeasured_line(project: Project, run: Run) -> str:
    """Name the combinations of which the figures say nothing; "" without any."""
    if not run.is_usable:
        return ""
    try:
        held_out = load_held_out(project, run.run_id)
        view = view_of_run(project, run.run_id)
    except PredictionError:  # its folder is damaged, which Review says
        return ""
    return unmeasured_sentence(unmeasured_combinations(view, held_out))


def _facts(project: Project, run: Run) -> str:
    """Return recipe, network and what is special, then how long and when."""
    difference = difference_words(project, [run]).get(run.run_id, "")
    names = (recipe_title(run), network_title(run), difference)
    shown = [escape(name) for name in names if name]
    return " · ".join([*shown, run_facts(run, with_scores=False)])


def _figure_tiles(project: Project, run: Run) -> None:
    """Show the figures of a model; without one there are none."""
    if not run.is_usable:
        return
    figures = [
        (title, percent_exact(best_metric(run, name))) for name, title in FIGURES
    ]
    if not has_epochs(run):
        metrics = list_epochs(project, run.run_id)[-1:]
        trained = [
            read_metric(e.metrics, "exact_match", held_out=False) for e in metrics
        ]
        figures.insert(1, ("… in training", percent_exact(next(iter(trained), None))))
    tiles([*figures, ("Took", took_words(run))])


def percent_exact(value: float | None) -> str:
    """Return .9771 as "97.7 %"; a dash for what is not known."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


def _buttons(project: Project, run: Run) -> None:
    with st.container(horizontal=True):
        if run.is_usable:
            go_buttons(project.name, run, kind="primary")
        if run.state in RESUMABLE:
            resume_button(project.name, run)
        again_menu(project.name, run)
        if has_epochs(run):
            epochs_button(project.name, run)
            tensorboard_button(project.name, run)
        delete_button(project.name, run)
