"""What a file of labels and groups would change: applied, looked at, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.schema_files import SchemaFile, apply_schema, schema_as_json
from storage.label_rows import fold_name
from storage.projects import Project
from storage.schema_acts import rehearse

_Key = tuple[str, str]
_Facts = dict[_Key, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A label or group that is there already, and which fields would change."""

    kind: str
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """What applying a file does; `kept` are labels that the file does not name."""

    new_groups: tuple[str, ...]
    new_labels: tuple[str, ...]
    changed: tuple[SchemaChange, ...]
    unchanged: int
    kept: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the project has all of it already."""
        return not (self.new_groups or self.new_labels or self.changed)

    def as_json(self) -> dict[str, Any]:
        """The plan for programs."""
        return {
            "new_groups": list(self.new_groups),
            "new_labels": list(self.new_labels),
            "changed": [
                {"kind": c.kind, "name": c.name, "fields": list(c.fields)}
                for c in self.changed
            ],
            "unchanged": self.unchanged,
            "kept": list(self.kept),
        }


def plan_schema(project: Project, schema: SchemaFile) -> SchemaPlan:
    """What `apply_schema` would change; raises what it would raise."""
    before = _facts(schema_as_json(project))
    with rehearse(project):
        apply_schema(project, schema, who="")
        after = _facts(schema_as_json(project))
    named = {("label", fold_name(label.name)) for label in schema.all_labels()}
    named |= {("group", fold_name(group.name)) for group in schema.groups}
    changes = {
        key: fields
        for key, old in before.items()
        if key in after and (fields := _different(old, after[key]))
    }
    new = [key for key in after if key not in before]
    return SchemaPlan(
        new_groups=_names(after, "group", set(new)),
        new_labels=_names(after, "label", set(new)),
        changed=tuple(
            SchemaChange(key[0], before[key]["name"], fields)
            for key, fields in changes.items()
        ),
        unchanged=len(named - set(new) - set(changes)),
        kept=_names(before, "label", set(before) - named),
    )


def _names(facts: _Facts, kind: str, keys: set[_Key]) -> tuple[str, ...]:
    return tuple(
        fact["name"] for key, fact in facts.items() if key[0] == kind and key in keys
    )


def _facts(document: dict[str, Any]) -> _Facts:
    """Every group and label of a document by kind and name; two orders as well."""
    groups = document["groups"]
    free = {"name": "", "labels": document["labels"]}
    facts: _Facts = {
        ("order", "groups"): {
            "name": "groups",
            "order": [group["name"] for group in groups],
        },
        ("order", "labels"): {"name": "labels in no group", "order": _order(free)},
    }
    for group in [*groups, free]:
        if group is not free:
            facts["group", fold_name(group["name"])] = {
                "name": group["name"],
                "rule": group["rule"],
                "description": group["description"],
                "order": _order(group),
            }
        for label in group["labels"]:
            facts["label", fold_name(label["name"])] = {**label, "group": group["name"]}
    return facts


def _order(group: dict[str, Any]) -> list[str]:
    return [label["name"] for label in group["labels"]]


def _different(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    fields = [f for f in new if f != "order" and old[f] != new[f]]
    have, want = old.get("order", []), new.get("order", [])
    if [x for x in have if x in want] != [x for x in want if x in have]:
        fields.append("order")
    return tuple(fields)
