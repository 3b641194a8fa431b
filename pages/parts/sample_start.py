"""Making the sample project: in a thread of its own, watched by a fragment.

Not in the page script: a click elsewhere ends a script in the middle.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import streamlit as st

from mlcore.errors import MLError
from pages.parts import session
from storage.errors import StorageError

MAKING_KEY = "overview_sample_making"


@dataclass
class Making:
    """How far the sample project is; written by the thread, read by the page."""

    name: str = ""
    done: int = 0
    total: int = 1
    finished: bool = False
    error: str = ""


def start() -> None:
    """Begin to make a sample project."""
    making = Making()
    st.session_state[MAKING_KEY] = making
    threading.Thread(target=make, args=(making,), daemon=True).start()


def make(making: Making) -> None:
    """Make the project; whatever happens ends up in `making`."""
    from mlcore.samples import create_sample_project

    def note(done: int, total: int) -> None:
        making.done, making.total = done, max(total, 1)

    making.error = "The sample project could not be made; the log says why."
    try:
        with create_sample_project(on_progress=note) as project:
            making.name, making.error = project.name, ""
    except (StorageError, MLError) as error:
        making.error = str(error)
    finally:
        making.finished = True


def is_making() -> bool:
    """Return whether this session waits for a sample project."""
    return MAKING_KEY in st.session_state


@st.fragment(run_every=0.3)
def watch() -> None:
    """Redraw the progress until the project is there, then open it."""
    making = st.session_state.get(MAKING_KEY)
    if making is None:
        return
    if making.finished:
        del st.session_state[MAKING_KEY]
        end(making)
    share = min(making.done / making.total, 1.0)
    st.progress(share, text=f"Drawing the pictures: {share:.0%}")


def end(making: Making) -> None:
    """Open the finished project, or say why it could not be made."""
    if making.error:
        session.flash(making.error, ":material/error:")
    else:
        session.choose_project(making.name)
        session.flash("The sample project is ready.")
    st.rerun()
