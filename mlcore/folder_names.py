"""Labels and splits in the names of folders. Pure."""

from collections.abc import Collection, Iterable, Sequence

from mlcore.annotations import Statement, split_named
from mlcore.entries import PICTURE_ENDINGS, Entry, Refused
from mlcore.group_naming import fold
from mlcore.import_options import AUTO, ImportOptions, Reading
from mlcore.picture_index import Key
from mlcore.sources import Source
from storage.errors import LabelError
from storage.labels import clean_name

SEPARATORS = ("_", "-", " ", "+", ",")


def read_names(
    source: Source, options: ImportOptions, known_labels: Collection[str]
) -> Reading:
    """Understand a source by its folders: labels, combinations of them, or neither."""
    folders = class_folders(source.entries)
    known = {name.casefold() for name in known_labels}
    kind, separator = _choose(folders, options, known, source)
    if kind == "plain":
        reading = Reading(kind, "", source.entries)
    else:
        reading = _read_folders(source, kind, separator)
    reading.splits = splits_by_folder(reading.entries)
    return reading


def splits_by_folder(entries: Iterable[Entry]) -> dict[Key, str]:
    """Return the splits that folders name; a lone “test” folder is only a name."""
    found: dict[Key, str] = {}
    for entry in entries:
        folders = entry.inner.split("/")[:-1]
        split = next((s for s in map(split_named, folders) if s), None)
        if split:
            found[entry.path] = split
    names = set(found.values())
    return found if "train" in names and len(names) > 1 else {}


def class_folders(entries: Iterable[Entry]) -> list[str]:
    """Return the distinct names of folders that directly hold pictures, sorted.

    A folder around them is none, although pictures may lie in it beside them.
    """
    entries = list(entries)
    found = [e for e in entries if e.ending in PICTURE_ENDINGS] or entries
    around = folders_around(found)
    return sorted({e.folder for e in found if _place(e) not in around} - {""})


def folders_around(entries: Iterable[Entry]) -> set[str]:
    """Return the paths of folders that only hold class folders, whatever lies loose
    in them: the one around all the rest, and those of splits."""
    places = {_place(entry) for entry in entries if entry.ending in PICTURE_ENDINGS}
    rows = [place.split("/") for place in places]
    above = {"/".join(row[:depth]) for row in rows for depth in range(1, len(row))}
    holding = places & above
    outer = min(holding, key=len, default="")
    if not all(f"{place}/".startswith(f"{outer}/") for place in places):
        outer = ""
    splits = {x for x in holding if split_named(x.rpartition("/")[2])}
    return holding & {outer} | splits


def _place(entry: Entry) -> str:
    return entry.inner.rpartition("/")[0]


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
    around = folders_around(source.entries)
    names: dict[str, tuple[str, ...]] = {}
    for entry in source.entries:
        folder = "" if _place(entry) in around else entry.folder
        folder = folder or (source.folder_name if lies_flat else "")
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
    reading.vocabulary = frozenset(fold(x) for row in names.values() for x in row)
    return reading


def _label_names(folder: str, separator: str) -> tuple[str, ...]:
    parts: Sequence[str] = [folder] if folder else []
    if separator:
        parts = split_name(folder, separator)
    return tuple(dict.fromkeys(clean_name(part) for part in parts))
