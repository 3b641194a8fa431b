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

STARTING_EVERY = "1s"


def tensorboard_button(project_name: str, run: Run) -> None:
    """Show the button for a run that writes a log for TensorBoard; else nothing."""
    with open_project(project_name) as project:
        folder = run_dir(project, run.run_id)
    if not tensorboard.has_log(folder):
        return
    with st.popover(
        "TensorBoard",
        icon=":material/monitoring:",
        key=f"tensorboard_{run.number}",
        # Its content costs nothing until somebody opens it.
        on_change="rerun",
    ) as place:
        if place.open:
            _show_board(folder, run)


def _show_board(folder: Path, run: Run) -> None:
    board = tensorboard.find_board(folder)
    is_loading = board is not None and not board.answers()

    @st.fragment(run_every=STARTING_EVERY if is_loading else None)
    def follow() -> None:
        _board(folder, run)

    follow()


def _board(folder: Path, run: Run) -> None:
    if not tensorboard.is_installed():
        st.markdown("TensorBoard is not installed with Unseen. Where it is, type:")
        st.code(tensorboard.command(folder), language="bash", wrap_lines=True)
        return
    board = tensorboard.find_board(folder)
    if board is None:
        st.markdown("It opens on this computer and ends with Unseen.")
        if st.button(
            "Start TensorBoard", key=f"tensorboard_start_{run.number}", type="primary"
        ):
            tensorboard.start_board(folder)
            st.rerun()
        return
    is_ready = board.answers()
    st.link_button(
        "Open TensorBoard" if is_ready else "Starting …",
        board.url,
        icon=":material/open_in_new:",
        type="primary",
        disabled=not is_ready,
    )
    st.caption(f"At {board.url}, on the computer that runs Unseen.")
    if st.button("Stop TensorBoard", key=f"tensorboard_stop_{run.number}"):
        tensorboard.stop_board(folder)
        st.rerun()
