"""How fast people answer: today's counts, images an hour, time left.

Work by hand is one image at a time; one act on several images is bulk work. It is
counted by itself and is no pace: it says nothing about the images that remain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from storage.database import fetch_all, fetch_value
from storage.images import progress
from storage.projects import Project

# A longer pause than this is a break, and no part of the work.
BREAK_S = 120.0
RECENT = timedelta(hours=1)
# Fewer answers than this say nothing about a pace.
IMAGES_AT_LEAST = 5
# A second image is looked for only until one is found: a large batch costs no more.
_WORK = """
    SELECT at, who, first, EXISTS (SELECT 1 FROM history AS h
        WHERE h.batch_no = act.batch_no AND h.image_id <> first)
    FROM (
        SELECT at, who, batch_no,
            (SELECT image_id FROM history AS h WHERE h.batch_no = b.batch_no
             ORDER BY history_id LIMIT 1) AS first
        FROM batches AS b
        WHERE at >= ? AND kind = 'edit' AND action = 'answer' AND undone_by IS NULL
    ) AS act WHERE first IS NOT NULL ORDER BY at, batch_no
"""
_TOUCHED = """
    SELECT count(DISTINCT image_id) FROM batches AS b JOIN history USING (batch_no)
    WHERE at >= ? AND who = ? AND b.kind = 'edit' AND b.action = 'answer'
        AND undone_by IS NULL
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One act: when, whose, its image (the first of several), several or not."""

    at: datetime
    who: str
    image_id: int
    is_bulk: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """A person's images today, by hand and only in bulk, and by hand an hour.

    An image counts once, however often it was answered. `left_s` is at everybody's
    pace; None stands for "not known yet".
    """

    today: int
    today_bulk: int
    per_hour: float | None
    left: int
    left_s: float | None


def pace_of(project: Project, who: str, now: datetime | None = None) -> Pace:
    """How far and how fast this person is, and when all images will be labelled.

    Counted are answers that stand; days are those of this computer's clock.
    """
    now = now or datetime.now(UTC)
    here = now.astimezone()
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    work = _read_work(project, min(midnight, now - RECENT))
    mine = [act for act in work if act.who == who]
    today = [act for act in mine if act.at >= midnight]
    by_hand = len({act.image_id for act in today if not act.is_bulk})
    counts = progress(project)
    left = counts.total - counts.labelled
    team = sum(_per_hour(acts, now) or 0 for acts in _by_person(work))
    return Pace(
        today=by_hand,
        today_bulk=_count_touched(project, who, midnight, today) - by_hand,
        per_hour=_per_hour(mine, now),
        left=left,
        left_s=left / team * 3600 if team else None,
    )


def _count_touched(
    project: Project, who: str, since: datetime, work: Sequence[Work]
) -> int:
    """Images with an answer of this person since then, by hand or in bulk."""
    if not any(act.is_bulk for act in work):
        return len({act.image_id for act in work})
    return int(fetch_value(project.db, _TOUCHED, [_as_text(since), who]))


def _read_work(project: Project, since: datetime) -> list[Work]:
    rows = fetch_all(project.db, _WORK, [_as_text(since)])
    return [
        Work(datetime.fromisoformat(at), who, image_id, bool(is_bulk))
        for at, who, image_id, is_bulk in rows
    ]


def _as_text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _by_person(work: Sequence[Work]) -> list[list[Work]]:
    people = {act.who for act in work}
    return [[act for act in work if act.who == who] for who in people]


def _per_hour(work: Sequence[Work], now: datetime) -> float | None:
    """Images an hour over the last hour's work by hand, without the breaks."""
    recent = [act for act in work if act.at >= now - RECENT]
    by_hand = {act.image_id for act in recent if not act.is_bulk}
    if len(by_hand) < IMAGES_AT_LEAST:
        return None
    # The first image has no time before it; after a break or bulk work nobody knows
    # how long one took.
    timed = [
        ((later.at - earlier.at).total_seconds(), later.image_id)
        for earlier, later in pairwise(recent)
        if not (earlier.is_bulk or later.is_bulk)
    ]
    worked = [(gap, image_id) for gap, image_id in timed if gap <= BREAK_S]
    seconds = sum(gap for gap, _ in worked)
    images = len({image_id for _, image_id in worked})
    return images / seconds * 3600 if seconds else None
