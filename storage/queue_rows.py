"""Rows for the queues: which images are next, and what the reasons are made of."""

import json
from collections.abc import Collection, Iterator

from storage.database import fetch_all, fetch_value
from storage.image_filters import DISAGREES_SQL
from storage.projects import Project

CHUNK_ROWS = 10_000
_OPEN_SCORES = """
    FROM image_scores JOIN images USING (image_id)
    WHERE answered = 0 AND deleted_at IS NULL AND probabilities <> '{}'
"""
# From the newest label down, stopping at the first one without an answer.
_NEWEST_OPEN = """
    SELECT image_id, (
        SELECT label_id FROM labels WHERE gone = 0 AND NOT EXISTS (
            SELECT 1 FROM answers WHERE answers.image_id = images.image_id
            AND answers.label_id = labels.label_id)
        ORDER BY label_id DESC LIMIT 1
    ) AS newest
    FROM images WHERE deleted_at IS NULL AND answered > 0
    AND answered < (SELECT count(*) FROM labels WHERE gone = 0)
    ORDER BY newest DESC, image_id
"""
_PAIRS = """
    SELECT near.image_id, other_id FROM near_duplicates AS near
    JOIN images AS one ON one.image_id = near.image_id
    JOIN images AS other ON other.image_id = other_id
    WHERE one.deleted_at IS NULL AND other.deleted_at IS NULL
        AND one.answered > 0 AND other.answered > 0
        AND one.set_key <> other.set_key
        AND NOT (one.reviewed AND other.reviewed)
"""
# A label's first history row is its making; making it is never an answer.
_BIRTHS = """
    SELECT label_id, min(history_id) FROM batches JOIN history USING (batch_no)
    WHERE kind = 'edit' AND action NOT IN ('answer', 'delete images')
        AND image_id IS NULL AND label_id IS NOT NULL
    GROUP BY label_id
"""
_LAST_ANSWERS = """
    SELECT image_id, max(history_id) FROM history
    WHERE label_id IS NOT NULL AND image_id IN (SELECT value FROM json_each(?))
    GROUP BY image_id
"""


def has_scores(project: Project) -> bool:
    """Whether any image has been read by a run."""
    return bool(fetch_value(project.db, "SELECT EXISTS (SELECT 1 FROM image_scores)"))


def has_facts(project: Project) -> bool:
    """Whether any image has been measured."""
    return bool(fetch_value(project.db, "SELECT EXISTS (SELECT 1 FROM image_facts)"))


def list_unsure(project: Project) -> list[int]:
    """Unlabelled images that a run has read, the least certain first."""
    order = "ORDER BY uncertainty DESC, image_id"
    return _ids(project, f"SELECT image_id {_OPEN_SCORES} {order}")


def count_unsure(project: Project) -> int:
    """How many unlabelled images a run has read."""
    return int(fetch_value(project.db, f"SELECT count(*) {_OPEN_SCORES}"))


def list_disagreements(project: Project) -> list[int]:
    """Images read otherwise than answered, those the run is surest of first.

    An image that somebody looked at again is settled.
    """
    return _ids(
        project,
        "SELECT image_id FROM images JOIN image_scores AS surest USING (image_id)"
        " WHERE deleted_at IS NULL AND answered > 0 AND reviewed = 0"
        f" AND {DISAGREES_SQL}"
        " ORDER BY surest.confidence DESC, image_id",
    )


def list_newly_open(project: Project) -> list[int]:
    """Labelled images with a label still unknown, the newest such label first."""
    return _ids(project, _NEWEST_OPEN)


def list_unlike_pairs(
    project: Project, image_ids: Collection[int] | None = None
) -> list[tuple[int, int]]:
    """Pairs of look-alikes with different labels, the most alike first.

    With `image_ids` only the pairs that have one of them.
    """
    rule, values = "", []
    if image_ids is not None:
        wanted = "(SELECT value FROM json_each(?))"
        rule = f" AND (near.image_id IN {wanted} OR other_id IN {wanted})"
        values = [json.dumps(list(image_ids))] * 2
    order = " ORDER BY distance, near.image_id, other_id"
    return [tuple(row) for row in fetch_all(project.db, _PAIRS + rule + order, values)]


def read_open_scores(project: Project) -> Iterator[tuple[list[int], str]]:
    """Unlabelled images in chunks, with a JSON list of their probabilities."""
    after = 0
    while True:
        rows = fetch_all(
            project.db,
            f"SELECT image_id, probabilities {_OPEN_SCORES} AND image_id > ?"
            " ORDER BY image_id LIMIT ?",
            [after, CHUNK_ROWS],
        )
        if not rows:
            return
        after = rows[-1][0]
        yield [row[0] for row in rows], f"[{','.join(row[1] for row in rows)}]"


def label_births(project: Project) -> dict[int, int]:
    """Where in the history each label was made."""
    return dict(fetch_all(project.db, _BIRTHS))


def last_answers(project: Project, image_ids: Collection[int]) -> dict[int, int]:
    """Where in the history each of these images was answered last."""
    return dict(fetch_all(project.db, _LAST_ANSWERS, [json.dumps(list(image_ids))]))


def _ids(project: Project, sql: str) -> list[int]:
    return [row[0] for row in fetch_all(project.db, sql)]
