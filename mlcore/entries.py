"""What a source to import from is made of: files by name, read only on demand."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# What operating systems leave behind; nobody wants to read about these.
JUNK_FILES = {".ds_store", "thumbs.db", "desktop.ini", ".directory", ".gitkeep"}
JUNK_FOLDERS = {
    "__macosx",
    "@eadir",
    ".git",
    ".ipynb_checkpoints",
    ".spotlight-v100",
    ".trashes",
    ".fseventsd",
}
PICTURE_ENDINGS = {
    *("jpg", "jpeg", "jpe", "jfif", "png", "webp", "bmp", "dib", "gif", "tif", "tiff")
}
NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a source.

    `path` is what a person is shown; `inner` is the path the layout looks at
    (a zip's own name is not part of it). `read(max_bytes)` returns the content
    or raises `BadImage`; nothing is ever written under either name. `file` is set
    for files on disk. `opens` gives the content as a stream, for files that do
    not fit into memory.
    """

    path: str
    inner: str
    size_bytes: int
    read: Callable[[int], bytes]
    file: Path | None = None
    opens: Callable[[], IO[bytes]] | None = None

    def stream(self) -> IO[bytes]:
        """Open the content to be read piece by piece; raises `BadImage`."""
        if self.opens is not None:
            return self.opens()
        return io.BytesIO(self.read(self.size_bytes))

    @property
    def name(self) -> str:
        return self.inner.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The name of the folder the file lies in directly; '' at the top."""
        return self.inner.rpartition("/")[0].rpartition("/")[2]

    @property
    def ending(self) -> str:
        return self.name.rpartition(".")[2].casefold() if "." in self.name else ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a line of a table, that did not come in, and why."""

    path: str
    reason: str


def is_junk(path: str) -> bool:
    """Whether `path` is something an operating system left behind."""
    *folders, name = path.casefold().split("/")
    if not JUNK_FOLDERS.isdisjoint(folders):
        return True
    return name in JUNK_FILES or name.startswith("._")


def clean_path(path: str) -> str:
    """Return `path` with plain slashes, NFC, and nothing that cannot be stored.

    Names that were not UTF-8 come with lone surrogates, which SQLite refuses.
    """
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = unicodedata.normalize("NFC", text.replace("\\", "/"))
    text = re.sub(r"[\x00-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text)
    parts = [part for part in text.split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "unnamed"


def short_name(entry: Entry) -> str:
    """Return the entry's file name, cut in the middle when it is very long."""
    name = entry.name
    if len(name) <= NAME_LIMIT:
        return name
    half = NAME_LIMIT // 2
    return f"{name[: half - 1]}…{name[-half:]}"
