"""The top of Review: how good a run is, in a sentence, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.group_confusion import confusions
from mlcore.left_out import study_of_run
from mlcore.mistakes import MISSED
from mlcore.review_evidence import gather
from mlcore.review_sentences import certainty_sentence
from mlcore.review_story import headline, next_steps
from mlcore.supported_combinations import can_combine
from mlcore.thresholds import FLATTERED
from mlcore.unmeasured import unmeasured_combinations
from pages.parts.review_closer import LABEL_ERRORS, WRONG, go_to
from pages.parts.review_mistakes import ask_for_combination, ask_for_label
from pages.parts.review_threshold_words import no_choice_sentence
from pages.parts.review_words import unseen_sentence
from pages.parts.text import escape
from pages.parts.unmeasured_words import unmeasured_sentence

if TYPE_CHECKING:
    from mlcore.review_story_parts import Step
    from pages.parts.review_scene import Scene

# Where each kind of step is done: a page, or a tab below.
PAGES = {
    "collect": ("coverage.py", "What to collect", ":material/map:"),
    "hold-out": ("data.py", "Add pictures", ":material/add_photo_alternate:"),
    "train-again": ("train.py", "Train again", ":material/model_training:"),
    "use": ("classify.py", "Classify pictures", ":material/image_search:"),
}
TABS = {
    "combination": (WRONG, "See where it is wrong"),
    "suspects": (LABEL_ERRORS, "See them"),
    "labels": (WRONG, "See them"),
    "mixed-up": (WRONG, "See them"),
    "label": (WRONG, "See where it is wrong"),
}


def show_story(scene: Scene) -> None:
    """Say in a sentence how good the run is, then where nobody knows, then what to do.

    Everything else on the page is the evidence for this.
    """
    study = study_of_run(scene.project, scene.run)
    unmeasured = unmeasured_combinations(scene.view, scene.held_out)
    st.markdown(f"## {headline(scene.figures).words(escape)}")
    st.caption(certainty_sentence(scene.figures))
    if scene.held_out.is_flattered(scene.chosen) and not no_choice_sentence(
        scene.held_out
    ):
        st.caption(f":orange[:material/info:] {FLATTERED}")
    if can_combine(scene.held_out):
        st.markdown(unseen_sentence(scene.figures, study))
    if unmeasured:
        st.caption(unmeasured_sentence(unmeasured))
    show_steps(list_steps(scene))


def list_steps(scene: Scene) -> list[Step]:
    """Return what to do next after this run."""
    said = scene.held_out.decide(scene.chosen.limits)
    evidence = gather(
        scene.project,
        scene.run,
        scene.view,
        scene.held_out,
        said,
        confusions(scene.held_out, said),
    )
    return next_steps(scene.figures, evidence)


def show_steps(steps: list[Step]) -> None:
    """Show what to do next, a line each with the way there."""
    with st.container(border=True, key="review_steps", gap="small"):
        st.markdown("**What to do next**")
        for place, step in enumerate(steps, start=1):
            text, way = st.columns([5, 2], vertical_alignment="center")
            title, why = step.title.words(escape), step.why.words(escape)
            text.markdown(f"{place}. **{title}.** {why}")
            with way:
                _way(step, place)


def _way(step: Step, place: int) -> None:
    if step.kind in PAGES:
        page, words, icon = PAGES[step.kind]
        st.page_link(page, label=words, icon=icon)
    elif step.kind in TABS:
        tab, words = TABS[step.kind]
        st.button(
            words,
            key=f"review_step_{place}",
            type="tertiary",
            icon=":material/arrow_downward:",
            on_click=go_to,
            args=(tab, _preparation(step)),
        )


def _preparation(step: Step) -> Callable[[], None] | None:
    """Return what presets the wrong pictures to those of which the step speaks."""
    if step.kind == "combination":
        return partial(ask_for_combination, step.label_ids)
    if step.kind == "mixed-up" and step.label_ids:
        return partial(ask_for_label, step.label_ids[0], MISSED)
    if step.kind == "label":
        return partial(ask_for_label, step.label_ids[0])
    return None
