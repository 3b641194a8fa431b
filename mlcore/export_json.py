"""JSON written piece by piece: a list of any length in flat memory."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO


def write_list(file: TextIO, items: Iterable[Any]) -> None:
    """Write a JSON list, one item a line."""
    file.write("[")
    for number, item in enumerate(items):
        file.write(",\n" if number else "\n")
        file.write(json.dumps(item, ensure_ascii=False))
    file.write("\n]")


def write_object(file: TextIO, fields: Mapping[str, Iterable[Any]]) -> None:
    """Write a JSON object whose values are lists."""
    file.write("{")
    for number, (name, items) in enumerate(fields.items()):
        file.write(f"{',' if number else ''}\n{json.dumps(name)}: ")
        write_list(file, items)
    file.write("\n}\n")
