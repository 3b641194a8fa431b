"""The pictures most like one: which labels they must share, and the grid of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.images import render_jpeg
from mlcore.similar import LIMIT, find_similar
from pages.parts.similar_grid import similar_grid
from pages.parts.text import escape
from storage.errors import StorageError
from storage.labels import list_groups, list_labels

if TYPE_CHECKING:
    from pathlib import Path

    from storage.projects import Project

MORE = 48
GIVEN_PX = 120


def show_results(
    project: Project, path: Path, name: str, labels: Sequence[str], *, key: str
) -> None:
    """Draw the picture given, the labels to share with it, and the pictures found."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        show_given(path)
        with st.container(gap="xsmall"):
            st.caption(escape(name))
            wanted = choose_labels(project, labels, key)
    limit = MORE if st.session_state.get(f"{key}_more") else LIMIT
    try:
        found = find_similar(project, path, labels=wanted, limit=limit)
    except (MLError, StorageError, OSError) as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    if not found:
        names = " and ".join(escape(name) for name in wanted)
        st.caption(
            f"No other picture shows {names}. Take a label away to see more."
            if wanted
            else "There is no other picture yet."
        )
        return
    similar_grid(project.name, found, key=f"{key}_grid")
    if len(found) == limit == LIMIT:
        st.button(
            "Show more",
            key=f"{key}_more_button",
            on_click=lambda: st.session_state.update({f"{key}_more": True}),
        )


def show_given(path: Path) -> None:
    """Draw the picture that the others are compared with."""
    # why it cannot be read is said where others are looked for
    with suppress(MLError, OSError):
        st.image(render_jpeg(path, 2 * GIVEN_PX), width=GIVEN_PX)


def choose_labels(project: Project, labels: Sequence[str], key: str) -> list[str]:
    """Draw the labels read, by group; those chosen must be on what is found."""
    known = {label.name for label in list_labels(project)}
    options = [name for name in labels if name in known]
    if not options:
        return []
    groups = {x.name: g.name for g in list_groups(project) for x in g.labels}

    def words(name: str) -> str:
        group = groups.get(name)
        return escape(f"{group}: {name}" if group else name)

    return st.pills(
        "With the same",
        options,
        selection_mode="multi",
        default=options,
        format_func=words,
        key=f"{key}_labels",
        help="Read by the run. Chosen ones must be on what is found, too.",
    )
