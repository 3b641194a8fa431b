"""Which label brings which others along, and what makes that contradictory."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from sqlite_utils import Database

from storage.database import fetch_all
from storage.errors import LabelError
from storage.label_rows import read_labels

Implications = Mapping[int, tuple[int, ...]]


def read_implications(db: Database) -> dict[int, tuple[int, ...]]:
    """What each label implies directly; labels that imply nothing are left out."""
    rows = fetch_all(
        db,
        "SELECT i.label_id, implied_id FROM implications AS i"
        " JOIN labels AS a ON a.label_id = i.label_id AND a.gone = 0"
        " JOIN labels AS b ON b.label_id = implied_id AND b.gone = 0"
        " WHERE i.gone = 0 ORDER BY i.label_id, implied_id",
    )
    found: dict[int, list[int]] = defaultdict(list)
    for label_id, implied_id in rows:
        found[label_id].append(implied_id)
    return {label_id: tuple(implied) for label_id, implied in found.items()}


def implied_closure(
    implications: Implications, label_ids: Iterable[int]
) -> frozenset[int]:
    """These labels and all that they imply, over any number of steps."""
    found: set[int] = set()
    waiting = list(label_ids)
    while waiting:
        label_id = waiting.pop()
        if label_id not in found:
            found.add(label_id)
            waiting.extend(implications.get(label_id, ()))
    return frozenset(found)


def reverse_implications(implications: Implications) -> dict[int, tuple[int, ...]]:
    """For every implied label those that imply it directly."""
    found: dict[int, list[int]] = defaultdict(list)
    for label_id, implied in implications.items():
        for implied_id in implied:
            found[implied_id].append(label_id)
    return {implied_id: tuple(label_ids) for implied_id, label_ids in found.items()}


def exclusive_groups(db: Database) -> dict[int | None, str]:
    """The names of the groups of which an image shows one label at most."""
    rows = fetch_all(
        db, "SELECT group_id, name FROM label_groups WHERE gone = 0 AND rule <> 'any'"
    )
    return dict(rows)


def refuse_contradictions(db: Database) -> None:
    """Raise LabelError when a label implies itself or two that exclude each other."""
    implications = read_implications(db)
    if not implications:
        return
    labels = {label.label_id: label for label in read_labels(db)}
    exclusive = exclusive_groups(db)
    for label_id, implied in implications.items():
        name = labels[label_id].name
        closure = implied_closure(implications, implied)
        if label_id in closure:
            raise LabelError(
                f"{name!r} would imply itself in the end. Take one of the labels out "
                "of what is implied."
            )
        for one, other in combinations(sorted({label_id, *closure}), 2):
            group_id = labels[one].group_id
            if group_id in exclusive and labels[other].group_id == group_id:
                raise LabelError(
                    f"{name!r} would bring both {labels[one].name!r} and "
                    f"{labels[other].name!r}, but of the group "
                    f"{exclusive[group_id]!r} a picture shows only one. Change what "
                    "is implied, or the group."
                )
