"""A project's features made ready for “what looks like this”: exact, in memory.

The index is a file beside the features and disposable: what is damaged, or of
features that were computed anew, is made again.
"""

import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mlcore.feature_spec import FeatureSpec
from mlcore.feature_store import FeatureStore
from mlcore.similar_lens import FITTED_ON, Floats, Lens, fit_lens
from storage.files import write_durably

NAME = "similar.npz"
VERSION = 1
ROWS_AT_ONCE = 2_000
INDEXES_KEPT = 2
# Twice the pictures may look otherwise altogether.
GROWN = 2
Digests = npt.NDArray[np.uint8]
Mark = tuple[object, ...]

_lock = threading.Lock()
_kept: "OrderedDict[Path, tuple[Mark, Index]]" = OrderedDict()


@dataclass(frozen=True, slots=True)
class Index:
    """Vectors of length one by content.

    `fitted` is how many pictures there were when the lens was made, `made_with` the
    fingerprint of the features.
    """

    lens: Lens
    digests: Digests
    vectors: Floats
    fitted: int
    made_with: str

    def vector_of(self, sha256: str) -> Floats | None:
        """What a picture is compared by, None if it is not in the index."""
        wanted = np.frombuffer(bytes.fromhex(sha256), np.uint8)
        # The first bytes tell nearly all apart.
        near = np.flatnonzero((self.digests[:, :4] == wanted[:4]).all(axis=1))
        same = near[(self.digests[near] == wanted).all(axis=1)]
        return self.vectors[same[0]] if len(same) else None

    def look(self, features: Floats) -> Floats:
        """What a picture from elsewhere is compared by."""
        return np.asarray(self.lens(features.reshape(1, -1))[0])

    def nearest(self, vector: Floats) -> Iterator[tuple[str, float]]:
        """All contents with how alike they are (-1 to 1), the most alike first."""
        alike = self.vectors @ vector
        # Few are asked for mostly: sorting all comes last.
        near = min(1_000, len(alike))
        first = np.argpartition(-alike, near - 1)[:near] if near else np.zeros(0, int)
        yield from self._ordered(first, alike)
        rest = np.setdiff1d(np.arange(len(alike)), first)
        yield from self._ordered(rest, alike)

    def _ordered(
        self, places: npt.NDArray[np.integer], alike: Floats
    ) -> Iterator[tuple[str, float]]:
        for at in places[np.argsort(-alike[places], kind="stable")]:
            yield self.digests[at].tobytes().hex(), float(alike[at])


def index_of(spec: FeatureSpec, store: FeatureStore) -> Index:
    """The index of all that is stored; what came in since is added to it."""
    with _lock:
        mark, index = store.mark, None
        known_mark, known = _kept.pop(store.folder, (None, None))
        if known is None or known_mark != mark:
            known = known or _read(store.folder / NAME)
            index = _brought_up(spec, store, known)
            if index is not known:
                _write(store.folder / NAME, index)
        index = index or known
        assert index is not None
        _kept[store.folder] = mark, index
        while len(_kept) > INDEXES_KEPT:
            _kept.popitem(last=False)
    return index


def _brought_up(spec: FeatureSpec, store: FeatureStore, known: Index | None) -> Index:
    hashes, made_with = store.stored(), store.made_with
    digests = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8).reshape(-1, 32)
    if known is None or not _is_start_of(known, digests, made_with):
        lens = _fit(spec, store, hashes)
        vectors = np.concatenate([*_project(lens, store, hashes)])
        return Index(lens, digests, vectors, len(hashes), made_with)
    count = len(known.digests)
    if count == len(digests):
        return known
    fresh = [*_project(known.lens, store, hashes[count:])]
    vectors = np.concatenate([known.vectors, *fresh])
    return replace(known, digests=digests, vectors=vectors)


def _is_start_of(known: Index, digests: Digests, made_with: str) -> bool:
    """Whether an index is of the first of these, and not outgrown."""
    count = len(known.digests)
    return (
        known.made_with == made_with
        and count <= len(digests) < GROWN * max(known.fitted, 1)
        and np.array_equal(known.digests, digests[:count])
    )


def _fit(spec: FeatureSpec, store: FeatureStore, hashes: Sequence[str]) -> Lens:
    step = max(1, len(hashes) // FITTED_ON)
    return fit_lens(spec, store.read(hashes[::step][:FITTED_ON]))


def _project(
    lens: Lens, store: FeatureStore, hashes: Sequence[str]
) -> Iterator[Floats]:
    for start in range(0, len(hashes), ROWS_AT_ONCE):
        yield lens(store.read(hashes[start : start + ROWS_AT_ONCE]))


def _write(path: Path, index: Index) -> None:
    basis = index.lens.basis
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        about=np.array([VERSION, index.fitted, index.lens.colours_at], np.int64),
        made_with=np.array(index.made_with),
        mean=index.lens.mean,
        scale=index.lens.scale,
        basis=np.zeros((0, 0), np.float32) if basis is None else basis,
        digests=index.digests,
        vectors=index.vectors,
    )
    write_durably(path, buffer.getvalue())


def _read(path: Path) -> Index | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as table:
            version, fitted, colours_at = table["about"].tolist()
            basis = table["basis"] if table["basis"].size else None
            lens = Lens(colours_at, table["mean"], table["scale"], basis)
            kept = table["digests"], table["vectors"]
            index = Index(lens, *kept, fitted, str(table["made_with"]))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    is_whole = len(index.digests) == len(index.vectors)
    return index if version == VERSION and is_whole else None
