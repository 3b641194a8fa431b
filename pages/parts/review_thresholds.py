"""What counts as yes: another way is tried at once, and can be kept with the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.config import TrainConfig
from mlcore.decisions import Limits
from mlcore.kept_limits import BY_HAND, keep_limits
from mlcore.scoring_again import read_again
from mlcore.thresholds import (
    CHOSEN_ON_IMAGES,
    FLATTERED,
    MISS_COST,
    RunLimits,
    choose_by_cost,
    live_limits,
)
from mlcore.thresholds import choose_limits as choose_on
from pages.parts.review_changes import show_changes
from pages.parts.review_sure import show_sure
from pages.parts.review_threshold_words import (
    KEPT,
    OWN,
    TARGETS,
    WORDS,
    counting,
    meaning,
    no_choice_sentence,
    short_sentence,
    title,
)
from pages.parts.text import escape
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut

# The last thresholds tried: sliders for each label begin there.
TRIED_KEY = "review_tried"
RULE_KEY = "review_rule"
NUMBER_KEY = "review_threshold"


def choose_limits(
    project_name: str, held_out: HeldOut, judges: HeldOut | None
) -> RunLimits:
    """Return what a person wants to count as yes; at first, what counts for the run.

    Where nothing can be chosen, show what people gain by looking themselves. `judges`
    are the validation images, on which thresholds can be chosen.
    """
    said = no_choice_sentence(held_out)
    if said:
        show_sure(held_out, said)
        return held_out.set_to
    st.markdown("## What counts as yes")
    with st.container(border=True, key="review_thresholds", gap="small"):
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        with left:
            rule = _choose_rule(held_out, has_judges=judges is not None)
        with right:
            chosen = _choose_number(rule, held_out, judges)
        st.caption(meaning(rule, chosen, judges))
        short = short_sentence(judges, chosen)
        if short:
            st.caption(f":orange[:material/warning:] {short}")
        if held_out.is_flattered(chosen):
            st.caption(f":orange[:material/info:] {FLATTERED}")
        tried = f"{TRIED_KEY}_{held_out.run}"
        if rule == BY_HAND:
            start = st.session_state.get(tried, held_out.set_to.limits.thresholds)
            chosen = _choose_each(held_out, start)
        elif not chosen.limits.top_k:
            st.session_state[tried] = chosen.limits.thresholds
        show_changes(held_out, chosen)
        _offer_to_keep(project_name, held_out, rule, chosen)
    return chosen


def _choose_rule(held_out: HeldOut, *, has_judges: bool) -> str:
    own = [OWN] if held_out.set_to != held_out.own else []
    rules = [r for r in WORDS if has_judges or r not in CHOSEN_ON_IMAGES]
    titles = {
        KEPT: f"As the run has it: {title(held_out.set_to)}",
        OWN: f"As it was trained: {title(held_out.own)}",
        **WORDS,
    }
    return str(
        st.selectbox(
            "What counts as yes",
            [KEPT, *own, *rules],
            format_func=titles.__getitem__,
            key=f"{RULE_KEY}_{held_out.run}",
        )
    )


def _choose_number(rule: str, held_out: HeldOut, judges: HeldOut | None) -> RunLimits:
    """Return the limits of the rule, with the number it needs asked for."""
    key = f"{NUMBER_KEY}_{held_out.run}"
    if rule in (KEPT, OWN, BY_HAND):
        return held_out.own if rule == OWN else held_out.set_to
    if rule == MISS_COST and judges is not None:
        words = "A miss costs so many false alarms"
        misses = st.number_input(words, 0.1, 1000.0, 5.0, 1.0, key=f"{key}_cost")
        return choose_by_cost(judges.y, judges.probabilities, float(misses))
    config = TrainConfig().with_changes(thresholds=rule)
    if rule == "fixed":
        value = st.slider("Threshold", 0.01, 0.99, 0.5, 0.01, key=key)
        config = config.with_changes(threshold=float(value))
    elif rule in TARGETS:
        start = config.threshold_target
        value = st.slider(TARGETS[rule], 0.05, 1.0, start, 0.01, key=f"{key}_{rule}")
        config = config.with_changes(threshold_target=float(value))
    elif rule == "top-k":
        most = len(held_out.labels)
        k = st.number_input("Labels per picture", 1, most, min(2, most), key=f"{key}_k")
        config = config.with_changes(top_k=int(k))
    if judges is None or rule not in CHOSEN_ON_IMAGES:
        return RunLimits(live_limits(config, len(held_out.labels)), rule)
    return choose_on(judges.y, judges.probabilities, config)


def _choose_each(held_out: HeldOut, start: Sequence[float]) -> RunLimits:
    with st.grid(min_column_width=220, gap="small"):
        found = [
            value if counts is None else _slider(held_out, at, value)
            for at, (value, counts) in enumerate(
                zip(start, counting(held_out), strict=True)
            )
        ]
    return RunLimits(Limits(tuple(found)), BY_HAND)


def _slider(held_out: HeldOut, at: int, value: float) -> float:
    label = held_out.labels[at]
    start = round(min(0.99, max(0.01, value)), 2)
    key = f"{NUMBER_KEY}_{held_out.run}_{label.label_id}"
    return float(st.slider(escape(label.name), 0.01, 0.99, start, 0.01, key=key))


def _offer_to_keep(
    project_name: str, held_out: HeldOut, rule: str, chosen: RunLimits
) -> None:
    if rule == KEPT and held_out.set_to == held_out.own:
        st.caption("Try another way; the figures follow at once.")
        return
    if rule == KEPT:
        st.caption(
            ":green[:material/check:] Kept with the run: Classify, suggestions and the "
            "command line use it. Lists of runs still show the figures of "
            f"{title(held_out.own)}, as it was trained."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Keep with the run",
            key=f"review_keep_{held_out.run}",
            icon=":material/save:",
            on_click=keep_with_run,
            args=(project_name, held_out.run, chosen),
        )
        st.caption("Classify, suggestions and the command line then use it too.")


def keep_with_run(project_name: str, run_id: str, chosen: RunLimits) -> None:
    """Let these thresholds count for the run; for `on_click`."""
    with open_project(project_name) as project:
        keep_limits(project, run_id, chosen)
        read_again(project, run_id)
    back_to_own(run_id)


def back_to_own(run_id: str) -> None:
    """Show what counts for the run, no other thresholds; for `on_click`."""
    st.session_state[f"{RULE_KEY}_{run_id}"] = KEPT
