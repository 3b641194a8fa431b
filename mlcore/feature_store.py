"""Features by picture content in two growing files, read through the memory map.

Disposable: whatever is damaged or of other weights is computed again.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.errors import TrainingError
from mlcore.feature_spec import FeatureSpec
from storage.file_locks import try_lock
from storage.files import explained_disk, write_durably
from storage.projects import Project

Floats = npt.NDArray[np.float32]

ABOUT_NAME = "about.json"
DIGESTS_NAME = "digests.bin"
FEATURES_NAME = "features.f16"
LOCK_NAME = ".lock"
DIGEST_BYTES = 32
# Half precision: 3 digits are more than a frozen network's features are worth.
LARGEST = float(np.finfo(np.float16).max)


class FeatureStore:
    """The features of one project and spec; `fingerprint` names their weights.

    With a fingerprint, rows made with other weights count as missing and are dropped
    by the next writer. Any process may read while one writes.
    """

    def __init__(
        self, project: Project, spec: FeatureSpec, fingerprint: str | None = None
    ) -> None:
        self.folder = project.folder / "features" / spec.key
        self.fingerprint = fingerprint
        self._is_locked = False
        self._rows: dict[bytes, int] = {}
        self._rows_of: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """Numbers per picture; 0 while nothing is stored."""
        about = self._about()
        return int(about["width"]) if about else 0

    @property
    def made_with(self) -> str:
        """The fingerprint of what is stored; "" while nothing is."""
        about = self._about()
        return str(about["fingerprint"]) if about else ""

    def missing(self, sha256s: Sequence[str]) -> list[str]:
        """Those without features, once each, in the order given."""
        rows = self._index()
        return [name for name in dict.fromkeys(sha256s) if _digest(name) not in rows]

    @property
    def mark(self) -> tuple[object, ...]:
        """What differs when anything was stored, or stored anew, since."""
        return self.made_with, self._whole_rows()

    def stored(self) -> list[str]:
        """All that is stored, in the order in which it came."""
        return [digest.hex() for digest in self._index()]

    def read(self, sha256s: Sequence[str]) -> Floats:
        """Features float32 (n, width) as ordered; TrainingError if one lacks."""
        lacking = self.missing(sha256s)
        if lacking:
            raise TrainingError(
                f"{len(lacking)} of {len(sha256s)} pictures have no features yet. "
                "Compute them first."
            )
        if not sha256s:
            return np.zeros((0, self.width), np.float32)
        at = [self._rows[_digest(name)] for name in sha256s]
        path = self.folder / FEATURES_NAME
        shape = (len(self._rows), self.width)
        return np.memmap(path, np.float16, "r", shape=shape)[at].astype(np.float32)

    def append(self, sha256s: Sequence[str], rows: Floats) -> None:
        """Store one row per picture; those already there are left as they are."""
        if rows.shape[:1] != (len(sha256s),) or rows.ndim != 2:
            raise ValueError(f"{rows.shape} rows for {len(sha256s)} pictures")
        if not sha256s:
            return
        with self.writing(), explained_disk():
            self._prepare(rows.shape[1])
            new = set(self.missing(sha256s))
            keep = [at for at, name in enumerate(sha256s) if name in new]
            kept = np.clip(rows[keep], -LARGEST, LARGEST).astype(np.float16)
            # Features first: a kill in between leaves numbers that nothing names.
            _append(self.folder / FEATURES_NAME, kept.tobytes())
            digests = b"".join(_digest(sha256s[at]) for at in keep)
            _append(self.folder / DIGESTS_NAME, digests)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store against other writers; TrainingError when one is at it."""
        if self._is_locked:
            yield
            return
        with explained_disk():
            self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOCK_NAME).open("a+") as file:
            if not try_lock(file):
                raise TrainingError(
                    "Another process is computing the features of this project. "
                    "Wait until it has ended."
                )
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def _about(self) -> dict[str, Any] | None:
        """What the files hold; None when absent, damaged or of other weights."""
        try:
            about = json.loads((self.folder / ABOUT_NAME).read_bytes())
            width, made_by = about["width"], about["fingerprint"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if type(width) is not int or width < 1:
            return None
        is_other = self.fingerprint is not None and made_by != self.fingerprint
        return None if is_other else about

    def _index(self) -> dict[bytes, int]:
        """The row of each digest, read again when the files have changed."""
        size = self._whole_rows()
        if size is None:
            self._rows, self._rows_of = {}, None
        elif size != self._rows_of:
            data = _read_start(self.folder / DIGESTS_NAME, size[0] * DIGEST_BYTES)
            starts = range(0, len(data), DIGEST_BYTES)
            self._rows = {
                data[at : at + DIGEST_BYTES]: row for row, at in enumerate(starts)
            }
            self._rows_of = size
        return self._rows

    def _whole_rows(self) -> tuple[int, int] | None:
        """How many rows have digest and features, and when the names last changed."""
        width = self.width
        try:
            digests = (self.folder / DIGESTS_NAME).stat()
            size = (self.folder / FEATURES_NAME).stat().st_size
        except OSError:
            return None
        if not width:
            return None
        rows = min(digests.st_size // DIGEST_BYTES, size // (2 * width))
        return rows, digests.st_mtime_ns

    def _prepare(self, width: int) -> None:
        """Cut both files to whole rows, or start anew for another width or weights."""
        if self.width != width:
            for name in (ABOUT_NAME, DIGESTS_NAME, FEATURES_NAME):
                (self.folder / name).unlink(missing_ok=True)
            about = {"width": width, "fingerprint": self.fingerprint}
            write_durably(self.folder / ABOUT_NAME, json.dumps(about).encode())
        whole = self._whole_rows()
        rows = whole[0] if whole else 0
        _cut(self.folder / DIGESTS_NAME, rows * DIGEST_BYTES)
        _cut(self.folder / FEATURES_NAME, rows * 2 * width)


def _digest(sha256: str) -> bytes:
    digest = bytes.fromhex(sha256)
    if len(digest) != DIGEST_BYTES:
        raise ValueError(f"{sha256} is no SHA-256")
    return digest


def _read_start(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _cut(path: Path, size: int) -> None:
    if path.exists() and path.stat().st_size > size:
        with path.open("r+b") as file:
            file.truncate(size)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
