"""Pictures as one memory-mapped uint8 file, read batch by batch.

No TensorFlow here: prediction fits its pictures with the same function.
"""

import json
import mmap
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from mlcore.decoding import open_rgb
from mlcore.errors import BadImage, TrainingError
from storage.files import explained_disk, write_durably

Pixels = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.intp]
Number = TypeVar("Number", np.uint8, np.float16)

PIXELS_NAME = "pixels.u8"
PIXELS_DONE_NAME = "pixels.json"
FROZEN_NAME = "frozen.f16"
FROZEN_ABOUT_NAME = "frozen.json"
# One damaged file costs one picture; more than this part means a wrong disk.
MOST_UNREADABLE = 0.01
CHUNK = 64


@dataclass(frozen=True, slots=True)
class Source:
    """One picture to prepare; `name` is what a person is told when it fails."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class PixelStore:
    """uint8 pixels (n, size, size, 3) on disk, and the rows that cannot be read."""

    pixels: Pixels
    unreadable: dict[int, str]

    def batch(self, rows: npt.NDArray[np.intp]) -> Pixels:
        """A copy in memory of these rows, in this order."""
        return read_rows(self.pixels, rows)


def fit_image(image: PillowImage.Image, size_px: int) -> Pixels:
    """The uint8 (size, size, 3) array a network is fed for an RGB picture.

    The whole picture is squeezed into the square, as the tutorials do.
    """
    fitted = image.resize(
        (size_px, size_px), PillowImage.Resampling.BILINEAR, reducing_gap=3.0
    )
    return np.asarray(fitted, np.uint8)


def prepare_pixels(
    folder: Path,
    sources: list[Source],
    size_px: int,
    fingerprint: str,
    on_progress: Callable[[int, int], None],
) -> PixelStore:
    """Decode and resize every source once into `folder`, or reuse what is there.

    `fingerprint` names the data; a file of other data is written anew.
    TrainingError when more than 1 % (and more than one) cannot be read.
    """
    shape = (len(sources), size_px, size_px, 3)
    done = _read_done(folder, {"fingerprint": fingerprint, "shape": list(shape)})
    if done is None:
        done = _write_pixels(folder, sources, shape, on_progress)
        record = {"fingerprint": fingerprint, "shape": shape, "unreadable": done}
        write_durably(folder / PIXELS_DONE_NAME, json.dumps(record).encode())
    pixels = np.memmap(folder / PIXELS_NAME, np.uint8, "r", shape=shape)
    return PixelStore(pixels, done)


def read_rows(table: npt.NDArray[Number], rows: Rows) -> npt.NDArray[Number]:
    """A copy in memory of these rows of a mapped file, in this order."""
    found = np.asarray(table[rows])
    mapped = getattr(table, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        # Else all of the file that was ever read counts as memory of this process;
        # the system keeps the pages at hand all the same.
        mapped.madvise(mmap.MADV_DONTNEED)
    return found


def remove_pixels(folder: Path) -> None:
    """Give the disk space back, also that of what was computed from the pixels."""
    (folder / PIXELS_DONE_NAME).unlink(missing_ok=True)
    (folder / PIXELS_NAME).unlink(missing_ok=True)
    remove_frozen(folder)


def remove_frozen(folder: Path) -> None:
    """Remove the outputs of frozen blocks."""
    (folder / FROZEN_ABOUT_NAME).unlink(missing_ok=True)
    (folder / FROZEN_NAME).unlink(missing_ok=True)


def shuffled_batches(
    rows: npt.NDArray[np.intp], batch_size: int, seed: int, epoch: int
) -> list[npt.NDArray[np.intp]]:
    """The batches of one epoch; they depend on seed and epoch alone."""
    order = np.random.default_rng((seed, epoch)).permutation(rows)
    return list(in_batches(order, batch_size))


def in_batches(
    rows: npt.NDArray[np.intp], batch_size: int
) -> Iterator[npt.NDArray[np.intp]]:
    """`rows` cut into pieces of `batch_size`; the last may be shorter."""
    for start in range(0, len(rows), batch_size):
        yield rows[start : start + batch_size]


def _read_done(folder: Path, expected: dict[str, object]) -> dict[int, str] | None:
    """The unreadable rows of a finished file, None if it must be written."""
    try:
        record = json.loads((folder / PIXELS_DONE_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if any(record.get(key) != value for key, value in expected.items()):
        return None
    if not (folder / PIXELS_NAME).exists():
        return None
    return {int(row): reason for row, reason in record["unreadable"].items()}


def _write_pixels(
    folder: Path,
    sources: list[Source],
    shape: tuple[int, int, int, int],
    on_progress: Callable[[int, int], None],
) -> dict[int, str]:
    remove_pixels(folder)
    unreadable: dict[int, str] = {}
    # Written, not mapped: a full disk is an error here, but the end of a process
    # that writes through a map.
    with (
        explained_disk(),
        (folder / PIXELS_NAME).open("wb") as file,
        ThreadPoolExecutor(os.cpu_count() or 1) as pool,
    ):
        for start in range(0, len(sources), CHUNK):
            chunk = sources[start : start + CHUNK]
            fitted = pool.map(lambda source: _read_fitted(source, shape[1]), chunk)
            pixels = np.zeros((len(chunk), *shape[1:]), np.uint8)
            for at, result in enumerate(fitted):
                if isinstance(result, str):
                    unreadable[start + at] = result
                else:
                    pixels[at] = result
            file.write(pixels.tobytes())
            on_progress(start + len(chunk), len(sources))
        file.flush()
        os.fsync(file.fileno())
    check_unreadable(unreadable, len(sources))
    return unreadable


def _read_fitted(source: Source, size_px: int) -> Pixels | str:
    try:
        return fit_image(open_rgb(source.path), size_px)
    except (BadImage, OSError) as error:
        return f"{source.name}: {error}"


def check_unreadable(unreadable: dict[int, str], total: int) -> None:
    """TrainingError when more than 1 % (and more than one) cannot be read."""
    if len(unreadable) <= max(1, int(total * MOST_UNREADABLE)):
        return
    shown = "; ".join(list(unreadable.values())[:5])
    raise TrainingError(
        f"{len(unreadable)} of {total} pictures cannot be read, so the run stops: "
        f"{shown}. Delete or import them again."
    )
