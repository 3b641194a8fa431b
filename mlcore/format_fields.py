"""Fields of annotation files, checked: a wrong one is named, not guessed. Pure."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from mlcore.entries import PICTURE_ENDINGS
from mlcore.errors import BadTable
from storage.labels import clean_name

T = TypeVar("T")
_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}
# Label Studio puts eight characters of a uuid before the name of an upload.
_UPLOAD_MARK = re.compile(r"^[0-9a-f]{8}-(?=.)")


def field(item: Any, key: str, kind: type[T]) -> T:
    """Return `item[key]`; raises `BadTable` naming the field when it is not a `kind`.

    `item` may be anything: what is no object has no fields.
    """
    fields = an_object(item)
    if key not in fields:
        raise BadTable(f"The field “{key}” is missing.")
    value = fields[key]
    # bool is an int to isinstance.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadTable(
            f"The field “{key}” should hold {_KINDS[kind]}, but holds {_shown(value)}."
        )
    return value


def an_object(item: Any) -> dict[str, Any]:
    """Return `item` when it is an object; raises `BadTable` in words when not."""
    if not isinstance(item, dict):
        raise BadTable(f"An object was expected, but found {_shown(item)}.")
    return item


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return _KINDS[type(value)]
    return f"“{str(value)[:40]}”"


def names(values: Iterable[Any], key: str) -> tuple[str, ...]:
    """Return label names, clean and each once; raises for what cannot be one."""
    found: dict[str, str] = {}
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadTable(
                f"The field “{key}” should hold label names, but holds {_shown(value)}."
            )
        name = clean_name(str(value))
        found.setdefault(name.casefold(), name)
    return tuple(found.values())


def path_of(address: str) -> str:
    """Return the path a picture's address means: of a URL, an upload, a file.

    Query and host go; `/data/local-files/?d=a/b.jpg` is a/b.jpg.
    """
    parts = urlsplit(address) if "://" in address else None
    if parts is not None:
        return unquote(parts.path).lstrip("/")
    before, mark, local = address.partition("?d=")
    if mark:
        return unquote(local).lstrip("/")
    return unquote(before) if "/data/upload/" in before else before


def without_upload_mark(path: str) -> str:
    """Return a path whose file name has lost what Label Studio put before it."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{_UPLOAD_MARK.sub('', name)}"


def is_picture(path: str) -> bool:
    """Whether a path ends like a picture."""
    return PurePosixPath(path).suffix.casefold().removeprefix(".") in PICTURE_ENDINGS
