"""Where an export is written: a folder or a zip, there only once it is whole."""

import contextlib
import io
import shutil
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TextIO

from mlcore.exporting import ExportError
from storage.files import explained_disk, sync_folder

PIECE_BYTES = 2**20


class Outlet(Protocol):
    """Takes files under relative names; only one text is open at a time."""

    files: int

    def open_text(self, name: str) -> contextlib.AbstractContextManager[TextIO]: ...

    def add_file(self, name: str, source: Path) -> None: ...


class FolderOutlet:
    """Writes below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0

    @contextlib.contextmanager
    def open_text(self, name: str) -> Iterator[TextIO]:
        """Open a text file, UTF-8 with plain line ends."""
        path = self._place(name)
        with path.open("x", encoding="utf-8", newline="") as file:
            yield file

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file in."""
        shutil.copyfile(source, self._place(name))

    def _place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.files += 1
        return path


class ZipOutlet:
    """Writes into a zip: texts packed, pictures as they are (they hardly shrink)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.files = 0

    @contextlib.contextmanager
    def open_text(self, name: str) -> Iterator[TextIO]:
        """Open a text member, UTF-8 with plain line ends."""
        self.files += 1
        info = member_of(name, zipfile.ZIP_DEFLATED)
        # Its length is not known before: without this 4 GB would be the end.
        with (
            self.archive.open(info, "w", force_zip64=True) as raw,
            io.TextIOWrapper(raw, encoding="utf-8", newline="") as file,
        ):
            yield file

    def add_file(self, name: str, source: Path) -> None:
        """Copy a file in, unpacked."""
        info = member_of(name, zipfile.ZIP_STORED)
        info.file_size = source.stat().st_size
        with source.open("rb") as file, self.archive.open(info, "w") as member:
            shutil.copyfileobj(file, member, PIECE_BYTES)
        self.files += 1


def member_of(name: str, compress_type: int) -> zipfile.ZipInfo:
    """Return the head of a zip member made now, readable by its owner only."""
    # Zip times begin in 1980; a computer without a clock stands at 1970.
    info = zipfile.ZipInfo(name, max(time.localtime()[:6], (1980, 1, 1, 0, 0, 0)))
    info.compress_type = compress_type
    info.external_attr = 0o100600 << 16
    return info


@contextlib.contextmanager
def open_outlet(target: Path) -> Iterator[Outlet]:
    """Open `target` for writing: a zip if it is called so, else a folder.

    It appears when the block ends; when the block fails nothing is left of it.
    Raises `ExportError` where something is there already.
    """
    with draft_beside(target) as draft:
        if target.suffix.casefold() == ".zip":
            with zipfile.ZipFile(draft, "x") as archive:
                yield ZipOutlet(archive)
        else:
            draft.mkdir()
            yield FolderOutlet(draft)


@contextlib.contextmanager
def draft_beside(target: Path) -> Iterator[Path]:
    """Give a name beside `target`; what is made there is `target` in the end."""
    if target.exists():
        raise ExportError(f"{target} exists already. Choose another name.")
    draft = target.with_name(f".{uuid.uuid4().hex[:8]}.tmp")
    with explained_disk():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.rename(target)
            sync_folder(target.parent)
        finally:
            remove_draft(draft)


def remove_draft(draft: Path) -> None:
    """Remove what is half-made, be it a file or a folder; gone is fine."""
    if draft.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
