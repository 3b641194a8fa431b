"""One app per data folder, and the log that lies in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from storage.home import lock_home

LOG_NAME = "unseen.log"
_held = threading.Event()


@contextmanager
def hold_home(port: int | None = None) -> Iterator[None]:
    """Keep the data folder for this process; HomeError names who has it already.

    A second use in the same process does nothing: `python app.py` holds the folder
    before it starts, `streamlit run app.py` only when the server comes up.
    """
    if _held.is_set():
        yield
        return
    with lock_home(port) as home, log_into(home / LOG_NAME):
        _held.set()
        try:
            yield
        finally:
            _held.clear()


class QuietHandler(RotatingFileHandler):
    """A log file; what it cannot write on a full disk is dropped."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Do nothing: logging itself would print a traceback for every line."""


@contextmanager
def log_into(path: Path) -> Iterator[None]:
    """Write what goes wrong to `path` (3 files of 2 MB) instead of the terminal."""
    log = logging.getLogger("unseen")
    handler = QuietHandler(path, maxBytes=2_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        with suppress(OSError):
            handler.close()
        log.propagate = True
