"""What a source says: which layout it has and which labels each picture carries.

The project is only known through the names of its labels and of its pictures.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlcore.annotation_files import (
    LAYOUT_KEYS,
    LabelFiles,
    TextChoices,
    find_label_files,
    read_label_files,
)
from mlcore.annotations import GroupHint, Statement, split_named
from mlcore.entries import PICTURE_ENDINGS, Entry, Refused
from mlcore.errors import BadSource
from mlcore.format_groups import GroupBook
from mlcore.picture_index import Key, Known, PictureIndex
from mlcore.sources import LABEL_FILES, Source, open_source
from mlcore.table_matching import match
from storage.errors import LabelError
from storage.labels import clean_name

LAYOUTS = ("auto", "plain", "folders", "combinations", *LAYOUT_KEYS)
SEPARATORS = ("_", "-", " ", "+", ",")
AUTO = "auto"
UNUSED_TABLE = (
    "No labels were read from this table. For that its first line needs a column"
    " image_name (or filename) and a column tags (or labels)."
)
UNUSED_FILE = "It is neither a picture nor labels in a form that is understood here."
# What tools put beside their labels; nobody wants to read that it is no picture.
COMPANIONS = {
    *("label_config.xml", "tags.json", "notes.json", "classes.txt", "labels.txt"),
    *("dataset_infos.json", "dataset_info.json", "readme.md", "readme.txt", "license"),
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a source is to be understood; the defaults look at the source itself.

    `group_names` names the groups by position in the combination names.
    `tag_separator` is auto, space, comma or semicolon. `label_map` gives labels of
    the source another name, or none to leave them out. With `overwrite` the source
    wins over the answers that are there.
    """

    layout: str = AUTO
    separator: str = AUTO
    csv_path: Path | None = None
    encoding: str = AUTO
    tag_separator: str = AUTO
    group_names: tuple[str, ...] = ()
    label_map: Mapping[str, str | None] = field(default_factory=dict)
    overwrite: bool = False

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
    """A source understood: the files to read and what is said of each.

    `said` is keyed by `Entry.path`, or by image id for pictures of the project;
    what has no key gets no answers. `separator` is '' unless the layout is
    combinations. `refused_more` counts refusals that are not listed.
    """

    layout: str
    separator: str
    entries: list[Entry]
    said: dict[Key, Statement] = field(default_factory=dict)
    splits: dict[Key, str] = field(default_factory=dict)
    groups: tuple[GroupHint, ...] = ()
    refused: list[Refused] = field(default_factory=list)
    refused_more: int = 0
    matched: int = 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a reading may ask for: the project's label names and pictures."""

    labels: Collection[str] = ()
    pictures: Callable[[], Iterable[Known]] = tuple
    is_cancelled: Callable[[], bool] | None = None


def read_layout(
    source: Source, options: ImportOptions, around: Surroundings | None = None
) -> Reading:
    """Understand a source.

    Raises `BadTable` when a file of labels is asked for and cannot be read.
    """
    around = around or Surroundings()
    search = None
    if options.layout in (AUTO, *LAYOUT_KEYS):
        choices = TextChoices(options.encoding, options.tag_separator)
        search = find_label_files(source, options.csv_path, options.layout, choices)
        if search.files is not None:
            reading = _read_labels(source, search.files, choices, around)
            return _set_others_aside(reading, search.refused)
    if options.layout in LAYOUT_KEYS and options.layout != "imagefolder":
        what = "CSV with image names and tags"
        kind = what if options.layout.startswith("csv") else f"{options.layout} file"
        raise BadSource(f"“{source.name}” holds no {kind}.")
    broken = search.refused if search else []
    return _set_others_aside(_read_names(source, options, around.labels), broken)


def _set_others_aside(reading: Reading, broken: list[Refused]) -> Reading:
    """Refuse files that say no labels by what they lack, not as bad pictures."""
    reasons = {item.path: item.reason for item in broken}
    others = [e for e in reading.entries if f".{e.ending}" in LABEL_FILES]
    reading.entries = [e for e in reading.entries if f".{e.ending}" not in LABEL_FILES]
    for entry in others:
        reading.said.pop(entry.path, None)
        unused = UNUSED_TABLE if entry.ending in ("csv", "tsv") else UNUSED_FILE
        reason = reasons.get(entry.path, unused)
        reading.refused.append(Refused(entry.path, reason))
    return reading


def _read_names(
    source: Source, options: ImportOptions, known_labels: Collection[str]
) -> Reading:
    folders = class_folders(source.entries)
    known = {name.casefold() for name in known_labels}
    kind, separator = _choose(folders, options, known, source)
    if kind == "plain":
        reading = Reading(kind, "", source.entries)
    else:
        reading = _read_folders(source, kind, separator)
    reading.splits = _splits_by_folder(reading.entries)
    return reading


def _read_labels(
    source: Source, files: LabelFiles, choices: TextChoices, around: Surroundings
) -> Reading:
    used = {entry.path for entry in files.entries}
    entries = [
        e
        for e in source.entries
        if e.path not in used and e.name.casefold() not in COMPANIONS
    ]
    book = GroupBook()
    index = PictureIndex(entries, around.pictures)
    said = read_label_files(files, choices, book)
    matched = match(said, index, around.is_cancelled)
    if source.table is not None:
        # Beside a lone file lies whatever the folder holds: take what it names.
        entries = [e for e in entries if e.path in matched.named]
    kind = "csv" if files.kind == "csv-tags" else files.kind
    return Reading(
        kind,
        "",
        entries,
        matched.said,
        _splits_by_folder(entries) | matched.splits,
        book.hints(),
        matched.refused,
        matched.refused_more,
        sum(isinstance(key, int) for key in matched.named),
    )


def _splits_by_folder(entries: Iterable[Entry]) -> dict[Key, str]:
    """The splits that folders name; a lone “test” folder is only a name."""
    found: dict[Key, str] = {}
    for entry in entries:
        folders = entry.inner.split("/")[:-1]
        split = next((s for s in map(split_named, folders) if s), None)
        if split:
            found[entry.path] = split
    names = set(found.values())
    return found if "train" in names and len(names) > 1 else {}


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
    if options.layout not in (AUTO, "imagefolder"):
        return options.layout, ""
    if len(folders) > 1 and all(map(split_named, folders)):
        return "plain", ""
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
            reading.said[entry.path] = Statement(names[folder])
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
        around = Surroundings(known_labels)
        reading = read_layout(source, options or ImportOptions(), around)
        return [
            (entry.file, reading.said[entry.path].yes)
            for entry in reading.entries
            if entry.file is not None and entry.path in reading.said
        ]
