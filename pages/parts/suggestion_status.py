"""One line about suggestions: which run makes them, how far it is, and the switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import scoring
from pages.parts.run_status import run_choice
from pages.parts.text import counted, duration, escape, number
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.scoring import ScoringStatus
    from storage.projects import Project
    from storage.records import Run

# Icon and colour of a state; the sentence comes from `sentence`.
LOOKS = {
    "none": (":material/lightbulb:", "gray"),
    "running": (":material/progress_activity:", "blue"),
    "waiting": (":material/schedule:", "gray"),
    "done": (":material/lightbulb:", "green"),
    "off": (":material/toggle_off:", "gray"),
    "cancelled": (":material/cancel:", "gray"),
    "failed": (":material/error:", "red"),
}
# On a telephone the longest sentence takes two lines: kept free, so nothing jumps.
TWO_LINES = (
    "<style>@media (max-width: 640px) "
    "{.st-key-suggestion_status {min-height: 3.2rem}}</style>"
)
STARTS = {"off": "Start now", "cancelled": "Go on", "failed": "Try again"}


def show(project: Project) -> None:
    """Show the line; while something moves it follows by itself."""
    scoring.supervise_scoring(project.name)
    drawn = scoring.scoring_status(project).is_moving
    runs = scoring.usable_runs(project)

    @st.fragment(run_every="2s" if drawn else None)
    def follow() -> None:
        # A fragment outlives the page run whose project was open.
        with open_project(project.name) as now:
            status = scoring.scoring_status(now)
            automatic = scoring.is_automatic(now)
        if status.is_moving != drawn:
            st.rerun()
        _line(project.name, status, runs, automatic)

    follow()


def _line(
    project_name: str, status: ScoringStatus, runs: list[Run], automatic: bool
) -> None:
    icon, colour = LOOKS[status.state]
    with st.container(
        horizontal=True,
        wrap=False,
        vertical_alignment="center",
        gap="small",
        key="suggestion_status",
    ):
        st.html(TWO_LINES)
        words = f":{colour}[{icon}] {sentence(status, runs)}"
        st.markdown(words, width="stretch")
        _act(project_name, status)
        if runs:
            _settings(project_name, status, runs, automatic)


def _act(project_name: str, status: ScoringStatus) -> None:
    """The one button that fits the state."""
    if status.is_moving:
        st.button(
            "Cancel",
            key="suggestion_cancel",
            type="tertiary",
            disabled=status.message == scoring.ENDING,
            on_click=scoring.cancel_scoring,
            args=(project_name,),
        )
    elif status.state in STARTS:
        st.button(
            STARTS[status.state],
            key="suggestion_start",
            type="tertiary",
            icon=":material/play_arrow:",
            on_click=scoring.start_scoring,
            args=(project_name,),
        )


def _settings(
    project_name: str, status: ScoringStatus, runs: list[Run], automatic: bool
) -> None:
    with st.popover("", icon=":material/tune:", type="tertiary", help="Suggestions"):
        st.session_state["suggestion_automatic"] = automatic
        st.toggle(
            "Suggest automatically",
            key="suggestion_automatic",
            on_change=_switch,
            args=(project_name,),
            help="New pictures are read as they come in, and read again by each newer "
            "run. Switched off, what was suggested stays.",
        )
        by_id = {run.run_id: run for run in runs}
        if status.run_id in by_id:
            st.session_state["suggestion_run"] = status.run_id
        st.selectbox(
            "Run that suggests",
            list(by_id),
            format_func=lambda run_id: run_choice(by_id[run_id]),
            key="suggestion_run",
            on_change=_choose,
            args=(project_name,),
            help="Stays until a newer run has finished.",
        )


def _switch(project_name: str) -> None:
    with open_project(project_name) as project:
        scoring.set_automatic(project, st.session_state["suggestion_automatic"])


def _choose(project_name: str) -> None:
    scoring.start_scoring(project_name, st.session_state["suggestion_run"])


def sentence(status: ScoringStatus, runs: list[Run]) -> str:
    """Return what the line says, safe as Markdown."""
    if status.run_id is None:
        return escape(status.message)
    titles = {run.run_id: f"Run {run.number}" for run in runs}
    title = f"**{escape(titles.get(status.run_id, status.run_id))}**"
    if status.state == "done":
        return f"{title} has read all {counted(status.total, 'picture')}."
    if not status.total:
        return f"{title} starts to read the pictures."
    read = f"{title} has read {number(status.done)} of {number(status.total)}"
    if status.state == "running":
        return " · ".join([read, *_pace(status)])
    return f"{read}. {escape(status.message)}".rstrip()


def _pace(status: ScoringStatus) -> list[str]:
    if not status.per_s or status.left_s is None:
        return [escape(status.message.rstrip("."))] if status.message else []
    speed = f"{number(round(status.per_s))} a second"
    return [speed, f"{duration(status.left_s)} left"]
