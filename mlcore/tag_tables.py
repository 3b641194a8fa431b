"""CSV tables of pictures and labels, read line by line in three layouts. Pure.

csv-tags has a cell with all tags, csv-columns a column per label with 1, 0 or
nothing, csv-long a line per picture and label.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.table_header import (
    ANSWERS,
    Columns,
    explain_header,
    find_columns,
    unused_columns,
)
from mlcore.table_records import place, read_records
from mlcore.table_text import AUTO, Opens, find_encoding, read_head, read_lines
from storage.errors import LabelError
from storage.labels import clean_name

TAG_SEPARATORS = {"space": " ", "comma": ",", "semicolon": ";"}
GUESSED_SEPARATORS = (";", ",", "|")
HEAD_LINES = 2_000
KNOWN_CELLS = 20_000


@dataclass(slots=True)
class TagTable:
    """A table whose columns are understood; its rows are read on demand.

    `unused` are the titles of columns that say nothing here.
    """

    opens: Opens
    name: str
    encoding: str
    columns: Columns
    separator: str
    unused: tuple[str, ...] = ()


def open_table(
    opens: Opens,
    name: str,
    *,
    encoding: str = AUTO,
    tag_separator: str = AUTO,
    kind: str = "csv",
) -> TagTable:
    """Understand a table called `name`; raises `BadTable` if it cannot be one."""
    encoding = find_encoding(opens, name, encoding)
    head = read_head(opens, name, encoding, HEAD_LINES)
    columns = find_columns(head, name, kind)
    if columns is None:
        raise BadTable(explain_header(head, name, kind))
    unused = unused_columns(head, columns)
    table = TagTable(opens, name, encoding, columns, "", unused)
    if columns.kind == "csv-tags":
        table.separator = _tag_separator(tag_separator, head, columns)
    return table


def find_table(opens: Opens, name: str, encoding: str, kind: str) -> Columns | None:
    """Return the columns of a text file as a table of `kind`, None if it is none."""
    encoding = find_encoding(opens, name, encoding)
    head = read_head(opens, name, encoding, HEAD_LINES)
    return find_columns(head, name, kind)


def read_rows(table: TagTable) -> Iterator[Annotation | Refused]:
    """Yield what the lines say, in their order.

    A line that cannot be used is refused with its number, the rest goes on.
    """
    reader = _Reader(table)
    read = reader.how[table.columns.kind]
    lines = read_lines(table.opens, table.name, table.encoding)
    records = read_records(lines, table.columns.delimiter, table.name)
    next(records, None)
    for line, cells in records:
        if isinstance(cells, Refused):
            yield cells
            continue
        try:
            yield read(line, _checked(cells, table.columns))
        except (LabelError, BadTable) as error:
            yield Refused(place(table.name, line), str(error))


@dataclass(slots=True)
class _Reader:
    """Turns cells into annotations; cells met before are not split again."""

    table: TagTable
    how: dict[str, Callable[[int, list[str]], Annotation]] = field(init=False)
    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.how = {
            "csv-tags": self.read_tags,
            "csv-columns": self.read_columns,
            "csv-long": self.read_long,
        }

    def read_tags(self, line: int, cells: list[str]) -> Annotation:
        columns = self.table.columns
        name = self._name(cells, columns.tags)
        tags = self._tags(_tag_cell(cells, columns), self.table.separator)
        # An empty cell says nothing: mostly the picture was not labelled yet.
        said = self._annotation(line, cells, name, yes=tags, is_complete=bool(tags))
        if len(cells) <= columns.count:
            return said
        return replace(said, losses=(("spilled", said.place, 1),))

    def read_columns(self, line: int, cells: list[str]) -> Annotation:
        said: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for column, label in self.table.columns.labels:
            cell = cells[column] if column < len(cells) else ""
            said[_answer(cell, label)].append(label)
        return self._annotation(
            line,
            cells,
            self._name(cells, self.table.columns.name),
            yes=tuple(said[True]),
            no=tuple(said[False]),
            is_complete=False,
        )

    def read_long(self, line: int, cells: list[str]) -> Annotation:
        columns = self.table.columns
        name = self._name(cells, columns.tags)
        label = self._tags(cells[columns.tags].strip(), "")
        if columns.value < 0:
            found = bool(label)
            said = self._annotation(line, cells, name, yes=label, is_complete=found)
            return replace(said, is_part=True)
        cell = cells[columns.value] if columns.value < len(cells) else ""
        answer = _answer(cell, ", ".join(label))
        return self._annotation(
            line,
            cells,
            name,
            yes=label if answer else (),
            no=label if answer is False else (),
            is_complete=False,
        )

    def _name(self, cells: list[str], last: int) -> str:
        columns = self.table.columns
        name = cells[columns.name].strip() if columns.name < len(cells) else ""
        if not name or last >= len(cells):
            what = "tags" if columns.kind == "csv-tags" else "label"
            raise BadTable(f"The line has no image name or no {what} column.")
        return name

    def _annotation(
        self,
        line: int,
        cells: list[str],
        name: str,
        *,
        yes: tuple[str, ...],
        no: tuple[str, ...] = (),
        is_complete: bool,
    ) -> Annotation:
        at = self.table.columns.split
        split = split_named(cells[at]) if 0 <= at < len(cells) else None
        where = place(self.table.name, line)
        return Annotation(name, yes, no, is_complete, split, where)

    def _tags(self, cell: str, separator: str) -> tuple[str, ...]:
        tags = self.known.get(cell)
        if tags is None:
            tags = _split_tags(cell, separator) if separator else _one_tag(cell)
            if len(self.known) < KNOWN_CELLS:
                self.known[cell] = tags
        return tags


def _checked(cells: list[str], columns: Columns) -> list[str]:
    """Return the cells when they are as many as the titles; raises `BadTable`.

    Only empty ones may be too many, and tags in the last column that spill over.
    """
    if len(cells) == columns.count:
        return cells
    spills = columns.kind == "csv-tags" and columns.tags == columns.count - 1
    more = cells[columns.count :]
    if len(cells) > columns.count and not any(cell.strip() for cell in more):
        return cells[: columns.count]
    if len(cells) > columns.count and spills:
        return cells
    what = "cell" if len(cells) == 1 else "cells"
    raise BadTable(
        f"The line has {len(cells)} {what}, but the first line has {columns.count}."
    )


def _answer(cell: str, label: str) -> bool | None:
    try:
        return ANSWERS[cell.strip().casefold()]
    except KeyError:
        raise BadTable(
            f"The column “{label}” says “{cell.strip()[:40]}”; expected 1, 0 or"
            " nothing."
        ) from None


def _tag_cell(cells: list[str], columns: Columns) -> str:
    # `a.jpg,red,dress`: tags that were not quoted spill over the last column.
    if columns.tags == columns.count - 1:
        return columns.delimiter.join(cells[columns.tags :]).strip()
    return cells[columns.tags].strip()


def _tag_separator(wanted: str, head: list[str], columns: Columns) -> str:
    if wanted != AUTO:
        return TAG_SEPARATORS.get(wanted, wanted)
    records = list(read_records(head, columns.delimiter, ""))[1:]
    cells = [
        _tag_cell(row, columns)
        for _, row in records
        if not isinstance(row, Refused) and columns.tags < len(row)
    ]
    for separator in GUESSED_SEPARATORS:
        if any(separator in cell for cell in cells):
            return separator
    return " "


def _one_tag(cell: str) -> tuple[str, ...]:
    return (clean_name(cell),) if cell else ()


def _split_tags(cell: str, separator: str) -> tuple[str, ...]:
    parts = cell.split(separator) if separator.strip() else cell.split()
    names = [clean_name(part) for part in parts if part.strip()]
    return tuple({name.casefold(): name for name in reversed(names)}.values())[::-1]
