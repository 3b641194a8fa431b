"""Open whatever a person wants to import as one list of entries."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from mlcore.archives import list_members, open_archive
from mlcore.decoding import check_size
from mlcore.entries import Entry, Refused, clean_path, is_junk
from mlcore.errors import BadArchive, BadImage, BadSource
from mlcore.project_manifest import DATABASE_NAME, MANIFEST_NAME
from mlcore.uploads import is_staged, staged_files
from storage.files import expand_home

Found = Iterator[Entry | Refused]
# A message that ends so is about the zip of a whole project.
PACKED_PROJECT = (
    "is a whole project, packed by Unseen. It is not brought into this one, but opened"
    " as a project of its own."
)
LABEL_FILES = (".csv", ".tsv", ".json", ".jsonl", ".xml")


@dataclass(slots=True)
class Source:
    """The files of a folder, zip, single file or upload; close it with `with`.

    `table` is the entry of the file with labels when the source itself is one, a
    CSV or the annotations of another tool. `folder_name` is set for a folder on
    disk, whose name may be a label; a zip's or an upload's own name says nothing.
    """

    name: str
    folder_name: str = ""
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    table: Entry | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def add(self, found: Found) -> None:
        """Take files in; a zip among them is opened and its members taken."""
        for item in found:
            if isinstance(item, Refused):
                self.refused.append(item)
            else:
                self.entries.append(item)

    def add_archive(self, path: Path, shown: str, prefix: str = "") -> None:
        """Take the members of a zip in; raises `BadArchive`."""
        archive = self._open.enter_context(open_archive(path, shown))
        if {MANIFEST_NAME, DATABASE_NAME} <= set(archive.namelist()):
            raise BadArchive(f"“{shown}” {PACKED_PROJECT}")
        self.add(list_members(archive, prefix))


def open_source(path: Path) -> Source:
    """List a source without reading its pictures.

    Raises `BadSource` when it is missing or empty, `BadArchive` when it is a zip
    that may not be opened.
    """
    path = expand_home(path).absolute()
    if not path.exists():
        raise BadSource(f"There is no file or folder “{path}”.")
    source = Source(clean_path(path.name))
    try:
        _fill(source, path)
    except BaseException:
        source._open.close()
        raise
    if not source.entries:
        _explain_nothing(source)
    return source


def _explain_nothing(source: Source) -> None:
    if not source.refused:
        raise BadSource(
            f"“{source.name}” holds no files. Choose a folder or zip with pictures."
        )
    if source.refused[0].reason.endswith(PACKED_PROJECT):
        raise BadArchive(source.refused[0].reason)


def _fill(source: Source, path: Path) -> None:
    if is_staged(path):
        source.name = "upload"
        _add_files(source, _list_staged(path))
    elif path.is_dir():
        source.folder_name = source.name
        _add_files(source, _walk(path))
    elif path.suffix.casefold() == ".zip":
        source.add_archive(path, source.name)
    elif path.suffix.casefold() in LABEL_FILES:
        # Around a table may lie anything: only its lines say what is meant.
        source.table = entry_of(path, path.name)
        source.add(_plain_files(path.parent))
    else:
        source.add(iter([entry_of(path, path.name)]))


def _add_files(source: Source, found: Iterator[tuple[Path, str] | Refused]) -> None:
    for item in found:
        if isinstance(item, Refused):
            source.refused.append(item)
        elif item[1].casefold().endswith(".zip"):
            _add_inner_archive(source, *item)
        else:
            source.add(_entries_of(*item))


def _plain_files(folder: Path) -> Found:
    for item in _walk(folder):
        if not isinstance(item, Refused):
            yield from (e for e in _entries_of(*item) if isinstance(e, Entry))


def _add_inner_archive(source: Source, path: Path, shown: str) -> None:
    # A zip in a folder lies there like a folder: its name counts for no layout.
    try:
        source.add_archive(path, shown, prefix=f"{shown}/")
    except BadArchive as error:
        source.refused.append(Refused(shown, str(error)))


def _list_staged(folder: Path) -> Iterator[tuple[Path, str] | Refused]:
    for staged in staged_files(folder):
        if not is_junk(staged.name):
            yield staged.path, staged.name


def _walk(top: Path) -> Iterator[tuple[Path, str] | Refused]:
    unreadable: list[Refused] = []

    def note(error: OSError) -> None:
        where = clean_path(os.path.relpath(error.filename or top, top))
        unreadable.append(Refused(where, "The folder cannot be opened."))

    for folder, subfolders, names in os.walk(top, onerror=note):
        subfolders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            shown = path.relative_to(top).as_posix()
            if not is_junk(shown):
                yield path, shown
        yield from _linked_folders(Path(folder), subfolders, top)
    yield from unreadable


def _linked_folders(folder: Path, names: list[str], top: Path) -> Iterator[Refused]:
    # A link may point back up: following it could go round for ever.
    for name in names:
        path = folder / name
        if path.is_symlink():
            shown = clean_path(path.relative_to(top).as_posix())
            yield Refused(shown, "It is a link to another folder; not followed.")


def _entries_of(path: Path, shown: str) -> Found:
    try:
        yield entry_of(path, shown)
    except BadImage as error:
        yield Refused(clean_path(shown), str(error))


def entry_of(path: Path, shown: str) -> Entry:
    """Return the file at `path` as an entry shown as `shown`; raises `BadImage`."""
    try:
        status = path.stat()
    except OSError as error:
        raise BadImage(_unreadable(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise BadImage("It is not an ordinary file.")
    name = clean_path(shown)
    read, opens = partial(_read_file, path), partial(_open_file, path)
    return Entry(name, name, status.st_size, read, path, opens)


def _open_file(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadImage(_unreadable(error)) from error


def _read_file(path: Path, max_bytes: int) -> bytes:
    try:
        check_size(path.stat().st_size, max_bytes)
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise BadImage(_unreadable(error)) from error
    check_size(len(data), max_bytes)
    return data


def _unreadable(error: OSError) -> str:
    return f"The file cannot be read: {error.strerror or 'unknown error'}."
