"""Hugging Face imagefolder: metadata.jsonl or metadata.csv beside the pictures. Pure.

Labels stand in `label` or `labels`, or in a column per label that is true, false
or null. File names count from the folder of the metadata.
"""

import json
from collections.abc import Iterator
from typing import Any

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Refused, clean_path
from mlcore.errors import BadTable
from mlcore.format_fields import an_object, field, names
from mlcore.format_groups import GroupBook
from mlcore.table_text import Opens, read_lines
from storage.errors import LabelError

METADATA_NAMES = ("metadata.jsonl", "metadata.csv")
_NAME_KEYS = ("file_name", "image_file_name", "image")
_KNOWN = {"split", "unknown"}
_CLASS_KEYS = ("labels", "label", "tags", "tag", "class", "category")


def read_imagefolder(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the lines of a metadata.jsonl say, in their order."""
    for number, line in enumerate(read_lines(opens, name, "utf-8"), start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            yield _read_line(_parse(line), place, book)
        except (BadTable, LabelError) as error:
            yield Refused(place, str(error))


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise BadTable(
            f"This is no right JSON: column {error.colno:,}: {error.msg.lower()}."
        ) from error
    except (RecursionError, ValueError) as error:
        raise BadTable("This is no right JSON: nested too deep or too long.") from error


def _read_line(item: Any, place: str, book: GroupBook) -> Annotation:
    name_key = next((k for k in _NAME_KEYS if k in an_object(item)), _NAME_KEYS[0])
    path = clean_path(field(item, name_key, str))
    split = split_named(str(item.get("split") or ""))
    unknown = names(item.get("unknown") or (), "unknown")
    key = next((k for k in _CLASS_KEYS if k in item), "")
    for other, value in item.items():
        is_label = not key and isinstance(value, bool)
        if value is not None and not is_label and other not in _KNOWN | {name_key, key}:
            book.losses.note_once("fields", other)
    if not key:
        return _read_columns(item, path, split, place)
    yes = _classes(item[key], key, book)
    # Our own exports name what is open, so an empty list of theirs is an answer.
    is_complete = bool(yes) or "unknown" in item
    return Annotation(path, yes, (), is_complete, split, place, unknown=unknown)


def _classes(said: Any, key: str, book: GroupBook) -> tuple[str, ...]:
    if isinstance(said, list):
        return names(said, key)
    yes = names([] if said is None else [said], key)
    # One `label` a picture is a class: the classes exclude each other.
    for label in yes:
        book.declare("class", label)
    book.count(yes)
    return yes


def _read_columns(
    item: dict[str, Any], path: str, split: str | None, place: str
) -> Annotation:
    said = {key: value for key, value in item.items() if isinstance(value, bool)}
    yes = names([key for key, value in said.items() if value], "columns")
    no = names([key for key, value in said.items() if not value], "columns")
    return Annotation(path, yes, no, False, split, place)
