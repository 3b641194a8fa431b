"""Answers of people: yes, no or unknown for an image and a label.

One call is one transaction and one batch. The history is written first and the
answers follow from it (see batches).
"""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlite_utils import Database

from storage.answer_rules import refuse_unknown_labels, widen_answers
from storage.batches import (
    apply_since,
    live_image_ids,
    mark,
    open_batch,
    record_cells,
)
from storage.database import fetch_all, immediate
from storage.errors import ImageError
from storage.history import history
from storage.implication_rows import implied_closure, read_implications
from storage.implications import fill_unknown
from storage.label_rows import read_labels
from storage.projects import Project
from storage.undo import redo, undo

__all__ = [
    "answer",
    "answer_many",
    "answers_of",
    "history",
    "redo",
    "set_many",
    "undo",
    "widen_answers",
]


def answer(
    project: Project,
    image_id: int,
    answers: Mapping[int, bool | None],
    *,
    who: str,
    batch_id: str,
    complete: bool | Collection[int] = False,
) -> dict[int, bool | None]:
    """Answer for one image as `answer_many`; return its answer to every label."""
    answer_many(
        project, [image_id], answers, who=who, batch_id=batch_id, complete=complete
    )
    known = answers_of(project, [image_id])[image_id]
    return {
        label.label_id: known.get(label.label_id) for label in read_labels(project.db)
    }


def answer_many(
    project: Project,
    image_ids: Collection[int],
    answers: Mapping[int, bool | None],
    *,
    who: str,
    batch_id: str,
    complete: bool | Collection[int] = False,
) -> int:
    """Give the same answers to many images; returns how many images there were.

    Yes to a label of an exclusive group says no to its others, and yes to what
    the label implies; see `widen_answers`. With `complete` every label that is
    not named and still unknown becomes no, unless a yes implies it; given as ids,
    only of these labels, so that nobody answers what was never in sight. The same
    batch_id again changes nothing. Images and labels deleted meanwhile are left
    out; ImageError when no image is left, LabelError when there never was such a
    label or two yes contradict each other.
    """
    with immediate(project.db) as db:
        live = live_image_ids(db, image_ids)
        if image_ids and not live:
            raise ImageError("These images are not in the project (any more).")
        batch_no = open_batch(db, batch_id=batch_id, who=who, action="answer")
        if batch_no is None:
            return len(live)
        wanted = widen_answers(db, answers)
        start = mark(db)
        record_cells(db, batch_no, live, wanted)
        if complete is not False:
            unnamed = labels_to_complete(db, complete) - set(wanted)
            start = _complete(db, batch_no, live, unnamed, start)
        apply_since(db, start)
    return len(live)


def labels_to_complete(db: Database, complete: bool | Collection[int]) -> set[int]:
    """The labels that `complete` speaks of: all, none, or those named that exist."""
    if complete is False:
        return set()
    labels = {label.label_id for label in read_labels(db)}
    return labels if complete is True else labels & set(complete)


def _complete(
    db: Database, batch_no: int, images: list[int], unnamed: set[int], start: int
) -> int:
    """Record no for what is unknown; returns from where on cells must be applied."""
    if read_implications(db):
        apply_since(db, start)
        fill_unknown(db, batch_no, json.dumps(images))
        start = mark(db)
    record_cells(db, batch_no, images, dict.fromkeys(unnamed, 0), only_unknown=True)
    return start


def set_many(
    project: Project,
    rows: Iterable[tuple[int, frozenset[int]]],
    *,
    who: str,
    batch_id: str,
) -> int:
    """State all labels of images, as an import does: these yes, all others no.

    What a label implies is yes too. Returns how many images were stated. Several
    calls may share a batch_id; of an image named twice the later row counts.
    Group rules are not enforced here: `rule_violations` tells.
    """
    stated = dict(rows)
    images_of: dict[frozenset[int], list[int]] = {}
    with immediate(project.db) as db:
        live = live_image_ids(db, stated)
        for image_id in live:
            images_of.setdefault(stated[image_id], []).append(image_id)
        label_ids = {label.label_id for label in read_labels(db)}
        refuse_unknown_labels(label_ids, frozenset().union(*images_of))
        implications = read_implications(db)
        batch_no = open_batch(
            db, batch_id=batch_id, who=who, action="import", kind="import"
        )
        assert batch_no is not None  # an import is never refused
        start = mark(db)
        for said, image_ids in images_of.items():
            yes = implied_closure(implications, said)
            wanted = {label_id: int(label_id in yes) for label_id in label_ids}
            record_cells(db, batch_no, image_ids, wanted)
        apply_since(db, start)
    return len(live)


def answers_of(
    project: Project, image_ids: Collection[int]
) -> dict[int, dict[int, bool]]:
    """The known answers of images; an image without any has an empty dict."""
    found: dict[int, dict[int, bool]] = {image_id: {} for image_id in image_ids}
    rows = fetch_all(
        project.db,
        "SELECT image_id, label_id, value FROM answers"
        " WHERE image_id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(found))],
    )
    for image_id, label_id, value in rows:
        found[image_id][label_id] = bool(value)
    return found
