"""When the label sets of today arrived: the time of each image's first yes."""

from storage.database import fetch_all, fetch_value
from storage.label_sets import parse_key
from storage.projects import Project

_ARRIVALS = """
    SELECT substr(at, 1, 19) AS moment, set_key, count(*)
    FROM (
        SELECT image_id, min(history_id) AS history_id FROM history
        WHERE image_id IS NOT NULL AND label_id IS NOT NULL AND after = 1
        GROUP BY image_id
    ) JOIN images USING (image_id) JOIN history USING (history_id)
    JOIN batches USING (batch_no)
    WHERE answered > 0 AND deleted_at IS NULL AND set_key <> ''
    GROUP BY moment, set_key ORDER BY moment, set_key
"""


def read_arrivals(project: Project) -> list[tuple[str, tuple[int, ...], int]]:
    """Return (UTC "2026-11-21T18:05:09", label ids, images), the oldest first."""
    rows = fetch_all(project.db, _ARRIVALS)
    return [(moment, parse_key(key), int(count)) for moment, key, count in rows]


def newest_change(project: Project) -> int:
    """Return a number that grows with every change of answers, images or labels."""
    return int(
        fetch_value(project.db, "SELECT coalesce(max(history_id), 0) FROM history")
    )
