"""Find the CSV of a source, and which of its files each line means."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlcore.entries import PICTURE_ENDINGS, Entry, Refused, clean_path
from mlcore.errors import BadImage, BadTable
from mlcore.sources import Source, entry_of
from mlcore.table_text import decode_table
from mlcore.tag_tables import TagRow, TagTable, find_columns, place, read_table
from storage.files import expand_home

TABLE_ENDINGS = {"csv", "tsv"}
MAX_TABLE_BYTES = 200 * 2**20
# Beside the real table competitions lay a sample with the same columns.
TELLING_NAMES = ("train", "label", "tag")
SHOWN_RIVALS = 3


@dataclass(slots=True)
class Matched:
    """What the lines mean: tags by entry path, and every entry a line names."""

    names_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)


def find_table(
    source: Source, csv_path: Path | None, encoding: str, tag_separator: str
) -> TagTable | None:
    """Return the table given by path, the source itself, or the likeliest inside.

    None when the source holds no table with the right columns; `BadTable` when
    a given table is none, or the encoding of one inside is unknown.
    """
    given = _given_table(source, csv_path)
    if given is not None:
        return _read_entry(given, encoding, tag_separator)
    for entry in sorted(_tables_inside(source), key=_likelihood):
        text = decode_table(_read_bytes(entry), entry.name, encoding)
        if find_columns(text) is not None:
            return _read_entry(entry, encoding, tag_separator)
    return None


def _given_table(source: Source, csv_path: Path | None) -> Entry | None:
    if csv_path is None:
        return source.table
    path = expand_home(csv_path).absolute()
    for entry in source.entries:
        if entry.file == path:
            return entry
    if not path.is_file():
        raise BadTable(f"There is no table “{path}”.")
    return replace(entry_of(path, path.name), path="")


def _tables_inside(source: Source) -> Iterable[Entry]:
    return (entry for entry in source.entries if entry.ending in TABLE_ENDINGS)


def _likelihood(entry: Entry) -> tuple[int, bool, str]:
    name = entry.name.casefold()
    tells = any(word in name for word in TELLING_NAMES)
    return entry.inner.count("/"), not tells, name


def _read_entry(entry: Entry, encoding: str, tag_separator: str) -> TagTable:
    return read_table(
        _read_bytes(entry),
        entry.name,
        path=entry.path,
        encoding=encoding,
        tag_separator=tag_separator,
    )


def _read_bytes(entry: Entry) -> bytes:
    try:
        return entry.read(MAX_TABLE_BYTES)
    except BadImage as error:
        raise BadTable(f"The table “{entry.name}” cannot be read. {error}") from error


def match_rows(table: TagTable, entries: Iterable[Entry]) -> Matched:
    """Find the file of every line, by path or name, with or without ending.

    Lines that name the same file add their tags up.
    """
    index = _index(entries)
    matched = Matched()
    for row in table.rows:
        found = _candidates(row, index)
        if len(found) != 1:
            reason = _explain(row.name, found)
            matched.refused.append(Refused(place(table, row.line), reason))
            continue
        path = found[0].path
        matched.named.add(path)
        if row.tags:
            together = (*matched.names_of.get(path, ()), *row.tags)
            matched.names_of[path] = tuple(dict.fromkeys(together))
    return matched


def _index(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries by file name and by file name without ending."""
    index: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.ending in PICTURE_ENDINGS or not entry.ending:
            name = _fold(entry.name)
            for key in {name, _without_ending(name)}:
                index[key].append(entry)
    return index


def _candidates(row: TagRow, index: dict[str, list[Entry]]) -> list[Entry]:
    wanted = _fold(clean_path(row.name))
    found = index.get(wanted.rpartition("/")[2], [])
    if len(found) < 2:
        return found
    return [e for e in found if _ends_with(e, wanted)] or found


def _ends_with(entry: Entry, wanted: str) -> bool:
    path = _fold(entry.inner)
    is_path = "/" in wanted
    for shown in (path, _without_ending(path)):
        if shown == wanted or (is_path and shown.endswith(f"/{wanted}")):
            return True
    return False


def _explain(name: str, found: list[Entry]) -> str:
    if not found:
        return f"No picture called “{name}” was found."
    rivals = ", ".join(entry.inner for entry in found[:SHOWN_RIVALS])
    return f"“{name}” could be {len(found)} files: {rivals}. Write its folder too."


def _fold(text: str) -> str:
    # macOS packs names decomposed: the same é would not match without NFC.
    return unicodedata.normalize("NFC", text).casefold()


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending in PICTURE_ENDINGS else name
