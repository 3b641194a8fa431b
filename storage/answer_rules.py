"""What answers bring along: groups whose labels exclude each other, implied labels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlite_utils import Database

from storage.database import run_sql
from storage.errors import LabelError
from storage.gone_labels import living_answers
from storage.implication_rows import (
    exclusive_groups,
    implied_closure,
    read_implications,
    reverse_implications,
)
from storage.label_rows import read_labels
from storage.records import Label

_Labels = Mapping[int, Label]
# Where the question of an exclusive group is answered, a label that joins it is no.
_ANSWERED_NO = """
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT DISTINCT :batch_no, image_id, new.label_id, NULL, 0
    FROM labels AS new
    JOIN label_groups AS g ON g.group_id = new.group_id AND g.rule <> 'any'
    JOIN labels AS other ON other.group_id = g.group_id AND other.gone = 0
        AND other.label_id <> new.label_id
    JOIN answers ON answers.label_id = other.label_id AND value = 1
    WHERE new.label_id = :label_id
"""


def widen_answers(
    db: Database, answers: Mapping[int, bool | None]
) -> dict[int, int | None]:
    """The answers with all that follows from them, as 1, 0 and None.

    Yes brings yes to what is implied and no to the others of exclusive groups; no
    brings no to what implies it. What follows wins over an explicit unknown. Labels
    that are gone are left out: gone_labels says why. LabelError when there never was
    such a label, or the answers contradict each other.
    """
    answers = living_answers(db, answers)
    labels = {label.label_id: label for label in read_labels(db)}
    refuse_unknown_labels(labels, answers)
    implications = read_implications(db)
    said_yes = [label_id for label_id, said in answers.items() if said]
    yes = implied_closure(implications, said_yes)
    said_no = {label_id for label_id, said in answers.items() if said is False}
    _refuse_implied_no(labels, implications, said_yes, said_no)
    excluded = _excluded(labels, exclusive_groups(db), yes)
    no = implied_closure(reverse_implications(implications), said_no | excluded)
    wanted: dict[int, int | None] = dict.fromkeys(answers)
    return wanted | dict.fromkeys(no, 0) | dict.fromkeys(yes, 1)


def answer_new_label(db: Database, batch_no: int, label_id: int) -> None:
    """Record no for a label just made, wherever its exclusive group has a yes.

    Elsewhere it stays unknown. The cells are applied by the act around it.
    """
    run_sql(db, _ANSWERED_NO, {"batch_no": batch_no, "label_id": label_id})


def refuse_unknown_labels(known: Iterable[int], label_ids: Iterable[int]) -> None:
    """Raise LabelError when a label is not in the project (any more)."""
    missing = sorted(set(label_ids) - set(known))
    if missing:
        raise LabelError(
            f"There is no label {missing[0]} in this project (any more). Load the "
            "page again."
        )


def _refuse_implied_no(
    labels: _Labels,
    implications: Mapping[int, tuple[int, ...]],
    said_yes: Iterable[int],
    said_no: set[int],
) -> None:
    for label_id in said_yes if said_no else ():
        for other_id in sorted(implied_closure(implications, [label_id]) & said_no):
            raise LabelError(
                f"{labels[label_id].name!r} implies {labels[other_id].name!r}, but one "
                "was answered yes and the other no. Choose one of the two."
            )


def _excluded(
    labels: _Labels, exclusive: Mapping[int | None, str], yes: frozenset[int]
) -> set[int]:
    """The others of every exclusive group that has a yes."""
    chosen: dict[int | None, list[int]] = defaultdict(list)
    for label_id in yes:
        if labels[label_id].group_id in exclusive:
            chosen[labels[label_id].group_id].append(label_id)
    for group_id, label_ids in chosen.items():
        if len(label_ids) > 1:
            names = ", ".join(sorted(repr(labels[i].name) for i in label_ids))
            raise LabelError(
                f"Only one label of the group {exclusive[group_id]!r} can be yes on an "
                f"image, but {len(label_ids)} were given: {names}. Choose one."
            )
    return {
        label_id
        for label_id, label in labels.items()
        if label.group_id in chosen and label_id not in yes
    }
