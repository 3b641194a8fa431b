"""Find the files of a source that say what is on its pictures, and read them."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Entry, Refused
from mlcore.errors import BadImage, BadTable
from mlcore.format_coco import read_coco
from mlcore.format_custom_vision import read_custom_vision
from mlcore.format_cvat import read_cvat
from mlcore.format_groups import GroupBook
from mlcore.format_imagefolder import METADATA_NAMES, read_imagefolder
from mlcore.format_label_studio import read_label_studio
from mlcore.json_stream import walk_json
from mlcore.sources import Source, entry_of
from mlcore.table_header import TABLE_KINDS
from mlcore.table_text import AUTO, ENCODING_NAMES, PLAIN_ENCODINGS, Opens
from mlcore.tag_tables import TagTable, find_table, open_table, read_rows
from storage.files import expand_home

Said = Iterator[Annotation | Refused]
TABLE_ENDINGS = {"csv", "tsv"}
ENDINGS = TABLE_ENDINGS | {"json", "jsonl", "xml"}
READERS: dict[str, Callable[[Opens, str, GroupBook], Said]] = {
    "label-studio": read_label_studio,
    "coco": read_coco,
    "cvat": read_cvat,
    "custom-vision": read_custom_vision,
    "imagefolder": read_imagefolder,
}
LAYOUT_KEYS = ("csv", *TABLE_KINDS, *READERS)
# Beside the real table competitions lay a sample with the same columns.
TELLING_NAMES = ("train", "label", "tag", "annotation", "instances")
# Some tools write a JSON per picture; those are looked into only so far.
LOOKED_INTO = 20
XML_START = 4_096
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class TextChoices:
    """How a person said text files are to be read; AUTO looks at the files."""

    encoding: str = AUTO
    tag_separator: str = AUTO


@dataclass(slots=True)
class LabelFiles:
    """Files of one kind that say what is on the pictures; `kind` is a layout key."""

    kind: str
    entries: list[Entry]


@dataclass(slots=True)
class Search:
    """What was found in a source: files with labels, and such that are broken."""

    files: LabelFiles | None
    refused: list[Refused] = field(default_factory=list)


def find_label_files(
    source: Source, given: Path | None, wanted: str, choices: TextChoices
) -> Search:
    """Return the files with labels; `files` is None when there are none of this kind.

    `given` is one outside the source; `wanted` a key of LAYOUT_KEYS or auto.
    Raises `BadTable` when a file that was asked for cannot be read as such.
    """
    entry = _given_entry(source, given)
    if entry is not None:
        return Search(LabelFiles(_kind_of_given(entry, wanted, choices), [entry]))
    found: dict[str, list[Entry]] = {}
    refused = []
    files = [e for e in source.entries if e.ending in ENDINGS]
    for entry in islice(sorted(files, key=_likelihood), LOOKED_INTO):
        try:
            kind = kind_of(entry, wanted, choices)
        except BadTable as error:
            if wanted != AUTO or entry.ending in TABLE_ENDINGS:
                raise
            refused.append(Refused(entry.path, str(error)))
            continue
        if kind:
            found.setdefault(kind, []).append(entry)
    return Search(_choose(found), refused)


def _choose(found: dict[str, list[Entry]]) -> LabelFiles | None:
    for kind in (*READERS, *TABLE_KINDS):
        if kind in found:
            # Of tables one is meant; other tools write a file per split.
            entries = found[kind][:1] if kind in TABLE_KINDS else found[kind]
            return LabelFiles(kind, entries)
    return None


def _given_entry(source: Source, given: Path | None) -> Entry | None:
    if given is None:
        return source.table
    path = expand_home(given).absolute()
    for entry in source.entries:
        if entry.file == path:
            return entry
    if not path.is_file():
        raise BadTable(f"There is no table “{path}”.")
    return replace(entry_of(path, path.name), path="")


def _kind_of_given(entry: Entry, wanted: str, choices: TextChoices) -> str:
    """The kind of a file that somebody pointed at; raises rather than passing it by."""
    if entry.ending in TABLE_ENDINGS:
        if wanted == "imagefolder":
            return wanted
        asked = wanted if wanted in TABLE_KINDS else "csv"
        return _open(entry, choices, asked).columns.kind
    if wanted in READERS:
        return wanted
    kind = kind_of(entry, wanted, choices)
    if kind:
        return kind
    raise BadTable(
        f"“{entry.name}” is none of the files that are understood: Label Studio,"
        " COCO or Custom Vision JSON, CVAT XML, metadata.jsonl, or a CSV."
    )


def _likelihood(entry: Entry) -> tuple[int, bool, str]:
    name = entry.name.casefold()
    tells = any(word in name for word in TELLING_NAMES)
    return entry.inner.count("/"), not tells, entry.inner.casefold()


def kind_of(entry: Entry, wanted: str, choices: TextChoices) -> str:
    """Return the layout key of a file, "" when it holds no labels as `wanted`.

    Raises `BadTable` when the file is broken.
    """
    if entry.ending not in TABLE_ENDINGS:
        found = _look_into(entry)
        return found if wanted in (AUTO, found) else ""
    is_metadata = entry.name.casefold() in METADATA_NAMES
    if wanted == "imagefolder" and not is_metadata:
        return ""
    if wanted in READERS and wanted != "imagefolder":
        return ""
    asked = wanted if wanted in TABLE_KINDS else "csv"
    table = find_table(_opens(entry), entry.name, choices.encoding, asked)
    if table is None:
        return ""
    as_folder = is_metadata and wanted in (AUTO, "imagefolder")
    return "imagefolder" if as_folder else table.kind


def _look_into(entry: Entry) -> str:
    if entry.ending == "jsonl":
        return "imagefolder"
    try:
        if entry.ending == "xml":
            with entry.stream() as file:
                return "cvat" if b"<annotations" in file.read(XML_START) else ""
        return _look_into_json(entry)
    except BadImage:
        return ""


def _look_into_json(entry: Entry) -> str:
    """What the first elements of a JSON file say; the rest is not read yet."""
    with closing(walk_json(_opens(entry), entry.name)) as elements:
        for element in islice(elements, LOOKED_AT):
            if element.key in ("images", "annotations", "categories"):
                return "coco"
            if element.key == "" and element.index is not None:
                value = element.value
                return _tool_of(value) if isinstance(value, dict) else ""
    return ""


def _tool_of(task: dict[str, object]) -> str:
    if {"data", "annotations"} <= task.keys() or "completions" in task:
        return "label-studio"
    if {"originalImageUri", "resizedImageUri", "imageUri"} & task.keys():
        return "custom-vision"
    if "tags" in task and "id" in task:
        return "custom-vision"
    return "label-studio" if {"annotator", "annotation_id"} & task.keys() else ""


def _opens(entry: Entry) -> Opens:
    def opens() -> object:
        try:
            return entry.stream()
        except BadImage as error:
            raise BadTable(f"“{entry.name}” cannot be read. {error}") from error

    # A stream of a file or of a zip member: each reads bytes, and no type says so.
    return opens  # type: ignore[return-value]


def read_label_files(files: LabelFiles, choices: TextChoices, book: GroupBook) -> Said:
    """Yield what the files say, one after the other; raises `BadTable`.

    Pictures of an imagefolder lie where their metadata does. Of several files
    each may be a split ("instances_val.json").
    """
    for entry in files.entries:
        is_folder = files.kind == "imagefolder"
        folder = entry.inner.rpartition("/")[0] if is_folder else ""
        split = _split_of_file(entry) if len(files.entries) > 1 else None
        for said in _read_one(files.kind, entry, choices, book):
            if isinstance(said, Annotation):
                said = _placed(said, folder, split)
            yield said


def _read_one(kind: str, entry: Entry, choices: TextChoices, book: GroupBook) -> Said:
    if entry.ending not in TABLE_ENDINGS:
        return READERS[kind](_opens(entry), entry.path or entry.name, book)
    asked = kind if kind in TABLE_KINDS else "csv"
    table = _open(entry, choices, asked)
    for title in table.unused:
        book.losses.note_once("columns", title)
    if table.encoding not in PLAIN_ENCODINGS:
        spelled = ENCODING_NAMES.get(table.encoding, table.encoding)
        book.losses.note("encoding", f"{table.name}: {spelled}")
    return read_rows(table)


def _open(entry: Entry, choices: TextChoices, kind: str) -> TagTable:
    return open_table(
        _opens(entry),
        entry.path or entry.name,
        encoding=choices.encoding,
        tag_separator=choices.tag_separator,
        kind=kind,
    )


def _placed(said: Annotation, folder: str, split: str | None) -> Annotation:
    path = f"{folder}/{said.path}" if folder else said.path
    if path == said.path and (said.split or not split):
        return said
    return replace(said, path=path, split=said.split or split)


def _split_of_file(entry: Entry) -> str | None:
    # instances_train2017.json, annotations_val.json
    stem = entry.name.rpartition(".")[0].replace("-", "_")
    _, mark, last = stem.rpartition("_")
    return split_named(last) if mark else None
