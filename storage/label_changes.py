"""Which label sets changed since a moment: for counts that are kept up to date."""

import json
from collections.abc import Sequence
from typing import Any

from storage.batches import mark
from storage.database import fetch_all
from storage.label_sets import parse_key
from storage.projects import Project

# With more it is quicker to count everything anew.
CHANGES_AT_MOST = 5_000
# A split, or that somebody looked again, is no answer.
_SINCE = """
    SELECT image_id, label_id, before, after FROM history
    WHERE history_id > ? AND (detail IS NULL OR NOT json_valid(detail)
        OR json_extract(detail, '$.table') IS NOT 'images')
    ORDER BY history_id LIMIT ?
"""
# Label ids of an image, None where it was not labelled.
LabelIds = tuple[int, ...] | None
_Cells = dict[int, dict[int, tuple[int | None, int | None]]]


def history_end(project: Project) -> int:
    """The moment that `label_changes` takes."""
    return mark(project.db)


def label_changes(
    project: Project, history_id: int
) -> list[tuple[LabelIds, LabelIds]] | None:
    """The label ids of each changed image before and now.

    None where labels or groups changed, images came or went, or very many changed:
    then everything has to be read anew.
    """
    rows = fetch_all(project.db, _SINCE, [history_id, CHANGES_AT_MOST + 1])
    if len(rows) > CHANGES_AT_MOST or any(None in row[:2] for row in rows):
        return None
    cells = _first_and_last(rows)
    now = fetch_all(
        project.db,
        "SELECT image_id, set_key, answered FROM images WHERE deleted_at IS NULL"
        " AND image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(cells))],
    )
    if len(now) < len(cells):
        return None
    return [
        (_before(cells[image_id], key, answered), parse_key(key) if answered else None)
        for image_id, key, answered in now
    ]


def _first_and_last(rows: Sequence[Any]) -> _Cells:
    cells: _Cells = {}
    for image_id, label_id, before, after in rows:
        own = cells.setdefault(image_id, {})
        own[label_id] = (own.get(label_id, (before, None))[0], after)
    return cells


def _before(
    cells: dict[int, tuple[int | None, int | None]], key: str, answered: int
) -> LabelIds:
    """Take the changes of one image back."""
    ids = set(parse_key(key))
    for label_id, (before, after) in cells.items():
        answered += (before is not None) - (after is not None)
        ids.discard(label_id)
        if before:
            ids.add(label_id)
    return tuple(sorted(ids)) if answered else None
