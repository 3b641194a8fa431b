"""Which project is open, who is here, and a word for after the next rerun.

The project is in the address (`?project=`) and in the session. The address wins,
so that a link opens the right project; a page switch drops the address, so the
session puts it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import streamlit as st

from pages.parts import layout
from pages.parts.text import escape
from storage.home import load_settings
from storage.projects import Project, open_project

PROJECT_KEY = "project_name"
FLASH_KEY = "flash_messages"
# What was typed in this session; the cookie Streamlit knows is that of its start.
WHO_KEY = "session_who"
WHO_COOKIE = "unseen_who"
LONGEST_NAME = 100


def current_project_name() -> str | None:
    """Return the open project's name, or None when there is none."""
    name = st.session_state.get(PROJECT_KEY)
    return str(name) if name else None


def choose_project(name: str | None) -> None:
    """Open `name` from the next rerun on; None closes the project."""
    st.session_state[PROJECT_KEY] = name
    if name:
        st.query_params["project"] = name
    else:
        st.query_params.pop("project", None)


def settle_project(names: list[str]) -> str | None:
    """Agree on one existing project of `names`: address, session, else the first."""
    asked = st.query_params.get("project")
    wanted = (asked, st.session_state.get(PROJECT_KEY))
    chosen = next((name for name in wanted if name in names), None)
    if chosen is None and names:
        chosen = names[0]
    if asked and chosen and asked not in names:
        warn_of_other_project(asked, chosen)
    st.session_state[PROJECT_KEY] = chosen
    if chosen and st.query_params.get("project") != chosen:
        st.query_params["project"] = chosen
    return chosen


def warn_of_other_project(asked: str, chosen: str) -> None:
    """Say that the address names no project, before somebody labels the wrong one."""
    st.warning(
        f"There is no project “{escape(asked)}” here. "
        f"This is **{escape(chosen)}**; choose another on the left.",
        icon=":material/warning:",
    )


@contextmanager
def open_current() -> Iterator[Project]:
    """Open the current project for this run; without one, show the way and stop."""
    name = current_project_name()
    if name is None:
        show_no_project()
        st.stop()
    with open_project(name) as project:
        yield project


def show_no_project() -> None:
    """Say that there is no project yet and offer the page that makes one."""
    layout.empty_state(
        ":material/folder_open:",
        "No project yet",
        "A project holds your pictures, their labels and what was trained on them.",
        action="Start a project",
        page="overview.py",
        key="session_no_project",
    )


def who() -> str:
    """Return the name that history records for this person ("" when not given)."""
    return given_name() or load_settings().name


def given_name() -> str:
    """Return the name said in this browser, "" when the settings' name counts."""
    said = st.session_state.get(WHO_KEY)
    return clean_who(st.context.cookies.get(WHO_COOKIE, "")) if said is None else said


def clean_who(text: str) -> str:
    """Return a percent-encoded name as text: one line, at most 100 characters."""
    printable = "".join(c for c in unquote(text) if c.isprintable())
    return " ".join(printable.split())[:LONGEST_NAME]


def flash(text: str, icon: str = ":material/check_circle:") -> None:
    """Show `text` as a toast in the next run, after the rerun that an action makes."""
    st.session_state.setdefault(FLASH_KEY, []).append((text, icon))


def show_flashes() -> None:
    """Show and forget what `flash` kept."""
    for text, icon in st.session_state.pop(FLASH_KEY, []):
        st.toast(text, icon=icon)
