"""TensorBoard of a run: a button that starts it, a link, and a way to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import tensorboard
from storage.projects import open_project
from storage.runs import run_dir

if TYPE_CHECKING:
    from pathlib import Path

    from storage.records import Run

# It takes seconds to start; a dialog is not open for long.
LOOK_EVERY = "1s"


def tensorboard_button(project_name: str, run: Run) -> None:
    """Show the button for a run that writes a log for TensorBoard; else nothing."""
    with open_project(project_name) as project:
        folder = run_dir(project, run.run_id)
    if not tensorboard.has_log(folder):
        return
    if st.button(
        "TensorBoard", icon=":material/monitoring:", key=f"tensorboard_{run.number}"
    ):
        _show_dialog(folder)


@st.dialog("TensorBoard")
def _show_dialog(folder: Path) -> None:
    if not tensorboard.is_installed():
        st.markdown("It is not installed with Unseen. Where it is, type:")
        st.code(tensorboard.command(folder), language="bash", wrap_lines=True)
        return
    board = tensorboard.find_board(folder)
    if board is None:
        st.markdown(
            "It draws the log of this run in a window of its own, on the computer that "
            "runs Unseen, and ends with Unseen."
        )
        if st.button("Start TensorBoard", key="tensorboard_start", type="primary"):
            tensorboard.start_board(folder)
            st.rerun(scope="fragment")
        return
    _follow(board)
    if st.button("Stop TensorBoard", key="tensorboard_stop"):
        tensorboard.stop_board(folder)
        st.rerun(scope="fragment")


@st.fragment(run_every=LOOK_EVERY)
def _follow(board: tensorboard.Board) -> None:
    is_ready = board.answers()
    st.link_button(
        "Open TensorBoard" if is_ready else "Starting …",
        board.url,
        icon=":material/open_in_new:",
        type="primary",
        disabled=not is_ready,
    )
    st.caption(f"At {board.url}, on the computer that runs Unseen.")
