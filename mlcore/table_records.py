"""The records of a CSV, one at a time, with the line each begins in. Pure."""

import csv
from collections.abc import Iterable, Iterator

from mlcore.entries import Refused


class _Lines:
    """Lines on their way to the csv module; `taken` are those of one record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.taken.append(line)
        return line


def read_records(
    lines: Iterable[str], delimiter: str, name: str
) -> Iterator[tuple[int, list[str] | Refused]]:
    """Yield line number and cells of every record; unusable ones are refused.

    Lines count from 1 as an editor shows them; empty ones are left out.
    """
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        source.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A cell above 128 KB: mostly a quote that was never closed.
            yield line, _refuse(name, line, source.taken, str(error))
            continue
        if len(source.taken) > 1 and _is_torn(source.taken, delimiter):
            yield line, _refuse(name, line, source.taken, "")
        elif any(cell.strip() for cell in cells):
            yield line, cells


def place(name: str, line: int) -> str:
    """Return how a line of a table is named in a report."""
    return f"{name}, line {line}"


def _is_torn(taken: list[str], delimiter: str) -> bool:
    """Whether a record over several lines comes of a quote that was not closed.

    The csv module lets such a cell run to the next quote, or to the end.
    """
    if "".join(taken).count('"') % 2 == 1:
        return True
    try:
        next(csv.reader(taken, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _refuse(name: str, line: int, taken: list[str], error: str) -> Refused:
    if len(taken) <= 1:
        return Refused(place(name, line), f"The line cannot be read: {error}.")
    reason = (
        "A quote in this line is never closed, so it and the lines after it"
        f" ({len(taken) - 1:,}) were not read. Close the quote."
    )
    return Refused(place(name, line), reason)
