"""What happens to combinations a model never saw: measured by leaving each out.

Without a study there is one button that trains what makes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore import jobs
from mlcore.composition_advice import can_leave_out
from mlcore.errors import MLError
from mlcore.left_out import PLAIN, studies_of
from mlcore.recipes import RECIPES
from pages.parts.component_source import join_sources
from pages.parts.coverage_likeness import NAME, in_100, main_study
from pages.parts.run_bars import bars
from pages.parts.run_live import active_states
from pages.parts.run_status import local_time, run_message
from pages.parts.text import counted, duration, number
from storage.errors import StorageError
from storage.projects import open_project
from storage.runs import list_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.left_out import LeftOutCombination, LeftOutStudy
    from storage.projects import Project
    from storage.records import Run

# The recipe that leaves combinations out, for both kinds of model.
RECIPE = "compositional"
ROWS_AT_FIRST = 10
NEEDS_TWO_GROUPS = (
    "It takes two label groups of which each picture has one: combinations of free "
    "labels cannot be left out."
)
LIMIT_KEY = "coverage_left_out_limit"

_component = st.components.v2.component(
    "unseen_left_out",
    # a lone line would be read as a path to a file
    html='<div class="left-out">\n</div>',
    css=join_sources("coverage_left_out.css"),
    js=join_sources("coverage_left_out.js"),
)


def show_left_out(project: Project, studies: Mapping[str, LeftOutStudy]) -> None:
    """Show what was measured, and the way to measure (anew)."""
    runs = [run for run in list_runs(project) if run.recipe == RECIPE]
    can_measure = can_leave_out(project)
    st.markdown("## What happens to a combination it never saw")
    with st.container(border=True, key="coverage_left_out", gap="small"):
        main = main_study(studies)
        if main:
            show_studies(main, studies, key="coverage_left_out_rows")
        elif can_measure:
            st.markdown(
                "Unseen can leave each combination out of training in turn and ask the "
                "model about its pictures: the honest figure for what it has never "
                "seen."
            )
        else:
            st.markdown(NEEDS_TWO_GROUPS)
        if can_measure or any(run.is_active for run in runs):
            _show_run(project, runs, is_again=main is not None)


def left_out_sentence(studies: Mapping[str, LeftOutStudy]) -> str:
    """Return the one sentence: how often right, of what was left out of training."""
    main = main_study(studies)
    if main is None or main.share is None:
        return "No combination could be left out; why is said for each below."
    low, high = main.interval
    kind = "a plain model" if main.head == PLAIN else f"{NAME} (recipe)"
    sentence = (
        f"On combinations left out of training, {kind} is right "
        f"**{in_100(main.share)} times in 100** ({in_100(low)}–{in_100(high)})"
    )
    plain = studies.get(PLAIN)
    if plain and plain is not main and plain.share is not None:
        sentence += f"; a plain one {in_100(plain.share)}"
    return f"{sentence}."


def seen_sentence(studies: Mapping[str, LeftOutStudy]) -> str:
    """Return what the same models make of combinations that were trained."""
    main, plain = main_study(studies), studies.get(PLAIN)
    if main is None or main.seen_share is None:
        return ""
    words = f"On held-out pictures of trained combinations: {in_100(main.seen_share)}"
    if plain and plain is not main and plain.seen_share is not None:
        words += f", the plain one {in_100(plain.seen_share)}"
    return f"{words} in 100."


def show_studies(
    main: LeftOutStudy, studies: Mapping[str, LeftOutStudy], *, key: str
) -> None:
    """Show one study, beside it the plain one of the same pictures."""
    st.markdown(left_out_sentence(studies))
    facts = [seen_sentence(studies), f"{counted(len(main.tried), 'combination')} tried"]
    facts += [f"in {duration(main.seconds)}"] if main.seconds >= 1 else []
    facts += [local_time(main.made_at)] if main.made_at else []
    st.caption(" · ".join(fact for fact in facts if fact))
    rows = left_out_rows(main, studies.get(PLAIN))
    limit = st.session_state.get(LIMIT_KEY, ROWS_AT_FIRST)
    has_plain = PLAIN in studies and main.head != PLAIN
    _component(
        data={"rows": rows[:limit], "has_plain": has_plain},
        key=key,
    )
    if len(rows) > limit:
        st.button(
            f"Show all {number(len(rows))}",
            key=f"{key}_more",
            icon=":material/expand_more:",
            on_click=_show_all,
            args=(len(rows),),
        )


def _show_all(count: int) -> None:
    st.session_state[LIMIT_KEY] = count


def left_out_rows(
    main: LeftOutStudy, plain: LeftOutStudy | None
) -> list[dict[str, Any]]:
    """Return the rows of the table: the worst first, then what cannot be left out."""

    def rank(found: LeftOutCombination) -> tuple[bool, float]:
        return (found.share is None, found.share or 0.0)

    rows = []
    for found in sorted(main.combinations, key=rank):
        other = plain.of(found.label_ids) if plain and plain is not main else None
        low, high = found.interval
        rows.append(
            {
                "names": list(found.names),
                "images": counted(found.images, "picture") if found.images else "",
                "share": found.share,
                "low": low,
                "high": high,
                "plain": other.share if other else None,
                "reason": found.reason,
            }
        )
    return rows


def _show_run(project: Project, runs: Sequence[Run], *, is_again: bool) -> None:
    if any(run.is_active for run in runs):
        _follow(project.name, active_states(runs))
        return
    last = max(runs, key=lambda run: run.number, default=None)
    words = _why_nothing(project, last) if last else ""
    if words:
        st.markdown(f":orange[:material/warning:] {words}")
    _measure_button(project.name, is_again=is_again)


def _why_nothing(project: Project, run: Run) -> str:
    """Return why a run that is over measured nothing, "" where it did."""
    if studies_of(project, run.data_sha256):
        return ""
    if run.state != "finished":
        return run_message(run)
    return (
        f"Run {run.number} measured nothing. When it began, there were no two groups "
        "of which training pictures show two combinations or more, or all pictures "
        "were gray."
    )


def _measure_button(project_name: str, *, is_again: bool) -> None:
    words = "Measure again" if is_again else "Measure it"
    kind = "secondary" if is_again else "primary"
    # a click in the page's own run comes with an open project; this opens another
    if st.button(words, icon=":material/science:", type=kind, key="coverage_measure"):
        try:
            jobs.submit(project_name, RECIPES[RECIPE].config)
        except (MLError, StorageError) as error:
            st.error(str(error).replace("`", ""))
            return
        st.rerun()
    if not is_again:
        st.caption("This also trains a model made for combinations it never saw.")


def _follow(project_name: str, drawn: tuple[tuple[str, str], ...]) -> None:
    """Show the run's progress; the page is drawn anew when the run changes state."""

    @st.fragment(run_every="2s")
    def follow() -> None:
        jobs.supervise(project_name)
        with open_project(project_name) as project:
            runs = [run for run in list_runs(project) if run.recipe == RECIPE]
        if active_states(runs) != drawn:
            st.rerun()
        for run in runs:
            if run.is_active:
                bars(run)
        st.page_link(
            "train.py", label="Watch the run", icon=":material/model_training:"
        )

    follow()
