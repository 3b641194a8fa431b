"""What is known of a run's mistakes, with the slow part kept: who is like whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.mistake_evidence import Neighbours, find_neighbours, gather_clues
from mlcore.snapshot import TABLE_NAME
from storage.runs import run_dir

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut
    from mlcore.mistake_causes import Clue
    from mlcore.mistakes import Mistake
    from storage.projects import Project
    from storage.records import Run


def clues_of(
    project: Project, run: Run, held_out: HeldOut, mistakes: Sequence[Mistake]
) -> list[Clue]:
    """Return what is known of each mistake, in their order."""
    table = run_dir(project, run.run_id) / TABLE_NAME
    changed_ns = table.stat().st_mtime_ns if table.exists() else 0
    kept = _kept_neighbours(str(table), changed_ns)
    missing = [one.image_id for one in mistakes if one.image_id not in kept]
    if missing:
        kept |= dict.fromkeys(missing, ())
        with st.spinner("Comparing them with the training pictures"):
            kept |= find_neighbours(project, run, missing)
    return gather_clues(project, run, held_out, mistakes, kept)


# The folder and the time of writing are the key: run ids repeat between projects.
@st.cache_resource(max_entries=4, show_spinner=False, ttl=3600)
def _kept_neighbours(table: str, changed_ns: int) -> Neighbours:
    return {}
