"""Dismissed findings that belong to an act of a person, such as settling a dispute.

They are recorded in its batch, so that undo shows the finding again.
"""

from sqlite_utils import Database

from storage.batches import record_rows, recorded_rows
from storage.database import now_text, run_sql

_TABLE = "dismissed_findings"


def record_dismissal(
    db: Database, batch_no: int, finding: str, image_id: int, who: str
) -> None:
    """Dismiss a finding about an image as part of a batch."""
    _dismiss(db, finding, image_id, who)
    detail = {"finding": finding, "image_id": image_id, "who": who}
    record_rows(db, batch_no, [(None, {"table": _TABLE, **detail})])


def restore_dismissals(
    db: Database, target_no: int, batch_no: int, *, undo: bool
) -> None:
    """Show the findings that a batch dismissed (undo), or dismiss them again (redo).

    What somebody else has dismissed since stays dismissed.
    """
    for _, detail in recorded_rows(db, target_no, [_TABLE]):
        finding, image_id, who = detail["finding"], detail["image_id"], detail["who"]
        if undo:
            run_sql(
                db,
                f"DELETE FROM {_TABLE} WHERE finding = ? AND image_id = ? AND who = ?",
                [finding, image_id, who],
            )
        else:
            _dismiss(db, finding, image_id, who)
        record_rows(db, batch_no, [(None, detail)])


def _dismiss(db: Database, finding: str, image_id: int, who: str) -> None:
    run_sql(
        db,
        f"INSERT OR REPLACE INTO {_TABLE} (finding, image_id, who, at)"
        " VALUES (?, ?, ?, ?)",
        [finding, image_id, who, now_text()],
    )
