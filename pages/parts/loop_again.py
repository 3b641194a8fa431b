"""“Train again with these”: doubtful pictures have labels that no run has learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore.before_after import train_again
from mlcore.errors import MLError
from pages.parts import session
from pages.parts.run_scroll import go_to_top
from pages.parts.text import counted, escape, number
from storage.doubted import count_open_doubted, count_unlearned
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from storage.projects import Project

LOOK_EVERY = "2s"


def loop_again(project: Project, *, where: str) -> None:
    """Offer to train again where labels of doubtful pictures wait; else draw nothing.

    `where` is the page that asks; it becomes part of the widget keys.
    """
    count = count_unlearned(project)
    if not count:
        return
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key=f"{where}_loop_again",
    ):
        st.markdown(waiting_words(count, count_open_doubted(project)), width="stretch")
        _button(project, count, f"{where}_train_again")


def loop_line(project_name: str) -> None:
    """Follow the labelling of doubtful pictures, beside the labeler: one line.

    It is drawn with nothing to do, too, so that nothing jumps when there is. How many
    are left the labeler says: two counts of different moments contradicted each other.
    """

    @st.fragment(run_every=LOOK_EVERY)
    def follow() -> None:
        with (
            open_project(project_name) as project,
            st.container(
                horizontal=True, vertical_alignment="center", key="label_loop_again"
            ),
        ):
            count = count_unlearned(project)
            _button(project, count, "label_train_again")
            st.caption(f"{number(count)} newly labelled")

    follow()


def waiting_words(count: int, left: int) -> str:
    """Return "3 pictures that a run doubted have labels now …" as safe Markdown."""
    verb = "has a label" if count == 1 else "have labels"
    more = f" {number(left)} more wait for one." if left else ""
    return (
        f"**{counted(count, 'picture')}** that a run doubted {verb} now and no run has "
        f"learned from.{more}"
    )


def _button(project: Project, count: int, key: str) -> None:
    if st.button(
        "Train again with these",
        key=key,
        icon=":material/replay:",
        type="primary" if count else "secondary",
        disabled=not count,
        help="The same settings as the newest run. Afterwards the Train page shows "
        "these pictures before and after.",
    ):
        _train(project)


def _train(project: Project) -> None:
    try:
        with st.spinner("Preparing the pictures …"):
            train_again(project)
    except (MLError, StorageError) as error:
        session.flash(escape(str(error)), ":material/error:")
        st.rerun()
    go_to_top()
    st.switch_page("train.py")
