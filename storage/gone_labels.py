"""Answers for labels that went away while somebody was still answering them.

A page that was open meanwhile sends them all the same. What it says of the labels
that are there must be kept, so the others are left out instead of refusing all: there
is no question left that they would answer. A yes to a label that was merged into
another one is a yes to that one, as the merge itself made of those given before.
"""

import json
from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from storage.database import fetch_all, fetch_value
from storage.project_settings import read_setting, write_setting
from storage.projects import Project

MERGED = "merged_labels"


def living_answers(
    db: Database, answers: Mapping[int, bool | None]
) -> dict[int, bool | None]:
    """The answers without those for labels that are gone; ids never given out stay."""
    gone = _gone(db, answers)
    if not gone:
        return dict(answers)
    heirs = _heirs(db)
    kept = {i: value for i, value in answers.items() if i not in gone}
    return kept | {heirs[i]: True for i in gone if answers[i] and i in heirs}


def gone_labels(project: Project, label_ids: Iterable[int]) -> list[int]:
    """Those of the labels that were deleted or merged away, ascending."""
    return sorted(_gone(project.db, label_ids))


def merged_labels(project: Project) -> dict[int, int]:
    """For every label that was merged away the one that has its answers now."""
    return _heirs(project.db)


def note_heir(project: Project, label_id: int, into_id: int | None) -> None:
    """Remember into which label one was merged; None: it was deleted."""
    merged = {str(i): into for i, into in _read_merged(project.db).items()}
    merged.pop(str(label_id), None)
    # Who inherits is there itself, whatever it was merged into before an undo.
    merged.pop(str(into_id), None)
    if into_id is not None:
        merged[str(label_id)] = into_id
    if merged or read_setting(project, MERGED):
        write_setting(project, MERGED, merged or None)


def _gone(db: Database, label_ids: Iterable[int]) -> set[int]:
    rows = fetch_all(
        db,
        "SELECT label_id FROM labels WHERE gone = 1"
        " AND label_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(label_ids))],
    )
    return {label_id for (label_id,) in rows}


def _heirs(db: Database) -> dict[int, int]:
    merged = _read_merged(db)
    gone = _gone(db, merged.keys() | set(merged.values()))
    # An undo brings a label back, and with it the end of the way.
    steps = {label_id: into for label_id, into in merged.items() if label_id in gone}
    heirs = {label_id: _last_of(steps, label_id) for label_id in steps}
    return {label_id: into for label_id, into in heirs.items() if into not in gone}


def _last_of(steps: Mapping[int, int], label_id: int) -> int:
    seen = set()
    while label_id in steps and label_id not in seen:
        seen.add(label_id)
        label_id = steps[label_id]
    return label_id


def _read_merged(db: Database) -> dict[int, int]:
    text = fetch_value(
        db, "SELECT value FROM project_settings WHERE name = ?", [MERGED]
    )
    return {int(i): into for i, into in json.loads(text or "{}").items()}
