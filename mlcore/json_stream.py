"""JSON files of any size, one element at a time, with line and column. Pure.

The file is one list, or an object whose lists are walked element by element:
only the element at hand is in memory.
"""

import io
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from mlcore.errors import BadTable
from mlcore.table_text import MARKS, Opens, explained

PIECE_CHARACTERS = 2**20
MAX_VALUE_CHARACTERS = 64 * 2**20
# What is cut off by the end of a piece is complained about this near to it.
CUT_MARGIN = 16
_SPACES = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a file: `key` is the list it is in ("" at the top).

    `index` is None for the value of a key that holds no list.
    """

    key: str
    index: int | None
    value: Any
    line: int

    def place(self, name: str) -> str:
        """Return how this spot of the file `name` is called in a report."""
        where = f"{name}, line {self.line}"
        if self.index is None:
            return f"{where}, “{self.key}”" if self.key else where
        return f"{where}, {self.key or 'element'}[{self.index}]"


def walk_json(opens: Opens, name: str) -> Generator[Element, None, None]:
    """Yield the elements of a JSON file; raises `BadTable` naming line and column.

    Close the generator (contextlib.closing) when it is not read to its end.
    """
    with explained(name), opens() as file:
        start = file.read(4)
    encoding = next((e for mark, e in MARKS if start.startswith(mark)), "utf-8")
    with (
        explained(name, encoding),
        io.TextIOWrapper(opens(), encoding=encoding) as text,
    ):
        yield from _walk(_Window(text, name))


def _walk(window: "_Window") -> Iterator[Element]:
    if window.peek() == "[":
        yield from _walk_list(window, "")
    elif window.peek() == "{":
        yield from _walk_object(window)
    else:
        raise window.error("a list or an object was expected")
    if window.peek():
        raise window.error("the JSON has ended here, but more text follows")


def _walk_list(window: "_Window", key: str) -> Iterator[Element]:
    window.take("[")
    index = 0
    while window.peek() != "]":
        if index:
            window.take(",")
        line = window.line_of_next()
        yield Element(key, index, window.value(), line)
        index += 1
    window.take("]")


def _walk_object(window: "_Window") -> Iterator[Element]:
    window.take("{")
    is_first = True
    while window.peek() != "}":
        if not is_first:
            window.take(",")
        is_first = False
        if window.peek() != '"':
            raise window.error("a name in double quotes was expected")
        key = window.value()
        window.take(":")
        if window.peek() == "[":
            yield from _walk_list(window, key)
        else:
            line = window.line_of_next()
            yield Element(key, None, window.value(), line)
    window.take("}")


class _Window:
    """The piece of the text that is being read, and where in the file it lies."""

    def __init__(self, file: TextIO, name: str) -> None:
        self.file, self.name = file, name
        self.text, self.at = "", 0
        self.line, self.column = 1, 0  # of text[at]; columns count from 0
        self.decoder = json.JSONDecoder()

    def _more(self) -> bool:
        piece = self.file.read(max(PIECE_CHARACTERS, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + piece, 0
        return bool(piece)

    def _skip_to(self, end: int) -> None:
        breaks = self.text.count("\n", self.at, end)
        if breaks:
            self.line += breaks
            self.column = end - self.text.rfind("\n", self.at, end) - 1
        else:
            self.column += end - self.at
        self.at = end

    def peek(self) -> str:
        """Return the next character that is no space, '' at the end of the file."""
        while True:
            end = self.at
            while end < len(self.text) and self.text[end] in _SPACES:
                end += 1
            self._skip_to(end)
            if end < len(self.text):
                return self.text[end]
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        """Go past this character; it has to be the next one."""
        found = self.peek()
        if found != expected:
            seen = f"“{found}”" if found else "the end of the file"
            raise self.error(f"“{expected}” was expected, but here is {seen}")
        self._skip_to(self.at + 1)

    def line_of_next(self) -> int:
        """Return the line the next value begins in."""
        self.peek()
        return self.line

    def value(self) -> Any:
        """Read the next value as a whole."""
        if not self.peek():
            raise self.error("the file ends in the middle; it may be cut off")
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                length = error.pos - self.at  # growing moves what lies before
                if self._is_cut(error) and self._can_grow():
                    continue
                self._skip_to(self.at + length)
                raise self.error(error.msg.lower().removesuffix(" at")) from error
            except (RecursionError, ValueError) as error:
                raise self.error("this is nested too deep or too long") from error
            # A number may go on in the next piece.
            length = end - self.at
            if end < len(self.text) or not self._can_grow():
                self._skip_to(self.at + length)
                return value

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        near_end = error.pos >= len(self.text) - CUT_MARGIN
        return near_end or error.msg.startswith("Unterminated")

    def _can_grow(self) -> bool:
        if len(self.text) - self.at > MAX_VALUE_CHARACTERS:
            raise self.error("one value is larger than 64 MB")
        return self._more()

    def error(self, reason: str) -> BadTable:
        """Return the error for the spot that is read."""
        return BadTable(
            f"“{self.name}” is no right JSON: line {self.line:,}, column"
            f" {self.column + 1:,}: {reason}. Export it again, or mend that line."
        )
