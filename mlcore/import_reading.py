"""Read and verify pictures a batch at a time, with a bounded amount in memory."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from mlcore.entries import Entry, Refused
from mlcore.errors import BadImage
from mlcore.images import Verified, verify_image
from storage.home import Settings

BATCH_FILES = 100
BATCH_BYTES = 48 * 2**20
MAX_THREADS = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """A verified file; `data` is empty when nobody wants to store it."""

    entry: Entry
    verified: Verified
    data: bytes


@dataclass(slots=True)
class Progress:
    """How far a pass over the files is, and whether it shall go on.

    While a file of labels is read, `total` is not known: 0 is told for it.
    """

    total: int
    on_progress: Callable[[int, int], None] | None = None
    is_cancelled: Callable[[], bool] | None = None
    done: int = 0
    cancelled: bool = False

    def advance(self) -> None:
        """Note that one file was looked at."""
        self.done += 1
        if self.on_progress is not None:
            self.on_progress(self.done, self.total)

    def goes_on(self, read: int) -> bool:
        """Note how much of a file of labels was read; whether to go on with it."""
        if self.on_progress is not None and read:
            self.on_progress(read, 0)
        return not self.stops()

    def stops(self) -> bool:
        """Whether somebody cancelled; once true it stays true."""
        if not self.cancelled and self.is_cancelled is not None:
            self.cancelled = self.is_cancelled()
        return self.cancelled


def read_batches(
    entries: Sequence[Entry],
    settings: Settings,
    progress: Progress,
    *,
    keep_data: bool,
) -> Iterator[list[Picture | Refused]]:
    """Yield files in order, verified by a few threads while the last are stored.

    Pillow decodes outside the interpreter lock, so threads do use every core.
    Ends early, after what was read so far, when cancelled.
    """
    read = partial(_read, settings=settings, keep_data=keep_data)
    with _pool() as pool:
        ahead: deque[list[Future[Picture | Refused]]] = deque()
        for batch in _split(entries):
            ahead.append([pool.submit(read, entry) for entry in batch])
            if len(ahead) > 1:
                yield _collect(ahead.popleft(), progress)
            if progress.stops():
                return
        while ahead and not progress.stops():
            yield _collect(ahead.popleft(), progress)


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(min(MAX_THREADS, os.cpu_count() or 1))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _split(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size_bytes = 0
    for entry in entries:
        batch.append(entry)
        size_bytes += entry.size_bytes
        if len(batch) >= BATCH_FILES or size_bytes >= BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _collect(
    futures: list["Future[Picture | Refused]"], progress: Progress
) -> list[Picture | Refused]:
    found: list[Picture | Refused] = []
    for future in futures:
        if progress.stops():
            break
        found.append(future.result())
        progress.advance()
    return found


def _read(entry: Entry, settings: Settings, keep_data: bool) -> Picture | Refused:
    try:
        data = entry.read(settings.max_image_bytes)
        verified = verify_image(
            data,
            max_bytes=settings.max_image_bytes,
            max_pixels=settings.max_image_pixels,
        )
    except BadImage as error:
        return Refused(entry.path, str(error))
    return Picture(entry, verified, data if keep_data else b"")
