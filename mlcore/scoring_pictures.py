"""Pictures of a project as the network takes them, decoded ahead by threads."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlcore.dataset import Pixels, fit_image
from mlcore.decoding import open_strictly, upright_rgb
from mlcore.errors import BadImage
from storage.images import get_images, image_path
from storage.projects import Project

CHUNK = 64
CHUNKS_AHEAD = 3
# JPEG is decoded at a half, quarter or eighth while it stays this much larger than
# the network's square; fit_image shrinks the rest. Classify decodes whole pictures:
# probabilities differ in the third decimal.
DRAFT_FACTOR = 3


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some pictures: `pixels` (n, size, size, 3) of `image_ids`; the rest are bad."""

    image_ids: list[int]
    pixels: Pixels
    unreadable: list[int]


def read_chunks(
    project: Project, image_ids: Sequence[int], size_px: int
) -> Iterator[Chunk]:
    """Yield the pictures in order; the next chunks are decoded meanwhile."""
    waiting: deque[tuple[list[int], list[Future[Pixels | None]]]] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        try:
            for start in range(0, len(image_ids), CHUNK):
                part = get_images(project, image_ids[start : start + CHUNK])
                paths = [image_path(project, image) for image in part]
                futures = [pool.submit(read_small, path, size_px) for path in paths]
                waiting.append(([image.image_id for image in part], futures))
                if len(waiting) > CHUNKS_AHEAD:
                    yield _gather(*waiting.popleft(), size_px)
            while waiting:
                yield _gather(*waiting.popleft(), size_px)
        finally:
            pool.shutdown(cancel_futures=True)


def _gather(
    ids: list[int], futures: list[Future[Pixels | None]], size_px: int
) -> Chunk:
    results = [future.result() for future in futures]
    found = list(zip(ids, results, strict=True))
    good = [(image_id, pixels) for image_id, pixels in found if pixels is not None]
    shape = (len(good), size_px, size_px, 3)
    stacked = np.array([pixels for _, pixels in good], np.uint8).reshape(shape)
    unreadable = [image_id for image_id, pixels in found if pixels is None]
    return Chunk([image_id for image_id, _ in good], stacked, unreadable)


def read_small(path: Path, size_px: int) -> Pixels | None:
    """Return the pixels the network is fed, None for a picture that cannot be read."""
    try:
        image = open_strictly(path.read_bytes())
        image.draft("RGB", (DRAFT_FACTOR * size_px, DRAFT_FACTOR * size_px))
        return fit_image(upright_rgb(image), size_px)
    except (BadImage, OSError):
        return None
