"""Saving or correcting a picture says whether the run was right about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.classified_history import judge_picture

if TYPE_CHECKING:
    from pages.parts.classify_batch import Batch
    from storage.projects import Project


def note_verdict(project: Project, batch: Batch, n: int) -> None:
    """Remember it with what was classified; an undone save takes it back.

    What counts is what the run itself read, whatever rule the page shows labels by.
    """
    sha256, saved = batch.hashes.get(n), batch.saved.get(n)
    if sha256 is None:
        return
    is_right = None
    if saved is not None:
        is_right = set(saved.labels) == set(batch.predictions[n].labels)
    judge_picture(project, sha256, batch.run_id, is_right)
