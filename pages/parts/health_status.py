"""One line on how far the pictures are measured, with the button that fits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import health_jobs
from mlcore.file_checks import last_check
from pages.parts.text import counted, duration, escape, number
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.file_checks import FileCheck
    from mlcore.health_jobs import FactsStatus
    from storage.projects import Project

# Icon and colour of a state; the sentence comes from `sentence`.
LOOKS = {
    "none": (":material/search:", "gray"),
    "measuring": (":material/progress_activity:", "blue"),
    "searching": (":material/progress_activity:", "blue"),
    "checking": (":material/progress_activity:", "blue"),
    "waiting": (":material/schedule:", "gray"),
    "done": (":material/check_circle:", "green"),
    "cancelled": (":material/cancel:", "gray"),
    "failed": (":material/error:", "red"),
}
STARTS = {"cancelled": "Go on", "failed": "Try again"}


def show(project: Project) -> None:
    """Show the line; while something moves it follows by itself."""
    health_jobs.supervise_facts(project.name)
    drawn = health_jobs.facts_status(project).is_moving

    @st.fragment(run_every="1s" if drawn else None)
    def follow() -> None:
        # A fragment outlives the page run whose project was open.
        with open_project(project.name) as now:
            status = health_jobs.facts_status(now)
            check = last_check(now)
        if status.is_moving != drawn:
            st.rerun()
        draw_line(project.name, status)
        draw_check(project.name, status, check)

    follow()


def draw_line(project_name: str, status: FactsStatus) -> None:
    """Draw one state; its height is the same with and without a button."""
    icon, colour = LOOKS[status.state]
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        height=48,
        border=False,
        key="health_status",
    ):
        st.markdown(f":{colour}[{icon}] {sentence(status)}", width="stretch")
        if status.is_moving:
            st.button(
                "Cancel",
                key="health_cancel",
                type="tertiary",
                on_click=health_jobs.cancel_facts,
                args=(project_name,),
            )
        elif status.state in STARTS:
            st.button(
                STARTS[status.state],
                key="health_start",
                icon=":material/play_arrow:",
                on_click=health_jobs.start_facts,
                args=(project_name,),
            )


def draw_check(project_name: str, status: FactsStatus, check: FileCheck | None) -> None:
    """Draw what the last check of the files found, and the button for another one.

    While something moves the button is there and off: nothing jumps.
    """
    if status.state == "none":
        return
    with st.container(horizontal=True, vertical_alignment="center", key="health_files"):
        st.button(
            "Check the files again",
            key="health_check",
            icon=":material/fact_check:",
            help="Reads every stored picture and compares it with what came in.",
            disabled=status.is_moving,
            on_click=health_jobs.check_again,
            args=(project_name,),
        )
        st.caption(check_words(check), width="content")


def check_words(check: FileCheck | None) -> str:
    """Return what the last check of the files found."""
    if check is None:
        return "Not checked since they came in."
    if check.ended_at is None:
        return "Being checked."
    found = f"{number(check.damaged)} damaged or missing" if check.damaged else "whole"
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(check.ended_at))
    return f"Checked {day}: {found}."


def sentence(status: FactsStatus) -> str:
    """Return what the line says, safe as Markdown."""
    if status.state == "none":
        return "No pictures to look at yet."
    if status.state == "searching":
        return "Comparing the pictures with each other."
    if status.state == "checking":
        left = "" if not status.left_s else f" · {duration(status.left_s)} left"
        return f"{number(status.done)} of {counted(status.total, 'file')} checked{left}"
    if status.state == "done":
        return f"All {counted(status.total, 'picture')} looked at."
    if not status.total:
        return "Starts to look at the pictures."
    read = f"{number(status.done)} of {counted(status.total, 'picture')} looked at"
    if status.state == "measuring":
        left = "" if not status.left_s else f" · {duration(status.left_s)} left"
        return read + left
    return f"{read}. {escape(status.message)}".rstrip()
