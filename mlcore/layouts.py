"""What a source says: which layout it has and which labels each picture carries.

The project is only known through the names of its labels and of its pictures.
"""

from collections.abc import Collection
from pathlib import Path

from mlcore.annotation_files import (
    LAYOUT_KEYS,
    LabelFiles,
    TextChoices,
    find_label_files,
    read_label_files,
)
from mlcore.annotations import Statement
from mlcore.entries import Refused
from mlcore.errors import BadSource
from mlcore.folder_names import SEPARATORS, class_folders, read_names, splits_by_folder
from mlcore.format_groups import GroupBook
from mlcore.import_options import AUTO, LAYOUTS, ImportOptions, Reading, Surroundings
from mlcore.picture_index import PictureIndex
from mlcore.sources import LABEL_FILES, Source, open_source
from mlcore.table_matching import match
from mlcore.vocabulary import INTERFACE_NAME, TAGS_NAME, Vocabulary, names_beside

__all__ = [
    "AUTO",
    "LAYOUTS",
    "SEPARATORS",
    "ImportOptions",
    "Reading",
    "Surroundings",
    "class_folders",
    "read_folder",
    "read_layout",
]
UNUSED_TABLE = (
    "No labels were read from this table. For that its first line needs a column"
    " image_name (or filename) and a column tags (or labels)."
)
UNUSED_FILE = "It is neither a picture nor labels in a form that is understood here."
# What tools put beside their labels; nobody wants to read that it is no picture.
COMPANIONS = {
    *(INTERFACE_NAME, TAGS_NAME, "notes.json", "classes.txt", "labels.txt"),
    *("dataset_infos.json", "dataset_info.json", "readme.md", "readme.txt", "license"),
}


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
            words = Vocabulary([*around.labels, *options.label_map])
            reading = _read_labels(source, search.files, choices, around, words)
            return _set_others_aside(reading, search.refused)
    if options.layout in LAYOUT_KEYS and options.layout != "imagefolder":
        what = "CSV with image names and tags"
        kind = what if options.layout.startswith("csv") else f"{options.layout} file"
        raise BadSource(f"“{source.name}” holds no {kind}.")
    broken = search.refused if search else []
    return _set_others_aside(read_names(source, options, around.labels), broken)


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


def _read_labels(
    source: Source,
    files: LabelFiles,
    choices: TextChoices,
    around: Surroundings,
    words: Vocabulary,
) -> Reading:
    used = {entry.path for entry in files.entries}
    entries = [
        e
        for e in source.entries
        if e.path not in used and e.name.casefold() not in COMPANIONS
    ]
    book = GroupBook()
    index = PictureIndex(entries, around.pictures, around.aliases)
    said = read_label_files(files, choices, book)
    matched = match(words.listen(said), index, around.goes_on, book.losses)
    words.hear((*book.mentioned, *names_beside(files.kind, source.entries)))
    if source.table is not None:
        # Beside a lone file lies whatever the folder holds: take what it names.
        entries = [e for e in entries if e.path in matched.named]
    kind = "csv" if files.kind == "csv-tags" else files.kind
    return Reading(
        kind,
        "",
        entries,
        matched.said,
        splits_by_folder(entries) | matched.splits,
        book.hints(),
        matched.refused,
        matched.refused_more,
        sum(isinstance(key, int) for key in matched.named),
        frozenset(words.folded),
        book.losses,
    )


def read_folder(
    folder: Path, known_labels: Collection[str]
) -> tuple[list[tuple[Path, Statement]], frozenset[str]]:
    """Return what an import would read of a folder, file by file, and the labels it
    names anywhere, folded.

    For evaluating a run on a labelled folder; files without labels are left out.
    """
    with open_source(folder) as source:
        reading = read_layout(source, ImportOptions(), Surroundings(known_labels))
        said = [
            (entry.file, reading.said[entry.path])
            for entry in reading.entries
            if entry.file is not None and entry.path in reading.said
        ]
        return said, reading.vocabulary
