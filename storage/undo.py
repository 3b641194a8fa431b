"""Taking back a person's batches, and doing them again.

An undo is a batch of its own with its own history. It touches only what still
is as the batch left it, so a later answer of somebody else stays.
"""

import uuid

from sqlite_utils import Database

from storage.batches import (
    apply_since,
    find_batch,
    mark,
    open_batch,
    remove_images,
    return_images,
)
from storage.database import fetch_all, fetch_one, fetch_value, immediate, run_sql
from storage.dismissal_rows import restore_dismissals
from storage.image_marks import restore_marks
from storage.opinion_rows import restore_opinions
from storage.projects import Project
from storage.schema_acts import refuse_gone_in_use, restore_rows

_HAS_CHANGES = "EXISTS (SELECT 1 FROM history WHERE history.batch_no = b.batch_no)"
# Work before a person's last import stays: it made the labels the import needs.
_NEWEST_DONE = f"""
    SELECT batch_no FROM batches AS b
    WHERE who = :who AND kind = 'edit' AND undone_by IS NULL
        AND batch_no > (SELECT coalesce(max(batch_no), 0) FROM batches
                        WHERE who = :who AND kind = 'import')
        AND {_HAS_CHANGES}
    ORDER BY batch_no DESC LIMIT 1
"""
_DONE_BY_ID = f"""
    SELECT batch_no FROM batches AS b
    WHERE batch_id = ? AND kind IN ('edit', 'import') AND undone_by IS NULL
        AND {_HAS_CHANGES}
    ORDER BY batch_no DESC
"""
# What was undone can be redone until the person does something new.
_LAST_UNDONE = f"""
    SELECT batch_no, undone_by FROM batches AS b
    WHERE who = :who AND undone_by > (
        SELECT coalesce(max(batch_no), 0) FROM batches AS b
        WHERE who = :who AND kind IN ('edit', 'import') AND {_HAS_CHANGES})
    ORDER BY undone_by DESC LIMIT 1
"""


def undo(
    project: Project,
    *,
    who: str,
    batch_id: str | None = None,
    request_id: str | None = None,
) -> str | None:
    """Take back this person's newest batch since their last import, or a named one.

    Returns the id of the batch taken back, None when there is none (left). The
    same request_id again changes nothing and gives the same answer. Raises
    LabelError when a label was changed by somebody else since.
    """
    request_id = request_id or uuid.uuid4().hex
    with immediate(project.db) as db:
        repeated = find_batch(db, request_id)
        if repeated is not None:
            return _target_id(db, repeated)
        if batch_id is None:
            targets = fetch_all(db, _NEWEST_DONE, {"who": who})
        else:
            targets = fetch_all(db, _DONE_BY_ID, [batch_id])
        if not targets:
            return None
        undo_no = _open(db, request_id, who, "undo", targets[0][0])
        for (target_no,) in targets:
            _carry_out(db, target_no, undo_no, undo=True)
            _note_undone(db, target_no, undo_no)
        return _target_id(db, undo_no)


def redo(project: Project, *, who: str, request_id: str | None = None) -> str | None:
    """Do again what this person undid last, unless they did something new since.

    Returns the id of the batch done again, or None; see `undo` for request_id.
    """
    request_id = request_id or uuid.uuid4().hex
    with immediate(project.db) as db:
        repeated = find_batch(db, request_id)
        if repeated is not None:
            return _target_id(db, repeated)
        found = fetch_one(db, _LAST_UNDONE, {"who": who})
        if found is None:
            return None
        redo_no = _open(db, request_id, who, "redo", found[0])
        targets = fetch_all(
            db,
            "SELECT batch_no FROM batches WHERE undone_by = ? ORDER BY batch_no",
            [found[1]],
        )
        for (target_no,) in targets:
            _carry_out(db, target_no, redo_no, undo=False)
            _note_undone(db, target_no, None)
        return _target_id(db, redo_no)


def _open(db: Database, request_id: str, who: str, kind: str, target_no: int) -> int:
    batch_no = open_batch(
        db, batch_id=request_id, who=who, action=kind, kind=kind, target_no=target_no
    )
    assert batch_no is not None  # find_batch was asked in this transaction
    return batch_no


def _target_id(db: Database, batch_no: int) -> str | None:
    found: str | None = fetch_value(
        db,
        "SELECT target.batch_id FROM batches JOIN batches AS target"
        " ON target.batch_no = batches.target_no WHERE batches.batch_no = ?",
        [batch_no],
    )
    return found


def _note_undone(db: Database, target_no: int, undo_no: int | None) -> None:
    run_sql(
        db, "UPDATE batches SET undone_by = ? WHERE batch_no = ?", [undo_no, target_no]
    )


def _carry_out(db: Database, target_no: int, batch_no: int, *, undo: bool) -> None:
    """Images and labels that come back come first, their answers then."""
    have, want = ("after", "before") if undo else ("before", "after")
    return_images(db, batch_no, _images_turning(db, target_no, want, there=1))
    restore_rows(db, target_no, batch_no, undo=undo)
    restore_marks(db, target_no, batch_no, undo=undo)
    restore_opinions(db, target_no, batch_no, undo=undo)
    restore_dismissals(db, target_no, batch_no, undo=undo)
    start = mark(db)
    run_sql(
        db,
        "INSERT INTO history (batch_no, image_id, label_id, before, after)"
        f" SELECT ?, h.image_id, h.label_id, h.{have}, h.{want} FROM history AS h"
        " JOIN labels ON labels.label_id = h.label_id"
        " JOIN images ON images.image_id = h.image_id AND deleted_at IS NULL"
        " LEFT JOIN answers ON answers.image_id = h.image_id"
        " AND answers.label_id = h.label_id"
        f" WHERE h.batch_no = ? AND answers.value IS h.{have}"
        f" AND (labels.gone = 0 OR h.{want} IS NULL)",
        [batch_no, target_no],
    )
    apply_since(db, start)
    remove_images(db, batch_no, _images_turning(db, target_no, want, there=0))
    refuse_gone_in_use(db, batch_no)


def _images_turning(
    db: Database, target_no: int, want: str, *, there: int
) -> list[int]:
    """Images that must come back (there 1) or go (there 0), and have not yet."""
    rows = fetch_all(
        db,
        "SELECT image_id FROM history AS h JOIN images USING (image_id)"
        f" WHERE h.batch_no = ? AND h.label_id IS NULL AND h.{want} = ?"
        " AND (deleted_at IS NULL) <> ? ORDER BY image_id",
        [target_no, there, there],
    )
    return [image_id for (image_id,) in rows]
