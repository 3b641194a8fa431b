"""A run that was made already with these settings, from this data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import snapshot
from mlcore.errors import MLError
from storage.batches import mark
from storage.images import progress

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from storage.projects import Project
    from storage.records import Run

DATA_KEY = "train_data_now"


def find_same_run(
    project: Project, config: TrainConfig, runs: Sequence[Run]
) -> Run | None:
    """Return the newest such run; the data are read only where the settings agree."""
    wanted = config.as_json()
    same = [run for run in runs if run.is_usable and run.config == wanted]
    if not same:
        return None
    data = _data_now(project, config, same[0].run_id)
    return next((run for run in same if data and run.data_sha256 == data), None)


def _data_now(project: Project, config: TrainConfig, newest: str) -> str:
    """Return the digest of what a run would learn from; "" where none could start.

    Kept while nothing is answered or added; a start divides new pictures, so it is
    read anew when such a run is over.
    """
    version = (project.name, mark(project.db), progress(project), config, newest)
    known, digest = st.session_state.get(DATA_KEY, (None, ""))
    if known != version:
        digest = _digest(project, config)
        st.session_state[DATA_KEY] = (version, digest)
    return str(digest)


def _digest(project: Project, config: TrainConfig) -> str:
    try:
        return snapshot.collect(project, config).data_sha256()
    except MLError:
        return ""
