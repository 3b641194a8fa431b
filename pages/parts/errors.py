"""What a person sees when something goes wrong: a sentence, never a traceback."""

from __future__ import annotations

import logging

import streamlit as st

from mlcore.errors import MLError
from storage.errors import StorageError

log = logging.getLogger("unseen")


def show_sentence(error: StorageError | MLError) -> None:
    """Show an error we raised on purpose; its message says what to do."""
    st.error(str(error), icon=":material/error:")


def on_script_error(error: Exception) -> bool:
    """Log an error no page caught and show a sentence; True keeps Streamlit quiet.

    Called by Streamlit for errors in callbacks and fragments, and for bugs.
    """
    if isinstance(error, StorageError | MLError):
        show_sentence(error)
        return True
    log.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong on this page. Nothing you saved is lost. Reload the "
        "page; if it happens again, the log named on the Settings page says why.",
        icon=":material/error:",
    )
    return True
