"""Labels and groups as a JSON file, to keep them or to give them to a colleague.

A file never removes a label: what it does not name stays as it is, and a field
that it lacks is left alone. Example pictures belong to a project and stay there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mlcore.errors import BadSchema
from mlcore.schema_reading import (
    SchemaFile,
    SchemaGroup,
    SchemaLabel,
    read_schema,
)
from storage.implications import imply, list_implications
from storage.label_rows import fold_name
from storage.labels import (
    create_labels,
    describe_group,
    describe_label,
    free_labels,
    list_groups,
    list_labels,
    move_label,
    order_groups,
    order_labels,
    set_group,
)
from storage.projects import Project
from storage.records import Group, Label
from storage.schema_acts import schema_act

__all__ = [
    "SchemaFile",
    "apply_schema",
    "read_schema",
    "schema_as_json",
]


def schema_as_json(project: Project) -> dict[str, Any]:
    """Everything about labels and groups but their example pictures."""
    names = {label.label_id: label.name for label in list_labels(project)}
    implied = {
        label_id: [names[i] for i in implied_ids]
        for label_id, implied_ids in list_implications(project).items()
    }
    groups = [
        {
            "name": group.name,
            "rule": group.rule,
            "description": group.description,
            "labels": _labels_as_json(group.labels, implied),
        }
        for group in list_groups(project)
    ]
    free = _labels_as_json(free_labels(project), implied)
    return {"version": 1, "groups": groups, "labels": free}


def _labels_as_json(
    labels: Iterable[Label], implied: dict[int, list[str]]
) -> list[dict[str, Any]]:
    return [
        {
            "name": label.name,
            "colour": label.colour,
            "description": label.description,
            "hotkey": label.hotkey,
            "implies": implied.get(label.label_id, []),
        }
        for label in labels
    ]


def apply_schema(project: Project, schema: SchemaFile, *, who: str) -> None:
    """Make and change labels and groups as the file says; once more changes nothing.

    All of it is one act: one undo takes it back, and an error leaves nothing.
    """
    with schema_act(project, "import schema", who):
        for group in schema.groups:
            _apply_group(project, schema, group, who)
        _apply_free(project, schema.labels, who)
        _apply_order(project, schema, who)
        ids = {fold_name(x.name): x.label_id for x in list_labels(project)}
        _apply_details(project, schema.all_labels(), ids, who)
        _apply_implied(project, schema.all_labels(), ids, who)


def _apply_group(
    project: Project, schema: SchemaFile, wanted: SchemaGroup, who: str
) -> None:
    old = _find_group(project, wanted.name)
    rule = wanted.rule or (old.rule if old else "any")
    members = [label.name for label in old.labels] if old else []
    named = {fold_name(label.name) for label in schema.all_labels()}
    names = [label.name for label in wanted.labels]
    names += [name for name in members if fold_name(name) not in named]
    if old is None or old.rule != rule or _folded(members) != _folded(names):
        set_group(project, wanted.name, names, rule, who=who)
    group = _find_group(project, wanted.name)
    if group and wanted.description is not None:
        describe_group(project, group.group_id, description=wanted.description, who=who)


def _folded(names: Iterable[str]) -> list[str]:
    return [fold_name(name) for name in names]


def _find_group(project: Project, name: str) -> Group | None:
    folded = fold_name(name)
    return next((g for g in list_groups(project) if fold_name(g.name) == folded), None)


def _apply_free(project: Project, wanted: Sequence[SchemaLabel], who: str) -> None:
    made = create_labels(project, [label.name for label in wanted], who=who)
    for label in made:
        if label.group_id is not None:
            move_label(project, label.label_id, None, who=who)
    order_labels(project, [label.label_id for label in made], who=who)


def _apply_order(project: Project, schema: SchemaFile, who: str) -> None:
    ids = {fold_name(group.name): group.group_id for group in list_groups(project)}
    wanted = [ids.get(fold_name(group.name)) for group in schema.groups]
    # a group of the file may be gone again: a later one took its only label
    order_groups(project, [i for i in wanted if i is not None], who=who)


def _apply_details(
    project: Project, wanted: Sequence[SchemaLabel], ids: dict[str, int], who: str
) -> None:
    # Keys may change hands within a file, so all are laid down first.
    for label in wanted:
        if label.hotkey is not None:
            describe_label(project, ids[fold_name(label.name)], hotkey="", who=who)
    for label in wanted:
        describe_label(
            project,
            ids[fold_name(label.name)],
            colour=label.colour,
            description=label.description,
            hotkey=label.hotkey,
            who=who,
        )


def _apply_implied(
    project: Project, wanted: Sequence[SchemaLabel], ids: dict[str, int], who: str
) -> None:
    for label in wanted:
        if label.implies is None:
            continue
        missing = [name for name in label.implies if fold_name(name) not in ids]
        if missing:
            raise BadSchema(
                f"{label.name!r} implies {missing[0]!r}, but neither the file nor the "
                "project has a label of that name. Add it to the file, or take it out."
            )
        implied = [ids[fold_name(name)] for name in label.implies]
        imply(project, ids[fold_name(label.name)], implied, who=who)
