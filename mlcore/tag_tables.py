"""CSV tables of image names and tags, read line by line. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.table_text import AUTO, decode_table
from storage.errors import LabelError
from storage.labels import clean_name

DELIMITERS = (",", ";", "\t")
NAME_HEADERS = {
    *("image_name", "imagename", "image", "filename", "file_name", "file", "path"),
}
TAG_HEADERS = {"tags", "tag", "labels", "label"}
TAG_SEPARATORS = {"space": " ", "comma": ",", "semicolon": ";"}
GUESSED_SEPARATORS = (";", ",", "|")


@dataclass(frozen=True, slots=True)
class TagRow:
    """One line of a table; `line` counts from 1 as an editor shows it."""

    line: int
    name: str
    tags: tuple[str, ...]


@dataclass(slots=True)
class TagTable:
    """A table understood; `path` is its entry in the source ('' from elsewhere)."""

    path: str
    name: str
    rows: list[TagRow]
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class _Columns:
    delimiter: str
    name: int
    tags: int
    count: int


def read_table(
    data: bytes,
    name: str,
    *,
    path: str = "",
    encoding: str = AUTO,
    tag_separator: str = AUTO,
) -> TagTable:
    """Read a table called `name`; raises `BadTable` if it cannot be one.

    A line that cannot be used is refused with its number, the rest goes on.
    """
    text = decode_table(data, name, encoding)
    columns = find_columns(text)
    if columns is None:
        raise BadTable(_explain_header(text, name))
    table = TagTable(path, name, [], [])
    cells = list(_read_cells(text, columns, table))
    separator = _tag_separator(tag_separator, [cell for _, _, cell in cells])
    for line, image_name, cell in cells:
        try:
            tags = _split_tags(cell, separator)
        except LabelError as error:
            table.refused.append(Refused(place(table, line), str(error)))
        else:
            table.rows.append(TagRow(line, image_name, tags))
    return table


def place(table: TagTable, line: int) -> str:
    """Return how a line of a table is named in a report."""
    return f"{table.name}, line {line}"


def find_columns(text: str) -> _Columns | None:
    """Return where names and tags stand, or None if the header lacks them."""
    first_line = text.lstrip("\r\n").partition("\n")[0]
    for delimiter in DELIMITERS:
        header = _split_header(first_line, delimiter)
        name = next((i for i, h in enumerate(header) if h in NAME_HEADERS), None)
        tags = next((i for i, h in enumerate(header) if h in TAG_HEADERS), None)
        if name is not None and tags is not None:
            return _Columns(delimiter, name, tags, len(header))
    return None


def _split_header(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in cells]


def _explain_header(text: str, name: str) -> str:
    found = text.lstrip("\r\n").partition("\n")[0].strip()[:80] or "nothing"
    return (
        f"“{name}” needs a column image_name (or filename, image, file) and a column"
        f" tags (or labels) in its first line; found: {found}"
    )


def _read_cells(
    text: str, columns: _Columns, table: TagTable
) -> Iterator[tuple[int, str, str]]:
    """Yield line number, image name and tag cell; unusable lines are refused."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=columns.delimiter)
    line, is_header = 1, True
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Such as a cell above 128 KB.
            table.refused.append(
                Refused(place(table, line), f"The line cannot be read: {error}.")
            )
            continue
        if not any(cell.strip() for cell in row):
            continue
        if is_header:
            is_header = False
        elif _is_torn(lines[line - 1 : reader.line_num]):
            reason = _explain_torn(reader.line_num - line)
            table.refused.append(Refused(place(table, line), reason))
        elif len(row) <= max(columns.name, columns.tags) or not _name(row, columns):
            reason = "The line has no image name or no tags column."
            table.refused.append(Refused(place(table, line), reason))
        else:
            yield line, _name(row, columns), _tag_cell(row, columns)


def _is_torn(lines: list[str]) -> bool:
    # The csv module takes a quote that is never closed as one cell to the end.
    return len(lines) > 1 and "".join(lines).count('"') % 2 == 1


def _explain_torn(lines_lost: int) -> str:
    return (
        "A quote in this line is never closed, so it and the lines after it"
        f" ({lines_lost:,}) were not read. Close the quote."
    )


def _name(row: list[str], columns: _Columns) -> str:
    return row[columns.name].strip()


def _tag_cell(row: list[str], columns: _Columns) -> str:
    # `a.jpg,red,dress`: tags that were not quoted spill over the last column.
    if columns.tags == columns.count - 1:
        return columns.delimiter.join(row[columns.tags :]).strip()
    return row[columns.tags].strip()


def _tag_separator(wanted: str, cells: list[str]) -> str:
    if wanted != AUTO:
        return TAG_SEPARATORS.get(wanted, wanted)
    for separator in GUESSED_SEPARATORS:
        if any(separator in cell for cell in cells):
            return separator
    return " "


def _split_tags(cell: str, separator: str) -> tuple[str, ...]:
    parts = cell.split(separator) if separator.strip() else cell.split()
    names = [clean_name(part) for part in parts if part.strip()]
    return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1]
