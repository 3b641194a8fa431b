"""How files of an upload arrive: many small ones in one body, a large one in pieces.

50,000 requests cost more than 50,000 files; and a zip of 20 GB must not begin anew
because a connection was lost at its end.
"""

import hashlib
import json
from pathlib import Path
from typing import IO, Any

from mlcore.errors import UploadError
from mlcore.uploads import Arrival, finish_files, stage_path, staged_source
from storage.files import explained_disk
from storage.projects import Place

HEAD_LIMIT_BYTES = 2**20
BUNDLE_FILES = 1_000
PART_PREFIX = "part-"


class Bundle:
    """Takes a body piece by piece: a line of JSON, then all contents in a row.

    The line is a list of [name, size, key]. A file is recorded once its last byte is
    there, whatever becomes of the rest. Call `finish` after the last piece, and `close`
    in any case.
    """

    def __init__(self, place: Place, upload_id: str) -> None:
        self.place, self.upload_id = place, upload_id
        self.head = bytearray()
        self.expected: list[tuple[str, int, str]] | None = None
        self.arrived: list[Arrival] = []
        self.recorded = 0
        self.file: IO[bytes] | None = None
        self.path = Path()
        self.left = 0

    def feed(self, piece: bytes) -> None:
        """Take the next bytes; raises `UploadError` when they make no bundle."""
        with explained_disk():
            rest = memoryview(self._read_head(piece))
            while len(rest) and self._next_file():
                taken = rest[: self.left]
                assert self.file is not None
                self.file.write(taken)
                self.left -= len(taken)
                rest = rest[len(taken) :]
                self._finish_file()
            if len(rest):
                raise UploadError("More was sent than the list of files names.")
        self._record()

    def _read_head(self, piece: bytes) -> bytes:
        if self.expected is not None:
            return piece
        line, newline, rest = piece.partition(b"\n")
        self.head += line
        if len(self.head) > HEAD_LIMIT_BYTES:
            raise UploadError("The list of files is too long; send fewer at once.")
        if not newline:
            return b""
        self.expected = read_head(bytes(self.head))[::-1]
        return rest

    def _next_file(self) -> bool:
        """Open the next file unless one is open; empty ones are done on the way."""
        while self.file is None and self.expected:
            name, self.left, _ = self.expected[-1]
            self.path = stage_path(self.place, self.upload_id, name)
            self.file = self.path.open("xb")
            self._finish_file()
        return self.file is not None

    def _finish_file(self) -> None:
        if self.left == 0 and self.file is not None and self.expected:
            self.file.close()
            self.file = None
            name, size, key = self.expected.pop()
            self.arrived.append((name, self.path, size, key))

    def _record(self) -> None:
        finish_files(self.place, self.upload_id, self.arrived)
        self.recorded += len(self.arrived)
        self.arrived = []

    def finish(self) -> None:
        """Say that the body has ended; UploadError when some files are missing."""
        if self.file is None and self.expected:
            self._next_file()  # empty files at the end have no bytes to wait for
            self._record()
        if self.expected is None or self.expected:
            raise UploadError("The files did not arrive wholly. Send the rest again.")

    def close(self) -> None:
        """Remove a file that is not whole."""
        if self.file is not None:
            self.file.close()
            self.path.unlink(missing_ok=True)


def read_head(line: bytes) -> list[tuple[str, int, str]]:
    """Return name, size and key of each file of a bundle; raises `UploadError`."""
    try:
        rows: list[Any] = json.loads(line)
        found = [(str(name), int(size), str(key)) for name, size, key in rows]
    except (ValueError, TypeError, RecursionError) as error:
        raise UploadError(f"The list of files is not as expected: {error}.") from error
    if len(found) > BUNDLE_FILES or any(size < 0 for _, size, _ in found):
        raise UploadError(f"At most {BUNDLE_FILES:,} files may be sent at once.")
    return found


def part_path(place: Place, upload_id: str, key: str) -> Path:
    """Return where the pieces of a large file grow together."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return staged_source(place, upload_id) / f"{PART_PREFIX}{digest}"


def part_size(place: Place, upload_id: str, key: str) -> int:
    """How many bytes of a large file are here."""
    path = part_path(place, upload_id, key)
    return path.stat().st_size if path.exists() else 0


def finish_part(place: Place, upload_id: str, name: str, size: int, key: str) -> None:
    """Make a part that has all its bytes a file of the upload."""
    part, path = part_path(place, upload_id, key), stage_path(place, upload_id, name)
    with explained_disk():
        part.rename(path)
    finish_files(place, upload_id, [(name, path, size, key)])
