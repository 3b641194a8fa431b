"""The latest run in one card, with the best one where that is another."""

from __future__ import annotations

import streamlit as st

from pages.parts.best_run import TIED
from pages.parts.run_status import (
    STATE_LOOKS,
    best_metric,
    has_epochs,
    local_time,
    recipe_title,
)
from pages.parts.text import counted, duration, escape, percent
from storage.projects import Project
from storage.records import Run


def show_latest_run(
    project: Project, run: Run, best: Run | None = None, best_words: str = ""
) -> None:
    """Show number, recipe, state and main figures of `run`, with the way to it.

    `best` is named with its figure and reason where it is another run.
    """
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="overview_latest_run",
    ):
        look = STATE_LOOKS[run.state]
        with st.container(width=520, gap="xxsmall"):
            st.caption("Latest run")
            st.markdown(
                f"**Run {run.number}** · {escape(recipe_title(run))} "
                f":{look.colour}-badge[{look.icon} {look.word}]"
            )
            st.caption(figures_line(run))
            if best and best.run_id != run.run_id:
                _link_best(project, best, best_words)
        page = "review.py" if run.is_usable else "train.py"
        label = "Review it" if run.is_usable else "Show it"
        if st.button(label, key="overview_run"):
            st.switch_page(
                page, query_params={"project": project.name, "run": run.run_id}
            )


def _link_best(project: Project, best: Run, words: str) -> None:
    why = words.removeprefix("best so far").lstrip(":, ")
    exact = percent(best_metric(best, "exact_match"))
    is_tied = words.startswith(TIED)
    st.page_link(
        "review.py",
        label=f"Best so far: run {best.number} · {escape(recipe_title(best))} · "
        f"exact match {exact}{f' · {why}' if why and not is_tied else ''}",
        icon=":material/equal:" if is_tied else ":material/trophy:",
        query_params={"project": project.name, "run": best.run_id},
    )
    if is_tied:
        # a link is cut off at one line
        st.caption(f"It is {why}.")


def figures_line(run: Run) -> str:
    """Return "20 of 20 epochs · 1 min 5 s · exact match 93 % · …, 14:03"."""
    parts = []
    if has_epochs(run):
        parts.append(f"{run.epochs_done} of {counted(run.epochs_total, 'epoch')}")
    if run.seconds and not run.is_active:
        parts.append(duration(run.seconds))
    exact = run.metrics.get("val_exact_match", run.metrics.get("exact_match"))
    if isinstance(exact, int | float):
        parts.append(f"exact match {percent(exact)} on held-out pictures")
    if run.message:
        parts.append(escape(run.message))
    if run.ended_at:
        parts.append(local_time(run.ended_at))
    return " · ".join(parts)
