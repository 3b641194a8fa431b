"""Label groups and their rules."""

from collections import defaultdict
from collections.abc import Sequence

from sqlite_utils import Database

from storage.answer_rules import answer_new_label
from storage.database import fetch_all, fetch_value, insert_row, run_sql
from storage.errors import LabelError
from storage.label_rows import (
    clean_name,
    ensure_label,
    fold_name,
    get_group_row,
    get_label,
    give_name,
    next_position,
    read_labels,
)
from storage.projects import Project
from storage.records import Group, Label
from storage.schema_acts import schema_act

RULES = ("exactly-one", "at-most-one", "any")


def list_groups(project: Project) -> list[Group]:
    """Groups by position, each with its labels; free labels are in none.

    A group whose labels were all moved or deleted has an empty `labels`.
    """
    members: dict[int, list[Label]] = defaultdict(list)
    for label in read_labels(project.db):
        if label.group_id is not None:
            members[label.group_id].append(label)
    rows = fetch_all(
        project.db,
        "SELECT group_id, name, rule, description FROM label_groups WHERE gone = 0"
        " ORDER BY position, group_id",
    )
    return [
        Group(group_id, name, rule, tuple(members[group_id]), description)
        for group_id, name, rule, description in rows
    ]


def set_group(
    project: Project, name: str, label_names: Sequence[str], rule: str, *, who: str
) -> Group:
    """Make a group, or replace the labels and rule of the one with this name.

    Missing labels are made; labels of other groups move here, and a group left
    empty by that goes; labels that the group had and `label_names` lacks become
    free. New labels are answered as by `create_labels`.
    """
    _check_rule(rule)
    folded = [fold_name(label) for label in label_names]
    if len(set(folded)) != len(folded):
        raise LabelError(f"The group {name!r} names a label twice: name each once.")
    with schema_act(project, "set group", who) as batch_no:
        filled = _filled_groups(project.db)
        known = {label.label_id for label in read_labels(project.db)}
        group_id = _ensure_group(project.db, name, rule)
        run_sql(
            project.db,
            "UPDATE labels SET group_id = NULL WHERE group_id = ? AND gone = 0",
            [group_id],
        )
        for label_name in label_names:
            label_id = ensure_label(project.db, label_name, group_id)
            _put_last(project.db, label_id, group_id)
        for label in read_labels(project.db):
            if label.label_id not in known:
                answer_new_label(project.db, batch_no, label.label_id)
        for emptied in filled - _filled_groups(project.db) - {group_id}:
            _remove_group(project.db, emptied)
    return next(g for g in list_groups(project) if g.group_id == group_id)


def _check_rule(rule: str) -> None:
    if rule not in RULES:
        raise LabelError(
            f"The rule of a group is one of {', '.join(RULES)}, not {rule!r}."
        )


def _ensure_group(db: Database, name: str, rule: str) -> int:
    found = fetch_value(
        db,
        "SELECT group_id FROM label_groups WHERE name_key = ? AND gone = 0",
        [fold_name(name)],
    )
    if found is not None:
        run_sql(
            db, "UPDATE label_groups SET rule = ? WHERE group_id = ?", [rule, found]
        )
        return int(found)
    position = next_position(db, "label_groups")
    return insert_row(
        db,
        "INSERT INTO label_groups (name, name_key, rule, position) VALUES (?, ?, ?, ?)",
        [clean_name(name), fold_name(name), rule, position],
    )


def _put_last(db: Database, label_id: int, group_id: int | None) -> None:
    run_sql(
        db,
        "UPDATE labels SET group_id = ?, position = ? WHERE label_id = ?",
        [group_id, next_position(db, "labels"), label_id],
    )


def rename_group(project: Project, group_id: int, name: str, *, who: str) -> None:
    """Give a group another name; LabelError when another group has it."""
    with schema_act(project, "rename group", who):
        get_group_row(project.db, group_id)
        give_name(project.db, "label_groups", group_id, name)


def delete_group(project: Project, group_id: int, *, who: str) -> None:
    """Remove a group; its labels become free and keep their answers."""
    with schema_act(project, "delete group", who):
        get_group_row(project.db, group_id)
        run_sql(
            project.db,
            "UPDATE labels SET group_id = NULL WHERE group_id = ? AND gone = 0",
            [group_id],
        )
        _remove_group(project.db, group_id)


def _remove_group(db: Database, group_id: int) -> None:
    run_sql(db, "UPDATE label_groups SET gone = 1 WHERE group_id = ?", [group_id])


def _filled_groups(db: Database) -> set[int]:
    rows = fetch_all(
        db, "SELECT group_id FROM labels WHERE gone = 0 AND group_id IS NOT NULL"
    )
    return {group_id for (group_id,) in rows}


def move_label(
    project: Project, label_id: int, group_id: int | None, *, who: str
) -> None:
    """Put a label at the end of a group, or make it free with None."""
    with schema_act(project, "move label", who):
        get_label(project.db, label_id)
        if group_id is not None:
            get_group_row(project.db, group_id)
        _put_last(project.db, label_id, group_id)
