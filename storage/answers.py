"""Answers of people: yes, no or unknown for an image and a label.

One call is one transaction and one batch. The history is written first and the
answers follow from it (see batches).
"""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlite_utils import Database

from storage.batches import (
    apply_since,
    live_image_ids,
    mark,
    open_batch,
    record_cells,
)
from storage.database import fetch_all, immediate
from storage.errors import ImageError, LabelError
from storage.history import history
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
]


def answer(
    project: Project,
    image_id: int,
    answers: Mapping[int, bool | None],
    *,
    who: str,
    batch_id: str,
    complete: bool = False,
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
    complete: bool = False,
) -> int:
    """Give the same answers to many images; returns how many images there were.

    Yes to a label of an exclusive group says no to its others. With `complete`
    every label that is not named and still unknown becomes no. The same
    batch_id again changes nothing. Images deleted meanwhile are left out;
    ImageError when none is left, LabelError when a label is unknown or two yes
    contradict each other.
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
        if complete:
            unnamed = {
                x.label_id: 0 for x in read_labels(db) if x.label_id not in wanted
            }
            record_cells(db, batch_no, live, unnamed, only_unknown=True)
        apply_since(db, start)
    return len(live)


def widen_answers(
    db: Database, answers: Mapping[int, bool | None]
) -> dict[int, int | None]:
    """The answers with the no that a yes brings to its exclusive group."""
    labels = {label.label_id: label for label in read_labels(db)}
    unknown = sorted(set(answers) - set(labels))
    if unknown:
        raise LabelError(
            f"There is no label {unknown[0]} in this project (any more). Load the "
            "page again."
        )
    wanted = {i: None if said is None else int(said) for i, said in answers.items()}
    exclusive = _exclusive_groups(db)
    for label_id in [i for i, said in answers.items() if said]:
        group_id = labels[label_id].group_id
        if group_id not in exclusive:
            continue
        others = [i for i, x in labels.items() if x.group_id == group_id]
        others.remove(label_id)
        _refuse_second_yes(exclusive[group_id], [i for i in others if answers.get(i)])
        wanted.update(dict.fromkeys(others, 0))
    return wanted


def _exclusive_groups(db: Database) -> dict[int | None, str]:
    rows = fetch_all(
        db, "SELECT group_id, name FROM label_groups WHERE gone = 0 AND rule <> 'any'"
    )
    return dict(rows)


def _refuse_second_yes(group_name: str, others: list[int]) -> None:
    if others:
        raise LabelError(
            f"Only one label of the group {group_name!r} can be yes on an image, but "
            f"{len(others) + 1} were given. Choose one."
        )


def set_many(
    project: Project,
    rows: Iterable[tuple[int, frozenset[int]]],
    *,
    who: str,
    batch_id: str,
) -> int:
    """State all labels of images, as an import does: these yes, all others no.

    Returns how many images were stated. Several calls may share a batch_id; of
    an image named twice the later row counts. Group rules are not enforced
    here: `rule_violations` tells.
    """
    stated = dict(rows)
    images_of: dict[frozenset[int], list[int]] = {}
    with immediate(project.db) as db:
        live = live_image_ids(db, stated)
        for image_id in live:
            images_of.setdefault(stated[image_id], []).append(image_id)
        label_ids = {label.label_id for label in read_labels(db)}
        _refuse_unknown(label_ids, images_of)
        batch_no = open_batch(
            db, batch_id=batch_id, who=who, action="import", kind="import"
        )
        assert batch_no is not None  # an import is never refused
        start = mark(db)
        for yes, image_ids in images_of.items():
            wanted = {label_id: int(label_id in yes) for label_id in label_ids}
            record_cells(db, batch_no, image_ids, wanted)
        apply_since(db, start)
    return len(live)


def _refuse_unknown(known: set[int], sets: Iterable[frozenset[int]]) -> None:
    for label_ids in sets:
        if not label_ids <= known:
            missing = min(label_ids - known)
            raise LabelError(f"There is no label {missing} in this project (any more).")


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
