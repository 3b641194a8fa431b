"""Which training pictures are most like a picture, by frozen features. No TensorFlow.

Exact: every training picture is compared, some thousands at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from mlcore.feature_store import Floats
from mlcore.known_features import KnownFeatures, features_for
from mlcore.row_draws import draw_some
from mlcore.snapshot import TABLE_NAME, YES, Snapshot, load_snapshot
from storage.projects import Project
from storage.records import Run
from storage.runs import run_dir

Rows = npt.NDArray[np.intp]

MOST = 5
CHUNK = 4096
# A channel's usual mean and spread are known well enough from so many pictures.
STANDARD_FROM = 2000
KEPT = 2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training picture, its labels then, and the cosine of the angle to it."""

    image_id: int
    sha256: str
    label_ids: tuple[int, ...]
    likeness: float


class TrainingPictures:
    """The pictures a run trained on, ready to be compared with others."""

    def __init__(self, snapshot: Snapshot, known: KnownFeatures, most: int = 0):
        """Of more than `most` pictures so many are drawn; 0 for all."""
        rows = snapshot.rows_of("train")
        hashes = snapshot.images["sha256"].to_numpy()
        missing = set(known.store.missing(hashes[rows].tolist()))
        rows = np.array([row for row in rows if hashes[row] not in missing], np.intp)
        self.rows: Rows = draw_some(rows, most, 0) if most else rows
        self.hashes = [str(one) for one in hashes[self.rows]]
        self.snapshot, self.known = snapshot, known
        some = known.read(
            [str(one) for one in hashes[draw_some(rows, STANDARD_FROM, 0)]]
        )
        self.mean = some.mean(axis=0) if len(some) else 0.0
        self.missing = len(missing)
        self.spread = np.maximum(some.std(axis=0), 1e-3) if len(some) else 1.0

    def is_outdated(self) -> bool:
        """Whether features came or went since."""
        rows = self.snapshot.rows_of("train")
        hashes = self.snapshot.images["sha256"].iloc[rows].astype(str).tolist()
        return len(self.known.store.missing(hashes)) != self.missing

    def nearest(
        self, features: Floats, most: int = MOST, apart_from: Sequence[str] = ()
    ) -> list[list[Neighbour]]:
        """For each row of features (m, d) the most alike first.

        A picture is no neighbour of itself: `apart_from` has the SHA-256 of each row.
        """
        asked = self._turn(features)
        found = np.zeros((len(features), 0), np.float32)
        places = np.zeros((len(features), 0), np.intp)
        with threadpool_limits(1, user_api="blas"):
            for start in range(0, len(self.rows), CHUNK):
                part = self._turn(self.known.read(self.hashes[start : start + CHUNK]))
                own = np.broadcast_to(
                    np.arange(start, start + len(part)), (len(asked), len(part))
                )
                found = np.hstack([found, asked @ part.T])
                places = np.hstack([places, own])
                order = np.argsort(-found, axis=1, kind="stable")[:, : most + 1]
                found = np.take_along_axis(found, order, axis=1)
                places = np.take_along_axis(places, order, axis=1)
        selves = list(apart_from) or [""] * len(features)
        return [
            [
                self._name(place, float(value))
                for place, value in zip(*pair, strict=True)
                if self.hashes[place] != own_hash
            ][:most]
            for *pair, own_hash in zip(places, found, selves, strict=True)
        ]

    def nearest_to(
        self, sha256s: Sequence[str], most: int = MOST
    ) -> dict[str, list[Neighbour]]:
        """The most alike of each picture; those never looked at are missing."""
        missing = set(self.known.store.missing(list(sha256s)))
        known = [one for one in dict.fromkeys(sha256s) if one not in missing]
        if not known or not len(self.rows):
            return {}
        found = self.nearest(self.known.read(known), most, known)
        return dict(zip(known, found, strict=True))

    def _turn(self, features: Floats) -> Floats:
        standard = (features - self.mean) / self.spread
        lengths = np.linalg.norm(standard, axis=1, keepdims=True)
        return np.asarray(standard / np.maximum(lengths, 1e-9), np.float32)

    def _name(self, place: int, likeness: float) -> Neighbour:
        row = self.rows[place]
        labels = self.snapshot.labels
        yes = np.flatnonzero(self.snapshot.y[row] == YES)
        image_id = int(self.snapshot.images["image_id"].iloc[row])
        ids = tuple(labels[at].label_id for at in yes)
        return Neighbour(image_id, self.hashes[place], ids, round(likeness, 4))


_kept: dict[tuple[str, str, int, int], TrainingPictures] = {}


def training_pictures(project: Project, run: Run, most: int = 0) -> TrainingPictures:
    """The training pictures of a run; MLError where they cannot be compared.

    The last ones are kept in memory, without their features.
    """
    snapshot_file = run_dir(project, run.run_id) / TABLE_NAME
    changed_ns = snapshot_file.stat().st_mtime_ns if snapshot_file.exists() else 0
    key = (str(project.folder), run.run_id, most, changed_ns)
    found = _kept.get(key)
    if found is None or found.is_outdated():
        snapshot = load_snapshot(run_dir(project, run.run_id))
        known = features_for(project, _train_hashes(snapshot), run)
        found = TrainingPictures(snapshot, known, most)
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
    return found


def _train_hashes(snapshot: Snapshot) -> list[str]:
    return [
        str(one) for one in snapshot.images["sha256"].iloc[snapshot.rows_of("train")]
    ]
