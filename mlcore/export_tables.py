"""Exports as CSV: a list of tags, a column per label, a line per answer."""

import csv
from collections.abc import Callable, Iterator, Sequence

from mlcore.annotations import FORMATS
from mlcore.export_outlet import Outlet
from mlcore.export_rows import Dataset, Row
from mlcore.exporting import ExportError

SEPARATORS = (";", ",")
Line = Sequence[object]
Lines = Callable[[Row], Iterator[Line]]


def write_tags(dataset: Dataset, outlet: Outlet) -> None:
    """`image_name,tags`: one line per labelled picture."""
    separator = _separator(dataset)

    def lines(row: Row) -> Iterator[Line]:
        if row.is_labelled:
            yield row.path, separator.join(row.yes)

    _write(dataset, outlet, ["image_name", "tags"], lines)


def _separator(dataset: Dataset) -> str:
    for separator in SEPARATORS:
        if not any(separator in label.name for label in dataset.labels):
            return separator
    raise ExportError(
        "Label names hold both “;” and “,”, so a list of tags cannot be read again."
        " Choose the CSV with one column per label."
    )


def write_columns(dataset: Dataset, outlet: Outlet) -> None:
    """`image_name`, then per label 1 for yes, 0 for no, nothing for unknown."""
    names = [label.name for label in dataset.labels]

    def lines(row: Row) -> Iterator[Line]:
        told = dict.fromkeys(row.yes, "1") | dict.fromkeys(row.no, "0")
        yield row.path, *(told.get(name, "") for name in names)

    _write(dataset, outlet, ["image_name", *names], lines)


def write_long(dataset: Dataset, outlet: Outlet) -> None:
    """`image_name,label,value`: one line per answer, 1 or 0; unknown has none."""

    def lines(row: Row) -> Iterator[Line]:
        yield from ((row.path, name, 1) for name in row.yes)
        yield from ((row.path, name, 0) for name in row.no)

    _write(dataset, outlet, ["image_name", "label", "value"], lines)


def _write(dataset: Dataset, outlet: Outlet, head: list[str], lines: Lines) -> None:
    # A label of that name has the better right to the column.
    with_split = dataset.has_splits() and "split" not in map(str.casefold, head)
    with outlet.open_text(FORMATS["csv-tags"].file_name) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*head, "split"] if with_split else head)
        for row in dataset.rows():
            tail = [row.image.split or ""] if with_split else []
            table.writerows([*line, *tail] for line in lines(row))
