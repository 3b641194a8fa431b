"""Features of real photos for `benchmarks.unseen`, computed once and kept in a file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import find_data
from mlcore.dataset import fit_image
from mlcore.decoding import open_rgb
from mlcore.feature_spec import FeatureSpec
from mlcore.head_questions import Question

SPEC = FeatureSpec(size_px=224, view="both")
CHUNK = 128
ENDINGS = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True)
class Photos:
    """Features (n, d), answers (n, L) and values (n, 2) of photos in named folders.

    Photos that lie in no folder of their own have no answers.
    """

    names: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    questions: tuple[Question, ...]
    labels: tuple[tuple[str, ...], ...]

    def name_of(self, values: tuple[int, ...]) -> str:
        """ "black dress" of its values."""
        return " ".join(names[v] for names, v in zip(self.labels, values, strict=True))


def read_photos(data: str, cache: Path) -> Photos:
    """The photos of a folder per combination, "black_dress"; exact copies once."""
    folder = find_data(data)
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    paths = list({path.read_bytes(): path for path in reversed(paths)}.values())[::-1]
    x = _read_features(paths, cache / f"{data}-{SPEC.key}-{len(paths)}.npy")
    names = tuple(path.name for path in paths)
    words = [path.parent.name.split("_") for path in paths]
    if any(len(word) != 2 for word in words):
        return Photos(names, x, np.zeros((len(x), 0), np.int8), x[:, :0], (), ())
    labels = tuple(tuple(sorted({word[at] for word in words})) for at in (0, 1))
    values = np.array([[labels[at].index(w[at]) for at in (0, 1)] for w in words])
    starts = (0, len(labels[0]))
    questions = tuple(
        Question("exactly-one", tuple(range(start, start + len(own))))
        for start, own in zip(starts, labels, strict=True)
    )
    y = np.zeros((len(x), sum(map(len, labels))), np.int8)
    for at, start in enumerate(starts):
        y[np.arange(len(y)), start + values[:, at]] = 1
    return Photos(names, x, y, values, questions, labels)


def _read_features(paths: list[Path], kept: Path) -> np.ndarray:
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, _compute(paths))
    return np.load(kept, allow_pickle=False)


def _compute(paths: list[Path]) -> np.ndarray:
    from mlcore.features import make_extractor
    from mlcore.quiet import import_tensorflow

    import_tensorflow()
    extractor = make_extractor(SPEC)
    rows = []
    with ThreadPoolExecutor(2) as pool:
        for at in range(0, len(paths), CHUNK):
            part = paths[at : at + CHUNK]
            fitted = pool.map(lambda p: fit_image(open_rgb(p), SPEC.size_px), part)
            rows.append(extractor(np.stack(list(fitted))))
    return np.concatenate(rows)
