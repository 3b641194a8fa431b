"""Fingerprints of decoded pixels: the same picture saved twice is found.

Known from the image's facts once it was measured; until then kept in the project's
folder as lines "sha256 fingerprint", so that each image is decoded once. The file is
disposable.
"""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image as PillowImage

from mlcore.errors import BadImage
from mlcore.images import open_rgb
from storage.facts import known_pixel_hashes
from storage.projects import Project, images_dir

CACHE_NAME = "pixel-hashes.txt"


def pixel_hash(image: PillowImage.Image) -> str:
    """32 hex digits that only pictures with equal size and RGB pixels share."""
    rgb = image.convert("RGB")
    digest = hashlib.sha256(f"{rgb.width}x{rgb.height}:".encode())
    digest.update(rgb.tobytes())
    return digest.hexdigest()[:32]


def remember(project: Project, hashes: Iterable[tuple[str, str]]) -> None:
    """Keep (sha256, pixel hash) pairs of images decoded anyway, as at import."""
    text = "".join(f"{sha256} {pixels}\n" for sha256, pixels in hashes)
    with (project.folder / CACHE_NAME).open("a", encoding="ascii") as file:
        file.write(text)


def hashes_of(project: Project, images: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Pixel hash per sha256 for images given as (sha256, ext).

    An image that cannot be read gets its own sha256: equal to no other.
    """
    wanted = dict(images)
    known = known_pixel_hashes(project) | _read_cache(project.folder / CACHE_NAME)
    missing = [(sha256, ext) for sha256, ext in wanted.items() if sha256 not in known]
    if missing:
        paths = [image_file(project, sha256, ext) for sha256, ext in missing]
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = list(pool.map(_hash_file, paths))
        fresh = {
            sha256: pixels for (sha256, _), pixels in zip(missing, found, strict=True)
        }
        remember(project, fresh.items())
        known |= fresh
    return {sha256: known[sha256] for sha256 in wanted}


def image_file(project: Project, sha256: str, ext: str) -> Path:
    """Where the original of that content lies."""
    return images_dir(project) / sha256[:2] / sha256[2:4] / f"{sha256}.{ext}"


def _hash_file(path: Path) -> str:
    try:
        return pixel_hash(open_rgb(path))
    except (BadImage, OSError):
        return path.stem


def _read_cache(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    pairs = (line.split() for line in path.read_text("ascii", "replace").splitlines())
    # A line cut by a crash has fewer parts or a short hash: decoded again.
    return {
        pair[0]: pair[1]
        for pair in pairs
        if len(pair) == 2 and len(pair[0]) == 64 and len(pair[1]) in (32, 64)
    }
