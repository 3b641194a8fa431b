"""Near copies: how many are found, how many pairs are none, and how long it takes.

Real photos are re-encoded, resized, cut and lit otherwise, and looked for among
their originals; then 2,160 photos end to end in the process the app uses, and
100,000 synthetic hashes.

Run: python -m benchmarks.near_duplicates
"""

import io
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from benchmarks.coverage_speed import insert_rows
from benchmarks.measure import (
    Figure,
    find_data,
    median_ms,
    print_figures,
    temporary_home,
)
from mlcore.data_health import find_all
from mlcore.health_jobs import has_work
from mlcore.image_facts import (
    CHROMA_BYTES,
    DESCRIPTOR_BYTES,
    HASH_BITS,
    VERSION,
    describe,
    perceptual_hash,
)
from mlcore.importing import ImportOptions, run_import
from mlcore.near_duplicates import MOST_BITS_APART, find_pairs
from mlcore.similarity import order_by_likeness
from storage.facts import (
    ImageFacts,
    near_duplicate_pairs,
    put_facts,
    put_near_duplicates,
)
from storage.images import list_image_ids
from storage.projects import create_project, open_project

SETS = ("fashion", "apparel")
SAMPLE = 200
DISTANCES = (8, 16, 24, 32, 40, 48)
SYNTHETIC = 100_000
PLANTED = 5_000

Picture = Image.Image


def encode(picture: Picture, quality: int) -> Picture:
    """Return the picture as a JPEG of this quality."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def cut(picture: Picture, share: float) -> Picture:
    """Return the picture without this share of its width and height."""
    width, height = picture.size
    x, y = round(width * share / 2), round(height * share / 2)
    return picture.crop((x, y, width - x, height - y))


def scale(picture: Picture, factor: float) -> Picture:
    """Return the picture in another size."""
    width, height = picture.size
    return picture.resize((round(width * factor), round(height * factor)))


CHANGES: dict[str, Callable[[Picture], Picture]] = {
    "JPEG, quality 70": lambda p: encode(p, 70),
    "JPEG, quality 30": lambda p: encode(p, 30),
    "half the size": lambda p: scale(p, 0.5),
    "twice the size": lambda p: scale(p, 2),
    "15 % brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.15),
    "20 % darker": lambda p: ImageEnhance.Brightness(p).enhance(0.8),
    "20 % more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.2),
    "1.5 % cut": lambda p: cut(p, 0.015),
    "3 % cut": lambda p: cut(p, 0.03),
    "6 % cut": lambda p: cut(p, 0.06),
    "half, JPEG 50, 2 % cut": lambda p: encode(cut(scale(p, 0.5), 0.02), 50),
}


def read_photos(folder: Path) -> list[Picture]:
    """Return the photos of a folder, equal files once."""
    files = {path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}
    return [Image.open(io.BytesIO(data)).convert("RGB") for data in sorted(files)]


def fingerprint(picture: Picture) -> bytes:
    """Return hash and colours of a picture in one row."""
    return perceptual_hash(picture) + describe(picture)[:CHROMA_BYTES]


def split_rows(rows: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return hashes and colours as `find_pairs` takes them."""
    table = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)
    return table[:, : HASH_BITS // 8].copy(), table[:, HASH_BITS // 8 :].copy()


def print_recall(photos: list[Picture]) -> None:
    """Print, for each change, how many changed photos are found by their originals."""
    chosen = random.Random(1).sample(photos, SAMPLE)
    originals = [fingerprint(photo) for photo in chosen]
    print("| change | " + " | ".join(f"≤ {d} bits" for d in DISTANCES) + " | found |")
    print("|---|" + "---|" * (len(DISTANCES) + 1))
    for words, change in CHANGES.items():
        changed = [fingerprint(change(photo)) for photo in chosen]
        hashes, colours = split_rows(originals + changed)
        apart = np.bitwise_count(hashes[:SAMPLE] ^ hashes[SAMPLE:]).sum(axis=1)
        pairs = {(int(a), int(b)) for a, b, _ in find_pairs(hashes, colours).T}
        found = sum((i, i + SAMPLE) in pairs for i in range(SAMPLE)) / SAMPLE
        shares = " | ".join(f"{(apart <= d).mean():.2f}" for d in DISTANCES)
        print(f"| {words} | {shares} | **{found:.2f}** |")


def print_pairs(photos: list[Picture]) -> None:
    """Print how many pairs of unchanged photos each distance gives, by two rules."""
    hashes, colours = split_rows([fingerprint(photo) for photo in photos])
    counts = np.zeros(HASH_BITS + 1, np.int64)
    for row in range(len(hashes) - 1):
        apart = np.bitwise_count(hashes[row + 1 :] ^ hashes[row]).sum(axis=1)
        counts += np.bincount(apart, minlength=HASH_BITS + 1)
    shape_only = [int(counts[: d + 1].sum()) for d in DISTANCES]
    both = find_pairs(hashes, colours)[2]
    print(f"Pairs among {len(photos):,} unchanged photos, by shape: ", end="")
    print(", ".join(f"{n} ≤ {d}" for d, n in zip(DISTANCES, shape_only, strict=True)))
    print(f"by shape and colour, ≤ {MOST_BITS_APART}: {len(both)}")


def time_photos() -> list[Figure]:
    """Measure 2,160 photos in a fresh process, as the app does."""
    with create_project("photos") as project:
        source = find_data("fashion")
        run_import(project, source, ImportOptions(), who="benchmark")
    started = time.perf_counter()
    command = [sys.executable, "-m", "mlcore.facts_worker", "photos"]
    subprocess.run(command, check=True)
    seconds = time.perf_counter() - started
    with open_project("photos") as project:
        pairs = len(near_duplicate_pairs(project))
    return [
        Figure("2,160 photos: process, facts, search", seconds, "s", "20 or less"),
        Figure("look-alikes found in them", pairs, "pairs", "–"),
    ]


def time_hashes() -> list[Figure]:
    """Measure the search in random hashes with planted copies."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (SYNTHETIC, HASH_BITS // 8), np.uint8)
    colours = rng.integers(100, 156, (SYNTHETIC, CHROMA_BYTES), np.uint8)
    flips = rng.random((PLANTED, HASH_BITS)) < MOST_BITS_APART / HASH_BITS / 2
    hashes[-PLANTED:] = hashes[:PLANTED] ^ np.packbits(flips, axis=1)
    colours[-PLANTED:] = colours[:PLANTED]
    started = time.perf_counter()
    found = find_pairs(hashes, colours).shape[1]
    seconds = time.perf_counter() - started
    return [
        Figure("search in 100,000 hashes", seconds, "s", "in the background"),
        Figure("of 5,000 planted copies", found, "found", "4,950 or more"),
    ]


def time_project() -> list[Figure]:
    """Measure 100,000 measured images: sorted by likeness, and every check."""
    with create_project("rows") as project:
        insert_rows(project, [""] * SYNTHETIC)
        ids = list_image_ids(project)
        put_facts(project, VERSION, map(draw_facts, ids))
        put_near_duplicates(project, [(i, i + 1, 8) for i in range(1, PLANTED, 2)])
        likeness = [
            time_one(lambda i=i: order_by_likeness(project, ids, i)) for i in ids[:5]
        ]
        checks = [time_one(lambda: find_all(project)) for _ in range(3)]
        idle = [time_one(lambda: has_work(project)) for _ in range(3)]
    return [
        Figure("sort 100,000 by likeness", median_ms(likeness), "ms", "300 or less"),
        Figure("every check, 100,000 images", median_ms(checks), "ms", "–"),
        Figure("is there anything to measure?", median_ms(idle), "ms", "–"),
    ]


def draw_facts(image_id: int) -> ImageFacts:
    """Return plausible facts drawn by chance."""
    drawn = random.Random(image_id).randbytes(HASH_BITS // 8 + DESCRIPTOR_BYTES)
    hexadecimal = drawn[: HASH_BITS // 8].hex()
    descriptor = drawn[HASH_BITS // 8 :]
    pixels = hexadecimal[:32]
    return ImageFacts(image_id, hexadecimal, pixels, 0.6, 0.2, 0.1, descriptor)


def time_one(work: Callable[[], object]) -> float:
    """Return how many seconds a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    for name in SETS:
        source = find_data(name)
        if not source.exists():
            sys.exit(f"{source} is missing; set UNSEEN_DATA to a folder that has it.")
        photos = read_photos(source)
        print(f"\n## {name}, {SAMPLE} of {len(photos):,} photos changed\n")
        print_recall(photos)
        print()
        print_pairs(photos)
    print()
    with temporary_home():
        print_figures([*time_photos(), *time_hashes(), *time_project()])


if __name__ == "__main__":
    main()
