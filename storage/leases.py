"""Leases: for two minutes an image is in one person's hands.

A lease keeps the next image of a queue from being given to two people; it forbids
nothing, so an answer to a leased image is still taken.
"""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass

from storage.database import fetch_all, immediate, run_sql
from storage.projects import Project

LEASE_S = 120.0
LEASED_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Leases:
    """Which of the wanted images somebody else has (their names), until when."""

    taken: dict[int, str]
    until: float


def renew_leases(
    project: Project,
    holder: str,
    who: str,
    want: Collection[int],
    release: Collection[int] = (),
) -> Leases:
    """Lease images to a holder (one browser tab) or renew it, and give back others.

    Images leased to another holder stay theirs and come back as taken. Unknown
    images are left out; of more than 50 the first 50 count.
    """
    now = time.time()
    until = now + LEASE_S
    wanted = json.dumps(list(want)[:LEASED_AT_MOST])
    with immediate(project.db) as db:
        run_sql(
            db,
            "DELETE FROM leases WHERE until < ? OR (holder = ? AND image_id IN"
            " (SELECT value FROM json_each(?)))",
            [now, holder, json.dumps(list(release))],
        )
        run_sql(
            db,
            "INSERT INTO leases (image_id, holder, who, until)"
            " SELECT image_id, ?, ?, ? FROM images WHERE deleted_at IS NULL"
            " AND image_id IN (SELECT value FROM json_each(?))"
            " ON CONFLICT (image_id) DO UPDATE SET until = excluded.until,"
            " who = excluded.who WHERE holder = excluded.holder",
            [holder, who, until, wanted],
        )
        rows = fetch_all(
            db,
            "SELECT image_id, who FROM leases WHERE holder <> ?"
            " AND image_id IN (SELECT value FROM json_each(?))",
            [holder, wanted],
        )
    return Leases(dict(rows), until)
