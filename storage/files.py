"""Writing files so that a crash or a power cut leaves the old or the new one.

Each file goes to a temporary name beside its place, is synced, renamed, and
its folder is synced; only then may a database row mention it.
"""

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storage.errors import HomeError

# A sync waits for the disk, and syncs that wait together share one commit of the
# file system's journal: 100 pictures take a third of the time one by one takes.
SYNC_THREADS = 8
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def digest_file(path: Path) -> str:
    """SHA-256 of what is in a file, in hexadecimal; OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_durably(path: Path, data: bytes) -> None:
    """Write one file so that it is whole or absent, whatever happens."""
    write_many_durably([(path, data)])


def write_many_durably(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write many files durably, syncing every touched folder once.

    Raises HomeError when the disk is full or read-only; temporary files are
    then removed, files already renamed stay whole.
    """
    renames: list[tuple[Path, Path]] = []
    with explained_disk():
        try:
            with ThreadPoolExecutor(SYNC_THREADS) as pool:
                folders = _write_temporaries(files, renames, pool)
                for temporary, path in renames:
                    temporary.replace(path)
                list(pool.map(sync_folder, folders))
        except BaseException:
            for temporary, _ in renames:
                temporary.unlink(missing_ok=True)
            raise


def _write_temporaries(
    files: Iterable[tuple[Path, bytes]],
    renames: list[tuple[Path, Path]],
    pool: ThreadPoolExecutor,
) -> set[Path]:
    folders: set[Path] = set()
    writes = []
    for path, data in files:
        if path.parent not in folders:
            folders |= _make_folder(path.parent)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
        renames.append((temporary, path))
        writes.append(pool.submit(_write_synced, temporary, data))
    for write in writes:
        write.result()
    return folders


def _make_folder(folder: Path) -> set[Path]:
    """Make a folder; return it and every parent that gained an entry."""
    touched = {folder}
    missing = folder
    while not missing.exists():
        missing = missing.parent
        touched.add(missing)
    folder.mkdir(parents=True, exist_ok=True)
    return touched


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def expand_home(path: Path) -> Path:
    """Return `path` with its `~` replaced; `~nobody` of an unknown user stays."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; a no-op where that is impossible."""
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_temporary(path: Path) -> bool:
    """Whether a file is one of our unfinished temporary files."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


@contextlib.contextmanager
def explained_disk() -> Iterator[None]:
    """Turn the system's "disk full" and "not permitted" into a HomeError."""
    try:
        yield
    except OSError as error:
        place = _place_of(error)
        if error.errno in _FULL:
            raise HomeError(
                f"The disk is full: {place} could not be written, and nothing was "
                "half-saved. Free some space and try again."
            ) from error
        if error.errno in _FORBIDDEN:
            raise HomeError(
                f"No permission to write {place}: it is read-only or belongs to "
                "another user. Give this user permission and try again."
            ) from error
        raise


def _place_of(error: OSError) -> str:
    if error.filename is None:
        return "the data folder"
    path = Path(os.fsdecode(error.filename))
    # a temporary name means nothing to a person
    return f"the folder {path.parent}" if is_temporary(path) else str(path)
