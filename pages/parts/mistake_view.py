"""The chosen mistakes as a saved view of Label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.queues import PICK_PREFIX
from pages.parts import session
from storage.picks import put_pick
from storage.projects import open_project
from storage.saved_views import MAX_NAME_CHARACTERS, save_view

if TYPE_CHECKING:
    from pages.parts.review_mistakes import Judged
    from storage.projects import Project
    from storage.records import Run


def offer_view(
    project: Project, run: Run, chosen: Sequence[Judged], title: str
) -> None:
    """Draw the button that keeps these pictures as a view and opens it in Label."""
    if not st.button(
        "Open these in Label",
        icon=":material/label:",
        key="review_open_view",
        disabled=not chosen,
        help="Keeps them as a saved view, in this order, each with its probable cause.",
    ):
        return
    key = keep_view(project.name, f"{title} ({run.run_id.split('-')[0]})", chosen)
    st.switch_page(
        "label.py",
        query_params={
            "project": project.name,
            "view": "one",
            "state": "all",
            "queue": key,
        },
    )


def keep_view(project_name: str, title: str, chosen: Sequence[Judged]) -> str:
    """Save the pictures under a name and return the key of their queue."""
    images = [(one.mistake.image_id, one.causes[0].sentence) for one in chosen]
    name = _shorten(title[:1].upper() + title[1:])
    with open_project(project_name) as project:
        pick = put_pick(project, name, images, who=session.who())
        key = f"{PICK_PREFIX}{pick.pick_id}"
        save_view(project, name, f"state=all&queue={key}", who=session.who())
    return key


def _shorten(name: str) -> str:
    """A view's name has an end; the run at its end tells views apart."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(plain) <= MAX_NAME_CHARACTERS:
        return plain
    head, _, run = plain.rpartition(" ")
    return f"{head[: MAX_NAME_CHARACTERS - len(run) - 2]}… {run}"
