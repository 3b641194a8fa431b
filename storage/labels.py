"""Labels: reading, creating, renaming, merging and deleting them.

The functions on groups are offered here too, as callers think of both at once.
"""

from collections import Counter
from collections.abc import Sequence

from sqlite_utils import Database

from storage.answer_rules import answer_new_label
from storage.batches import mark
from storage.database import fetch_value, run_sql
from storage.errors import LabelError
from storage.gone_labels import note_heir
from storage.groups import (
    RULES,
    delete_group,
    list_groups,
    move_label,
    rename_group,
    set_group,
)
from storage.label_details import (
    describe_group,
    describe_label,
    label_examples,
    order_groups,
    order_labels,
)
from storage.label_merging import carry_over
from storage.label_rows import (
    clean_name,
    ensure_label,
    get_group_row,
    get_label,
    give_name,
    read_labels,
)
from storage.label_sets import label_sets
from storage.projects import Project
from storage.records import Label
from storage.rule_breaks import rule_violations
from storage.schema_acts import note_act, schema_act

__all__ = [
    "RULES",
    "clean_name",
    "create_labels",
    "delete_group",
    "delete_label",
    "describe_group",
    "describe_label",
    "free_labels",
    "label_counts",
    "label_examples",
    "list_groups",
    "list_labels",
    "merge_labels",
    "move_label",
    "order_groups",
    "order_labels",
    "rename_group",
    "rename_label",
    "rule_violations",
    "set_group",
]

# The answers of one label go to another: yes wins over no, no over unknown.
_MERGE_INTO = """
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT :batch_no, old.image_id, :into, new.value,
        max(old.value, coalesce(new.value, 0))
    FROM answers AS old
    LEFT JOIN answers AS new
        ON new.image_id = old.image_id AND new.label_id = :into
    WHERE old.label_id = :from
        AND new.value IS NOT max(old.value, coalesce(new.value, 0))
"""
_CLEAR = """
    INSERT INTO history (batch_no, image_id, label_id, before, after)
    SELECT :batch_no, image_id, label_id, value, NULL
    FROM answers WHERE label_id = :from
"""


def list_labels(project: Project) -> list[Label]:
    """Every label, by group position and then its own; free labels come last."""
    return read_labels(project.db)


def free_labels(project: Project) -> list[Label]:
    """The labels that are in no group."""
    return [label for label in read_labels(project.db) if label.group_id is None]


def label_counts(project: Project) -> dict[int, int]:
    """For every label the number of images on which it is yes."""
    found: Counter[int] = Counter()
    for label_set in label_sets(project):
        for label_id in label_set.label_ids:
            found[label_id] += label_set.count
    return {x.label_id: found[x.label_id] for x in read_labels(project.db)}


def create_labels(
    project: Project, names: Sequence[str], *, group_id: int | None = None, who: str
) -> list[Label]:
    """Make the labels that are missing and return all of them, in this order.

    A label that exists stays in its group. A new one of an exclusive group is no on
    images that have a yes there, unknown on all others.
    """
    for name in names:
        clean_name(name)
    with schema_act(project, "create labels", who) as batch_no:
        if group_id is not None:
            get_group_row(project.db, group_id)
        known = {label.label_id for label in read_labels(project.db)}
        ids = [ensure_label(project.db, name, group_id) for name in names]
        for label_id in set(ids) - known:
            answer_new_label(project.db, batch_no, label_id)
    return [get_label(project.db, label_id) for label_id in dict.fromkeys(ids)]


def rename_label(project: Project, label_id: int, name: str, *, who: str) -> None:
    """Give a label another name; LabelError when another label has it."""
    with schema_act(project, "rename label", who):
        get_label(project.db, label_id)
        give_name(project.db, "labels", label_id, name)


def merge_labels(project: Project, from_id: int, into_id: int, *, who: str) -> int:
    """Give a label's answers to another and remove it; returns images changed.

    Yes wins over no, and no over unknown. What it implies, what implies it and its
    examples go along. Whether a group's rule is broken afterwards is told by
    `rule_violations`.
    """
    if from_id == into_id:
        raise LabelError("A label cannot be merged into itself: choose another one.")
    with schema_act(project, "merge labels", who) as batch_no:
        merged = get_label(project.db, from_id)
        get_label(project.db, into_id)
        start = mark(project.db)
        parameters = {"batch_no": batch_no, "from": from_id, "into": into_id}
        run_sql(project.db, _MERGE_INTO, parameters)
        carry_over(project.db, from_id, into_id)
        _remove_label(project.db, batch_no, from_id)
        note_heir(project, from_id, into_id)
        note_act(project.db, batch_no, into_id, "merged", merged.name)
        changed = fetch_value(
            project.db,
            "SELECT count(DISTINCT image_id) FROM history WHERE history_id > ?",
            [start],
        )
    return int(changed)


def delete_label(project: Project, label_id: int, *, who: str) -> None:
    """Remove a label; its answers go to the history and return with an undo."""
    with schema_act(project, "delete label", who) as batch_no:
        get_label(project.db, label_id)
        _remove_label(project.db, batch_no, label_id)
        note_heir(project, label_id, None)


def _remove_label(db: Database, batch_no: int, label_id: int) -> None:
    run_sql(db, _CLEAR, {"batch_no": batch_no, "from": label_id})
    run_sql(db, "UPDATE labels SET gone = 1 WHERE label_id = ?", [label_id])
