"""What the columns of a CSV mean: names, tags, one column per label. Pure."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.errors import BadTable
from storage.errors import LabelError
from storage.labels import clean_name

DELIMITERS = (",", ";", "\t")
# The likelier first: an id beside a file name is only an id.
NAME_HEADERS = (
    *("image_name", "imagename", "file_name", "filename", "image", "file", "path"),
    *("image_path", "imagepath", "file_path", "filepath", "img_path", "image_id"),
)
TAG_HEADERS = {"tags", "tag", "labels", "label"}
CLASS_HEADERS = {"class", "category"}
VALUE_HEADERS = {"value", "answer", "present", "is_present"}
SPLIT_HEADERS = {"split", "subset", "set"}
# No answers, although such a column may hold nothing but 0 and 1, or nothing.
OTHER_HEADERS = {
    *("", "id", "index", "fold", "width", "height", "note", "notes", "comment"),
    *("comments", "description", "text", "caption", "title", "url", "source"),
}
_IDS = {"", "id", "index"}
YES = {"1", "1.0", "true", "yes", "y", "t"}
NO = {"0", "0.0", "false", "no", "n", "f"}
UNKNOWN = {"", "-1", "-1.0", "?", "null", "none", "nan", "na", "unknown"}
ANSWERS: dict[str, bool | None] = (
    dict.fromkeys(YES, True) | dict.fromkeys(NO, False) | dict.fromkeys(UNKNOWN)
)
ANSWER_SHARE = 0.5
TABLE_KINDS = ("csv-tags", "csv-columns", "csv-long")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where what stands; -1 for a column that is not there.

    `labels` are (column, name) of a table with one column per label.
    """

    kind: str
    delimiter: str
    count: int
    name: int
    tags: int = -1
    value: int = -1
    split: int = -1
    labels: tuple[tuple[int, str], ...] = ()


def find_columns(head: Sequence[str], name: str, wanted: str = "csv") -> Columns | None:
    """Return what the first lines of a table called `name` say, None if nothing.

    `wanted` is one of TABLE_KINDS, or csv for whichever fits.
    """
    lines = [line for line in head if line.strip()]
    for delimiter in DELIMITERS:
        rows = _split(lines, delimiter)
        if rows:
            columns = _understand(rows[0], rows[1:], delimiter, (name, wanted))
            if columns is not None:
                return columns
    return None


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            rows.append([cell.strip() for cell in cells])
    except csv.Error:
        pass  # The rows before it are enough to see what the columns hold.
    return rows


def _understand(
    header: list[str], rows: list[list[str]], delimiter: str, asked: tuple[str, str]
) -> Columns | None:
    folded = [cell.casefold() for cell in header]
    at = {cell: i for i, cell in reversed(list(enumerate(folded)))}
    name = next((at[h] for h in NAME_HEADERS if h in at), -1)
    if name < 0:
        return None
    split = _first(at, SPLIT_HEADERS)
    if split >= 0 and _is_answered(rows, split):
        split = -1  # A label of that name.
    table, wanted = asked
    base = Columns("", delimiter, len(header), name, split=split)
    tags, value = _first(at, TAG_HEADERS), _first(at, VALUE_HEADERS)
    if wanted == "csv-long" and tags < 0:
        tags = _first(at, CLASS_HEADERS)
    others = [i for i in range(len(header)) if i not in (name, split, tags)]
    has_other = any(_is_answered(rows, column) for column in others)
    if wanted == "csv" and value < 0 and has_other and _is_answered(rows, tags):
        wanted = "csv-columns"  # One of the labels is called “tag”.
    if wanted != "csv-columns" and tags >= 0:
        is_long = wanted == "csv-long" or (wanted == "csv" and value >= 0)
        kind = "csv-long" if is_long else "csv-tags"
        return _with(base, kind, tags=tags, value=value if is_long else -1)
    if wanted not in ("csv", "csv-columns"):
        return None
    labels = _label_columns(header, rows, {name, split}, table)
    return _with(base, "csv-columns", labels=labels) if labels else None


def _is_answered(rows: list[list[str]], column: int) -> bool:
    """Whether a column holds 1, 0 and empty, and not only the last.

    A few cells that say something else are mistakes, refused line by line.
    """
    cells = [row[column].casefold() for row in rows if 0 <= column < len(row)]
    told = [cell for cell in cells if cell not in UNKNOWN]
    return bool(told) and sum(x in ANSWERS for x in told) >= ANSWER_SHARE * len(told)


def _is_open(rows: list[list[str]], column: int) -> bool:
    return all(row[column].casefold() in UNKNOWN for row in rows if column < len(row))


def _with(
    base: Columns,
    kind: str,
    *,
    tags: int = -1,
    value: int = -1,
    labels: tuple[tuple[int, str], ...] = (),
) -> Columns:
    return Columns(
        kind, base.delimiter, base.count, base.name, tags, value, base.split, labels
    )


def _first(at: dict[str, int], headers: set[str]) -> int:
    return min((at[h] for h in headers if h in at), default=-1)


def _label_columns(
    header: list[str], rows: list[list[str]], taken: set[int], table: str
) -> tuple[tuple[int, str], ...]:
    """Columns that hold nothing but 1, 0 and empty, as far as was looked."""
    found: dict[str, tuple[int, str]] = {}
    says_something = False
    for column, title in enumerate(header):
        is_answered = _is_answered(rows, column)
        is_other = column in taken or title.casefold() in OTHER_HEADERS
        if is_other or not (is_answered or _is_open(rows, column)):
            continue
        says_something |= is_answered
        label = _label_of(title, table)
        if label.casefold() in found:
            raise BadTable(
                f"Two columns of “{table}” are called “{label}”. Name each label once."
            )
        found[label.casefold()] = (column, label)
    return tuple(found.values()) if says_something else ()


def unused_columns(head: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """Return the titles of columns that are neither names, labels nor splits."""
    rows = _split([line for line in head if line.strip()][:1], columns.delimiter)
    used = {columns.name, columns.tags, columns.value, columns.split}
    used |= {column for column, _ in columns.labels}
    titles = enumerate(rows[0] if rows else [])
    return tuple(x for at, x in titles if at not in used and x.casefold() not in _IDS)


def _label_of(title: str, table: str) -> str:
    try:
        return clean_name(title)
    except LabelError as error:
        raise BadTable(f"A column of “{table}” is no label. {error}") from error


def explain_header(head: Sequence[str], name: str, wanted: str = "csv") -> str:
    """Return what a table called `name` lacks to be one of labels."""
    line = next((x.strip()[:80] for x in head if x.strip()), "nothing")
    needs = "a column tags (or labels), or one column per label with 1, 0 or nothing"
    if wanted == "csv-long":
        needs = "a column label"
    elif wanted == "csv-columns":
        needs = "one column per label with 1, 0 or nothing in it"
    return (
        f"“{name}” needs a column image_name (or filename, image, file) in its first"
        f" line, and {needs}; found: {line}"
    )
