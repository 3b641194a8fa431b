"""What names say: which layout a source has and which labels each file carries.

Pure: the project is only known through the names of its labels.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlcore.entries import PICTURE_ENDINGS, Entry, Refused
from mlcore.errors import BadSource
from mlcore.sources import Source, open_source
from mlcore.table_matching import TABLE_ENDINGS, find_table, match_rows
from mlcore.tag_tables import TagTable
from storage.errors import LabelError
from storage.labels import clean_name

LAYOUTS = ("auto", "plain", "folders", "combinations", "csv")
SEPARATORS = ("_", "-", " ", "+", ",")
AUTO = "auto"
UNUSED_TABLE = (
    "No labels were read from this table. For that its first line needs a column"
    " image_name (or filename) and a column tags (or labels)."
)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a source is to be understood; the defaults look at the source itself.

    `group_names` names the groups by position in the combination names.
    `tag_separator` is auto, space, comma or semicolon.
    """

    layout: str = AUTO
    separator: str = AUTO
    csv_path: Path | None = None
    encoding: str = AUTO
    tag_separator: str = AUTO
    group_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise BadSource(
                f"There is no layout “{self.layout}”. Choose one of"
                f" {', '.join(LAYOUTS)}."
            )
        if not self.separator:
            raise BadSource("The separator between the parts of a name is empty.")


@dataclass(slots=True)
class Reading:
    """A source understood: the files to read and the label names of each.

    `names_of` is keyed by `Entry.path`; a file without a key gets no answers.
    `separator` is '' unless the layout is combinations.
    """

    layout: str
    separator: str
    entries: list[Entry]
    names_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def read_layout(
    source: Source, options: ImportOptions, known_labels: Collection[str] = ()
) -> Reading:
    """Understand a source; `known_labels` are the project's label names.

    Raises `BadTable` when a CSV is asked for and cannot be read.
    """
    table = _table_for(source, options)
    if table is not None:
        return _read_table(source, table)
    return _set_tables_aside(_read_names(source, options, known_labels))


def _set_tables_aside(reading: Reading) -> Reading:
    """Refuse tables that say no labels by what they lack, not as bad pictures."""
    tables = [e for e in reading.entries if e.ending in TABLE_ENDINGS]
    reading.entries = [e for e in reading.entries if e.ending not in TABLE_ENDINGS]
    for entry in tables:
        reading.names_of.pop(entry.path, None)
        reading.refused.append(Refused(entry.path, UNUSED_TABLE))
    return reading


def _read_names(
    source: Source, options: ImportOptions, known_labels: Collection[str]
) -> Reading:
    folders = class_folders(source.entries)
    known = {name.casefold() for name in known_labels}
    kind, separator = _choose(folders, options, known, source)
    if kind == "plain":
        return Reading(kind, "", source.entries)
    return _read_folders(source, kind, separator)


def _table_for(source: Source, options: ImportOptions) -> TagTable | None:
    if options.layout not in (AUTO, "csv"):
        return None
    table = find_table(
        source, options.csv_path, options.encoding, options.tag_separator
    )
    if table is None and options.layout == "csv":
        raise BadSource(f"“{source.name}” holds no CSV with image names and tags.")
    return table


def _read_table(source: Source, table: TagTable) -> Reading:
    entries = [e for e in source.entries if e.path != table.path]
    matched = match_rows(table, entries)
    if source.table is not None:
        # Beside a lone CSV lies whatever the folder holds: take what it names.
        entries = [e for e in entries if e.path in matched.named]
    refused = [*table.refused, *matched.refused]
    return Reading("csv", "", entries, matched.names_of, refused)


def class_folders(entries: Iterable[Entry]) -> list[str]:
    """Return the distinct names of folders that directly hold pictures, sorted."""
    found = [e for e in entries if e.ending in PICTURE_ENDINGS] or list(entries)
    return sorted({e.folder for e in found} - {""})


def _choose(
    folders: list[str], options: ImportOptions, known: set[str], source: Source
) -> tuple[str, str]:
    """Return the layout and, for combinations, the separator."""
    if options.layout == "combinations":
        return "combinations", _pick_separator(folders, options, known)
    if options.layout != AUTO:
        return options.layout, ""
    separators = SEPARATORS if options.separator == AUTO else (options.separator,)
    for separator in separators:
        if _is_combinations(folders, separator, known):
            return "combinations", separator
    return ("plain" if _says_nothing(folders, known, source) else "folders"), ""


def _pick_separator(folders: list[str], options: ImportOptions, known: set[str]) -> str:
    if options.separator != AUTO:
        return options.separator
    for separator in SEPARATORS:
        if _is_combinations(folders, separator, known):
            return separator
    holds = [s for s in SEPARATORS if any(s in folder for folder in folders)]
    return holds[0] if holds else SEPARATORS[0]


def _is_combinations(folders: list[str], separator: str, known: set[str]) -> bool:
    """Whether all names have equally many parts, and some part is met again."""
    rows = [split_name(folder, separator) for folder in folders]
    if not rows or len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
        return False
    columns = list(zip(*rows, strict=True))
    repeats = any(len(set(column)) < len(column) for column in columns)
    return repeats or any(part.casefold() in known for row in rows for part in row)


def _says_nothing(folders: list[str], known: set[str], source: Source) -> bool:
    """Whether the folder names are no labels: none, or just the packed folder."""
    if not folders:
        return True
    if len(folders) > 1 or folders[0].casefold() in known or source.folder_name:
        return False
    return all(entry.inner.count("/") <= 1 for entry in source.entries)


def split_name(folder: str, separator: str) -> tuple[str, ...]:
    """Return the parts of a combination name; empty parts are left out."""
    return tuple(part.strip() for part in folder.split(separator) if part.strip())


def _read_folders(source: Source, kind: str, separator: str) -> Reading:
    reading = Reading(kind, separator, [])
    lies_flat = not class_folders(source.entries)
    names: dict[str, tuple[str, ...]] = {}
    for entry in source.entries:
        folder = entry.folder or (source.folder_name if lies_flat else "")
        try:
            if folder not in names:
                names[folder] = _label_names(folder, separator)
        except LabelError as error:
            reason = f"The folder name is no label: {error}"
            reading.refused.append(Refused(entry.path, reason))
            continue
        reading.entries.append(entry)
        if names[folder]:
            reading.names_of[entry.path] = names[folder]
    return reading


def _label_names(folder: str, separator: str) -> tuple[str, ...]:
    parts: Sequence[str] = [folder] if folder else []
    if separator:
        parts = split_name(folder, separator)
    return tuple(dict.fromkeys(clean_name(part) for part in parts))


def read_folder(
    folder: Path,
    options: ImportOptions | None = None,
    known_labels: Collection[str] = (),
) -> list[tuple[Path, tuple[str, ...]]]:
    """Return files and label names of a folder as an import would read them.

    For evaluating a run on a labelled folder; files without labels are left out.
    """
    with open_source(folder) as source:
        reading = read_layout(source, options or ImportOptions(), known_labels)
        return [
            (entry.file, reading.names_of[entry.path])
            for entry in reading.entries
            if entry.file is not None and entry.path in reading.names_of
        ]
