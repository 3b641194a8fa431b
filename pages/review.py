"""Review: how good a run is on pictures it was not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import NothingHeldOut, PredictionError
from mlcore.held_out_copies import copies_across, copies_words
from mlcore.measured import MEASURED
from pages.parts import (
    layout,
    review_calibration,
    review_course,
    review_curves,
    review_export,
    review_figures,
    review_label_errors,
    review_left_out,
    review_measure,
    review_mistakes,
    review_mixed_up,
    review_pairs,
    review_report,
    review_story,
    review_threshold_words,
    review_thresholds,
    review_totals,
    review_trial,
    session,
)
from pages.parts import review_runs as choices
from pages.parts.review_closer import LABEL_ERRORS, WRONG, Section, show_closer
from pages.parts.review_scene import Scene
from storage import runs
from storage.projects import Project, open_project
from storage.run_imports import IMPORTED

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut
    from storage.records import Run


def show_page(project: Project) -> None:
    """Draw the page, or what is needed before there is something to review."""
    found = runs.list_runs(project)
    usable = [run for run in found if run.is_usable]
    if not usable:
        show_empty_state(any(run.is_active for run in found))
        return
    with st.container(border=True, key="review_choice", gap="small"):
        run = choices.choose_run(project, usable)
        st.caption(choices.run_facts(run))
        split = choose_split(project, run)
    if split:
        show_figures(project.name, run.run_id, split)
    elif run.recipe != IMPORTED:
        review_course.show_course(project, run)
    review_export.show(project, run)


def show_empty_state(is_coming: bool) -> None:
    """Say that nothing is trained yet, or that a run is still on its way."""
    layout.empty_state(
        ":material/fact_check:",
        "A run is on its way" if is_coming else "Nothing trained yet",
        "Figures appear here as soon as a run has finished or was stopped."
        if is_coming
        else "Train a model first; this page then says what it gets right.",
        action="Go to Train",
        page="train.py",
        key="review_nothing",
    )


def choose_split(project: Project, run: Run) -> str:
    """Return the held-out part to look at; "" where a run kept none, and say so."""
    try:
        held_out = choices.load_held_out(project, run.run_id)
    except NothingHeldOut:
        review_measure.offer(project, run)
        return ""
    except PredictionError as error:
        layout.finding("warn", str(error))
        return ""
    split = choices.choose_split(held_out.counts)
    if split == MEASURED:
        review_measure.show(project, run)
        return split
    st.caption(choices.held_out_sentence(run, split, held_out.counts[split]))
    copies = copies_across(project, run.run_id, split)
    if copies:
        layout.finding("warn", copies_words(copies))
        if st.button(
            "See them in Data, Health",
            icon=":material/health_and_safety:",
            type="tertiary",
            key="review_copies",
        ):
            st.session_state["data_half"] = "Health"
            st.switch_page("data.py", query_params={"project": project.name})
    return split


def validation_of(project: Project, held_out: HeldOut) -> HeldOut | None:
    """Return the validation images, by which thresholds are chosen; None without."""
    if not held_out.counts["validation"]:
        return None
    return choices.load_held_out(project, held_out.run, "validation")


@st.fragment
def show_figures(project_name: str, run_id: str, split: str) -> None:
    """Recompute everything from saved probabilities whenever a threshold moves."""
    # a fragment reruns alone, when the page's own connection is long closed
    with open_project(project_name) as project:
        held_out = choices.load_held_out(project, run_id, split)
        judges = validation_of(project, held_out)
        # what thresholds decide stands above the place where they are chosen
        above = st.container()
        chosen = review_thresholds.choose_limits(project_name, held_out, judges)
        facts, view = choices.load_model(project, run_id)
        kept = choices.load_kept_figures(project, held_out)
        is_kept = chosen.limits == held_out.set_to.limits
        scene = Scene(
            project=project,
            run=runs.get_run(project, run_id),
            held_out=held_out,
            judges=judges,
            facts=facts,
            view=view,
            chosen=chosen,
            figures=kept if is_kept else held_out.evaluate(chosen.limits),
            kept=kept,
            rankings=choices.load_rankings(project, held_out),
        )
        with above:
            for show in FIRST:
                show(scene)
        show_closer(scene, TABS)
        for show in LAST:
            show(scene)


def show_labels(scene: Scene) -> None:
    """Show a row per label."""
    st.markdown("## Labels")
    short = review_threshold_words.short_labels(scene.judges, scene.chosen)
    review_figures.show_labels(scene.figures, scene.rankings, short)


def show_combinations(scene: Scene) -> None:
    """Show a row per combination that was held out, and what left-out ones taught."""
    meaning = review_figures.combination_meaning(
        scene.held_out, has_labels_beside=scene.has_labels_beside
    )
    review_figures.show_combinations(scene.figures, meaning)
    review_left_out.show_left_out(scene.project, scene.run)


def show_wrong(scene: Scene) -> None:
    """Show wrong and unsure pictures, each with its probable cause."""
    review_mistakes.show_mistakes(
        scene.project, scene.run, scene.held_out, scene.chosen.limits
    )


FIRST: tuple[Section, ...] = (
    review_trial.show_trial,
    review_story.show_story,
    review_totals.show_totals,
    show_labels,
)
TABS: tuple[tuple[str, Section], ...] = (
    ("Combinations", show_combinations),
    (WRONG, show_wrong),
    (LABEL_ERRORS, lambda s: review_label_errors.show(s.project, s.run)),
    ("Mixed up", review_mixed_up.show_mixed_up),
    ("Curves", review_curves.show_curves),
    (
        "How sure it may be",
        lambda s: review_calibration.show_calibration(s.held_out, s.facts),
    ),
    ("Another run", review_pairs.show_pair),
    ("How it learnt", lambda s: review_course.show_course(s.project, s.run)),
)
LAST: tuple[Section, ...] = (review_report.show_report,)

layout.page_title("Review", "How good a run is on pictures it was not trained on.")
with session.open_current() as current:
    show_page(current)
