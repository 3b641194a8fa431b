"""What was classified lately: by which run, when, and whether it was right."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.result_tables import safe_cell
from mlcore.scores import wilson
from pages.parts.classify_queue import show_memory
from pages.parts.gallery import image_url
from pages.parts.picture_rows import PictureRow, picture_rows
from pages.parts.prediction_cards import take_clicks
from pages.parts.text import counted, escape, percent
from storage.classified_history import (
    Past,
    count_past,
    count_verdicts,
    judge,
    list_past,
    list_past_runs,
)
from storage.runs import list_runs

if TYPE_CHECKING:
    from storage.projects import Project

KEY = "classify_history"
PER_PAGE = 20
EXPORTED_AT_MOST = 10_000
EVERY_RUN = ""
THUMBS = {"all": "All", "open": "Not judged", "right": "Right", "wrong": "Wrong"}
WORDS = {True: "right", False: "wrong", None: ""}


def show(project: Project) -> None:
    """Draw the verdicts, the filter and a page of the list."""
    take_verdicts(project)
    names = run_names(project)
    if not count_past(project):
        st.caption("Nothing that was classified is remembered yet.")
        show_memory(project)
        return
    show_verdicts(project, names)
    wanted = choose_wanted(project, names)
    found = count_past(project, **wanted)
    if found:
        page = choose_page(project.name, found, wanted)
        offset = (page - 1) * PER_PAGE
        past = list_past(project, **wanted, offset=offset, limit=PER_PAGE)
        if not all(one.is_here for one in past):
            st.caption(
                "Only pictures in the project are kept; others are remembered by name. "
                "What cannot be seen is not judged here."
            )
        rows = [row_of(project.name, one, names) for one in past]
        picture_rows(rows, key=KEY)
    else:
        st.caption("Nothing fits this choice.")
    show_memory(project)


def take_verdicts(project: Project) -> None:
    """Do what was clicked: a thumb that is set already is taken back."""
    for click in take_clicks(KEY):
        shown = st.session_state.get(f"{KEY}_shown", {})
        was, now = shown.get(click.number), click.act == "right"
        judge(project, click.number, None if was is now else now)


def run_names(project: Project) -> dict[str, str]:
    """Return "Run 3" by id; a run that is gone keeps its id."""
    names = {run_id: run_id for run_id in list_past_runs(project)}
    return names | {run.run_id: f"Run {run.number}" for run in list_runs(project)}


def show_verdicts(project: Project, names: dict[str, str]) -> None:
    """Say how often each run was found right, with how far that can be believed."""
    lines = []
    for one in count_verdicts(project):
        low, high = wilson(one.right, one.right + one.wrong)
        lines.append(
            f"**{escape(names.get(one.run_id, one.run_id))}** was right in "
            f"{one.right} of {one.right + one.wrong} judged "
            f":gray[({percent(low)[:-2]}–{percent(high)})]"
        )
    st.markdown(
        "  \n".join(lines)
        or ":gray[A thumb says whether what was read is right; saving or correcting a "
        "picture says it, too.]"
    )


def choose_wanted(project: Project, names: dict[str, str]) -> dict[str, str]:
    """Draw run, verdict and words to look for; return them for the list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            "Run",
            [EVERY_RUN, *list_past_runs(project)],
            format_func=lambda run: names.get(run, run) or "All runs",
            key=f"{KEY}_run",
            width=240,
        )
        text = st.text_input(
            "Name or label", key=f"{KEY}_text", icon=":material/search:", width=240
        )
        thumb = st.segmented_control(
            "Judged",
            THUMBS,
            default="all",
            required=True,
            format_func=THUMBS.__getitem__,
            key=f"{KEY}_thumb",
        )
    return {"run_id": run_id or "", "text": text, "thumb": str(thumb)}


def choose_page(project_name: str, found: int, wanted: dict[str, str]) -> int:
    """Draw how many there are, the download and the page numbers; return the page."""
    pages = -(-found // PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{counted(found, 'reading')}, the newest first", width="stretch")
        st.download_button(
            "CSV",
            lambda: history_csv(project_name, wanted),
            file_name="classified.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"{KEY}_csv",
            on_click="ignore",
        )
        if pages <= 1:
            return 1
        return min(st.pagination(pages, key=f"{KEY}_page_{pages}"), pages)


def row_of(project_name: str, one: Past, names: dict[str, str]) -> PictureRow:
    """Return what is drawn of one reading; remembers the thumb that is shown."""
    shown = st.session_state.setdefault(f"{KEY}_shown", {})
    shown[one.classified_id] = one.is_right
    when = datetime.fromisoformat(one.at).astimezone().strftime("%Y-%m-%d %H:%M")
    by = [when, names.get(one.run_id, one.run_id), *([one.who] if one.who else [])]
    return PictureRow(
        id=one.classified_id,
        url=image_url(project_name, one.sha256) if one.is_here else "",
        title=", ".join(one.labels) or "none of the labels",
        lines=[one.name, " · ".join(by)],
        careful="Doubtful" if one.is_doubtful else "",
        # A verdict given earlier stays in sight and can be taken back.
        thumb=WORDS[one.is_right] if one.is_here or one.is_right is not None else None,
    )


def history_csv(project_name: str, wanted: dict[str, str]) -> bytes:
    """Return what is listed as a table."""
    from storage.projects import open_project

    with open_project(project_name) as project:
        past = list_past(project, **wanted, limit=EXPORTED_AT_MOST)
    return _as_csv(past)


def _as_csv(past: Sequence[Past]) -> bytes:
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(("at", "picture", "run", "labels", "doubtful", "judged", "who"))
    for one in past:
        cells = (one.at, one.name, one.run_id, ";".join(one.labels))
        doubt = "yes" if one.is_doubtful else "no"
        rest = (doubt, WORDS[one.is_right], one.who)
        table.writerow([safe_cell(cell) for cell in (*cells, *rest)])
    return ("\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()).encode()
