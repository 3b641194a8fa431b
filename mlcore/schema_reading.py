"""Reading a JSON file of labels and groups; what is wrong is named by its field."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from mlcore.errors import BadSchema
from storage.errors import LabelError
from storage.label_details import clean_colour, clean_description, clean_hotkey
from storage.label_rows import clean_name, fold_name
from storage.labels import RULES

VERSION = 1
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class SchemaLabel:
    """A label as a file names it; None is a field that the file lacks."""

    name: str
    colour: str | None = None
    description: str | None = None
    hotkey: str | None = None
    implies: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SchemaGroup:
    """A group as a file names it."""

    name: str
    rule: str | None
    description: str | None
    labels: tuple[SchemaLabel, ...]


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """What a file says: groups in order, and `labels` that are in none."""

    groups: tuple[SchemaGroup, ...]
    labels: tuple[SchemaLabel, ...]

    def all_labels(self) -> tuple[SchemaLabel, ...]:
        """The labels of the groups, then the free ones."""
        grouped = [label for group in self.groups for label in group.labels]
        return (*grouped, *self.labels)


def read_schema(text: str | bytes) -> SchemaFile:
    """Read a file that `schema_as_json` made, or a person wrote.

    BadSchema names the line of wrong JSON, or the field that is wrong.
    """
    document = _parse(text)
    _Field(document, "the file").expect(dict, "an object { … }")
    version = document.get("version", VERSION)
    if version != VERSION:
        raise BadSchema(
            f"The field version is {str(version)[:20]!r}, but this program reads "
            f"version {VERSION}. Update it, or export the file again."
        )
    groups = _Field(document.get("groups", []), "groups").items(_read_group)
    labels = _Field(document.get("labels", []), "labels").items(_read_label)
    schema = SchemaFile(groups, labels)
    if not schema.all_labels() and not groups:
        raise BadSchema(
            "The file names no label: expected groups or labels, for example "
            '{"labels": [{"name": "red"}]}.'
        )
    _refuse_doubles(schema)
    return schema


def _parse(text: str | bytes) -> Any:
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        return json.loads(decoded)
    except UnicodeDecodeError as error:
        raise BadSchema(
            f"The file is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise BadSchema(
            f"The file is not valid JSON: line {error.lineno}, column {error.colno}: "
            f"{error.msg}. Correct it there, or export the file again."
        ) from error
    except RecursionError as error:
        raise BadSchema("The file is not a schema: it is nested too deeply.") from error


@dataclass(frozen=True, slots=True)
class _Field:
    """A value and where it stands, such as groups[0].labels[2].colour."""

    value: Any
    place: str

    def expect(self, kind: type, words: str) -> Any:
        if not isinstance(self.value, kind):
            shown = json.dumps(self.value)[:40]
            raise BadSchema(f"The field {self.place} must be {words}, not {shown}.")
        return self.value

    def child(self, name: str) -> _Field:
        return _Field(self.value.get(name), f"{self.place}.{name}")

    def items(self, read: Callable[[_Field], _Read]) -> tuple[_Read, ...]:
        rows = self.expect(list, "a list [ … ]")
        return tuple(
            read(_Field(row, f"{self.place}[{n}]")) for n, row in enumerate(rows)
        )

    def text(self, clean: Callable[[str], str]) -> str:
        try:
            return clean(self.expect(str, "text"))
        except LabelError as error:
            raise BadSchema(f"The field {self.place} is wrong: {error}") from error

    def maybe(self, clean: Callable[[str], str]) -> str | None:
        return None if self.value is None else self.text(clean)


def _read_group(field: _Field) -> SchemaGroup:
    field.expect(dict, "an object { … }")
    return SchemaGroup(
        field.child("name").text(clean_name),
        field.child("rule").maybe(_clean_rule),
        field.child("description").maybe(clean_description),
        _Field(field.value.get("labels", []), f"{field.place}.labels").items(
            _read_label
        ),
    )


def _clean_rule(rule: str) -> str:
    if rule not in RULES:
        raise LabelError(f"a rule is one of {', '.join(RULES)}, not {rule[:40]!r}.")
    return rule


def _read_label(field: _Field) -> SchemaLabel:
    if isinstance(field.value, str):  # a person may write just the name
        return SchemaLabel(field.text(clean_name))
    field.expect(dict, "a name or an object { … }")
    implies = field.child("implies")
    return SchemaLabel(
        field.child("name").text(clean_name),
        field.child("colour").maybe(clean_colour),
        field.child("description").maybe(clean_description),
        field.child("hotkey").maybe(clean_hotkey),
        None
        if implies.value is None
        else implies.items(lambda name: name.text(clean_name)),
    )


def _refuse_doubles(schema: SchemaFile) -> None:
    labels = schema.all_labels()
    for what, values in (
        ("group", [fold_name(group.name) for group in schema.groups]),
        ("label", [fold_name(label.name) for label in labels]),
        ("hotkey", [label.hotkey for label in labels if label.hotkey]),
    ):
        seen: set[str] = set()
        for value in values:
            if value in seen:
                raise BadSchema(
                    f"The file gives the {what} {value!r} twice: keep it in one place."
                )
            seen.add(value)
