"""Features of pictures: what a frozen pretrained network makes of them, and colours.

TensorFlow is loaded only by what computes features, never by importing this.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np

from mlcore.backbones import digest_weights, fetch_backbone_weights
from mlcore.dataset import Pixels, fit_image
from mlcore.decoding import open_rgb
from mlcore.errors import BadImage
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_store import FeatureStore
from mlcore.feature_views import Extractor, Floats, look_by_views
from storage.projects import Project

__all__ = ["FeatureSpec", "FeatureStore", "extract", "fingerprint", "make_extractor"]

# What a kill costs at most: about a second of work.
CHUNK = 128


def fingerprint(spec: FeatureSpec, weights_file: str | None = None) -> str:
    """The spec's key and the digest of the weights in use; WeightsError without."""
    path = fetch_backbone_weights(spec.backbone, weights_file)
    return f"{spec.key}-{digest_weights(path)[:16]}"


def make_extractor(spec: FeatureSpec, weights_file: str | None = None) -> Extractor:
    """A function from uint8 pictures (n, s, s, 3) to float32 features (n, d).

    Loads TensorFlow and the weights, which takes seconds; the last one made is kept
    for the next call. Any number of pictures, `BATCH` at a time.
    """
    return look_by_views(spec, load_backbone(spec, weights_file))


def load_backbone(spec: FeatureSpec, weights_file: str | None = None) -> Extractor:
    """Like `make_extractor`, but only what the network makes of the pictures."""
    return _load_backbone(spec, weights_file, fingerprint(spec, weights_file))


@lru_cache(maxsize=1)
def _load_backbone(
    spec: FeatureSpec, weights_file: str | None, _made_with: str
) -> Extractor:
    from mlcore.backbone_building import compile_backbone

    return compile_backbone(spec, weights_file)


def extract(
    project: Project,
    spec: FeatureSpec,
    images: Sequence[tuple[str, Path]],
    on_progress: Callable[[int, int], None],
    should_stop: Callable[[], bool],
    weights_file: str | None = None,
) -> dict[str, str]:
    """Compute and store the features that are missing; reasons for unreadable ones.

    `images` are SHA-256 and file. Writes in chunks: after `should_stop` (it returns
    then) or a kill, the next call goes on where this one was. Progress counts what
    was there before as done.
    """
    store = FeatureStore(project, spec, fingerprint(spec, weights_file))
    missing = set(store.missing([sha256 for sha256, _ in images]))
    todo = [pair for pair in dict(images).items() if pair[0] in missing]
    total = len({sha256 for sha256, _ in images})
    on_progress(total - len(todo), total)
    if not todo or should_stop():
        return {}
    unreadable: dict[str, str] = {}
    with store.writing():
        extractor = make_extractor(spec, weights_file)
        for done, (sha256s, rows, bad) in _chunks(todo, spec, extractor):
            unreadable |= bad
            store.append(sha256s, rows)
            on_progress(total - len(todo) + done, total)
            if should_stop():
                break
    return unreadable


_Chunk = tuple[list[str], Floats, dict[str, str]]


def _chunks(
    todo: list[tuple[str, Path]], spec: FeatureSpec, extractor: Extractor
) -> Iterator[tuple[int, _Chunk]]:
    """How many are done, and the features of each chunk with what was unreadable."""
    pieces = [todo[at : at + CHUNK] for at in range(0, len(todo), CHUNK)]
    done = 0
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for piece, fitted in zip(
            pieces, _ahead(pool, pieces, spec.size_px), strict=True
        ):
            names = [sha256 for sha256, _ in piece]
            pairs = list(zip(names, fitted, strict=True))
            good = [(name, f) for name, f in pairs if not isinstance(f, str)]
            bad = {name: f for name, f in pairs if isinstance(f, str)}
            pictures = np.stack([f for _, f in good]) if good else _none(spec)
            done += len(piece)
            yield done, ([name for name, _ in good], extractor(pictures), bad)


def _ahead(
    pool: ThreadPoolExecutor, pieces: list[list[tuple[str, Path]]], size_px: int
) -> Iterator[list[Pixels | str]]:
    """The decoded pieces in order, the next one decoded while one is worked on."""
    waiting: deque[list[Future[Pixels | str]]] = deque()
    for piece in pieces:
        waiting.append([pool.submit(_read_fitted, path, size_px) for _, path in piece])
        if len(waiting) > 1:
            yield [future.result() for future in waiting.popleft()]
    while waiting:
        yield [future.result() for future in waiting.popleft()]


def _read_fitted(path: Path, size_px: int) -> Pixels | str:
    try:
        return fit_image(open_rgb(path), size_px)
    except (BadImage, OSError) as error:
        return str(error)


def _none(spec: FeatureSpec) -> Pixels:
    return np.zeros((0, spec.size_px, spec.size_px, 3), np.uint8)
