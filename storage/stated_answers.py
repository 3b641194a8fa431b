"""Answers as a file states them: some labels of many images, each as it is said."""

from collections.abc import Iterable, Mapping

from storage.answer_rules import refuse_unknown_labels
from storage.batches import (
    apply_since,
    live_image_ids,
    mark,
    open_batch,
    record_cells,
)
from storage.database import immediate
from storage.label_rows import read_labels
from storage.projects import Project


def state_answers(
    project: Project,
    rows: Iterable[tuple[int, Mapping[int, bool]]],
    *,
    who: str,
    batch_id: str,
) -> int:
    """Answer exactly the labels each row names; returns how many images there were.

    Several calls may share a batch_id: undoing it takes all of them back. Group
    rules and implied labels are the caller's business here.
    """
    stated = dict(rows)
    alike: dict[frozenset[tuple[int, bool]], list[int]] = {}
    with immediate(project.db) as db:
        live = live_image_ids(db, stated)
        for image_id in live:
            alike.setdefault(frozenset(stated[image_id].items()), []).append(image_id)
        known = [label.label_id for label in read_labels(db)]
        refuse_unknown_labels(known, {i for cells in alike for i, _ in cells})
        batch_no = open_batch(
            db, batch_id=batch_id, who=who, action="import", kind="import"
        )
        assert batch_no is not None  # an import is never refused
        start = mark(db)
        for cells, image_ids in alike.items():
            record_cells(db, batch_no, image_ids, {i: int(v) for i, v in cells})
        apply_since(db, start)
    return len(live)
