"""How fast people answer: today's count, images an hour, time left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from storage.database import fetch_all
from storage.images import progress
from storage.projects import Project

# A longer pause than this is a break, and no part of the work.
BREAK_S = 120.0
RECENT = timedelta(hours=1)
# Fewer answers than this say nothing about a pace.
BATCHES_AT_LEAST = 5
# Larger batches are one click on many images: no pace to reckon the rest with.
BULK_ABOVE = 60
_WORK = """
    SELECT at, who, (SELECT count(DISTINCT image_id) FROM history
                     WHERE history.batch_no = b.batch_no)
    FROM batches AS b
    WHERE at >= ? AND kind = 'edit' AND action = 'answer' AND undone_by IS NULL
    ORDER BY at
"""
Work = tuple[datetime, str, int]


@dataclass(frozen=True, slots=True)
class Pace:
    """A person's images today and an hour; `left_s` is at everybody's pace.

    None stands for "not known yet".
    """

    today: int
    per_hour: float | None
    left: int
    left_s: float | None


def pace_of(project: Project, who: str, now: datetime | None = None) -> Pace:
    """How far and how fast this person is, and when all images will be labelled.

    Counted are answers that stand; days are those of this computer's clock.
    """
    now = now or datetime.now(UTC)
    midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    work = _read_work(project, min(midnight.astimezone(UTC), now - RECENT))
    mine = [row for row in work if row[1] == who]
    counts = progress(project)
    left = counts.total - counts.labelled
    team = sum(_per_hour(rows, now) or 0 for rows in _by_person(work))
    return Pace(
        today=sum(images for at, _, images in mine if at >= midnight),
        per_hour=_per_hour(mine, now),
        left=left,
        left_s=left / team * 3600 if team else None,
    )


def _read_work(project: Project, since: datetime) -> list[Work]:
    start = since.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    rows = fetch_all(project.db, _WORK, [start])
    return [(datetime.fromisoformat(at), who, images) for at, who, images in rows]


def _by_person(work: Sequence[Work]) -> list[list[Work]]:
    return [[row for row in work if row[1] == who] for who in {row[1] for row in work}]


def _per_hour(work: Sequence[Work], now: datetime) -> float | None:
    """Images an hour over the last hour's work, without the breaks."""
    since = now - RECENT
    recent = [row for row in work if row[0] >= since and row[2] <= BULK_ABOVE]
    if len(recent) < BATCHES_AT_LEAST:
        return None
    gaps = [
        (later[0] - earlier[0]).total_seconds() for earlier, later in pairwise(recent)
    ]
    # The first image has no gap before it, an image after a break none that counts.
    worked = [
        (gap, row[2])
        for gap, row in zip(gaps, recent[1:], strict=True)
        if gap <= BREAK_S
    ]
    seconds = sum(gap for gap, _ in worked)
    return sum(images for _, images in worked) / seconds * 3600 if seconds else None
