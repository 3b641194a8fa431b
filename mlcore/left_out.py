"""What leaving each combination out of training taught, kept beside the project.

A model that never saw a combination is asked about the pictures that show it: the
only honest measure of what happens with combinations the data lacks. Pure reading and
writing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlcore.scores import wilson
from storage.files import write_durably
from storage.projects import Project
from storage.records import Run

FOLDER = "left_out"
# What `quick` fits, and what `compositional` does.
PLAIN, COMPOSITIONAL = "plain", "compositional"
KEPT_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class LeftOutCombination:
    """One combination, left out of training; `right` of its `images` were answered.

    With a `reason` it could not be left out, and `right` is 0.
    """

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    images: int
    right: int = 0
    reason: str = ""

    @property
    def share(self) -> float | None:
        """The part answered exactly right; None where it was not tried."""
        return None if self.reason or not self.images else self.right / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the share."""
        return wilson(self.right, 0 if self.reason else self.images)


@dataclass(frozen=True, slots=True)
class LeftOutStudy:
    """All combinations of one snapshot, each left out in turn, for one kind of head.

    `seen_right` of `seen_images` held-out pictures of combinations that stayed in
    were answered exactly right: over all the fits.
    """

    head: str
    combinations: tuple[LeftOutCombination, ...]
    seen_right: int
    seen_images: int
    seconds: float
    data_sha256: str
    features: str
    made_at: str = ""

    @property
    def tried(self) -> tuple[LeftOutCombination, ...]:
        """Those that could be left out."""
        return tuple(c for c in self.combinations if c.share is not None)

    @property
    def right(self) -> int:
        """Pictures of left-out combinations answered right, of `images`."""
        return sum(c.right for c in self.tried)

    @property
    def images(self) -> int:
        """Pictures of left-out combinations."""
        return sum(c.images for c in self.tried)

    @property
    def share(self) -> float | None:
        """The mean over combinations: each counts the same, however many pictures."""
        shares = [c.share for c in self.tried if c.share is not None]
        return sum(shares) / len(shares) if shares else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of `share`.

        A mean over k combinations of n_i pictures is as certain as a share of
        k² / sum(1 / n_i) pictures.
        """
        if self.share is None:
            return wilson(0, 0)
        spread = sum(1 / c.images for c in self.tried)
        worth = max(1, round(len(self.tried) ** 2 / spread))
        return wilson(round(self.share * worth), worth)

    @property
    def seen_share(self) -> float | None:
        """The part of held-out pictures of seen combinations answered right."""
        return self.seen_right / self.seen_images if self.seen_images else None

    def of(self, label_ids: Sequence[int]) -> LeftOutCombination | None:
        """What is known of one combination."""
        wanted = sorted(label_ids)
        return next(
            (c for c in self.combinations if sorted(c.label_ids) == wanted), None
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, as it is kept."""
        return asdict(self)

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> "LeftOutStudy":
        """The study that `as_json` wrote; KeyError or TypeError for anything else."""
        rows = tuple(
            LeftOutCombination(
                tuple(row["label_ids"]),
                tuple(row["names"]),
                int(row["images"]),
                int(row["right"]),
                str(row["reason"]),
            )
            for row in found["combinations"]
        )
        return LeftOutStudy(**{**found, "combinations": rows})


def keep_studies(project: Project, studies: Sequence[LeftOutStudy]) -> None:
    """Write the studies of one snapshot; those of the oldest snapshots go."""
    if not studies:
        return
    folder = project.folder / FOLDER
    folder.mkdir(exist_ok=True)
    text = json.dumps([study.as_json() for study in studies], ensure_ascii=False)
    write_durably(_path(project, studies[0].data_sha256), text.encode())
    for path in _newest_first(folder)[KEPT_AT_MOST:]:
        path.unlink(missing_ok=True)


def studies_of(project: Project, data_sha256: str) -> dict[str, LeftOutStudy]:
    """The studies of that data by kind of head; none if it was never studied."""
    return _read(_path(project, data_sha256)) if data_sha256 else {}


def newest_studies(project: Project) -> dict[str, LeftOutStudy]:
    """The studies made last in the project, by kind of head."""
    folder = project.folder / FOLDER
    for path in _newest_first(folder) if folder.is_dir() else ():
        if found := _read(path):
            return found
    return {}


def study_of_run(project: Project, run: Run) -> LeftOutStudy | None:
    """What is known of unseen combinations for the kind of model that run trained.

    None where it was not studied on the same data, or the run trained a network of
    its own: how that would do cannot be told from frozen features.
    """
    if run.config.get("network") != "features":
        return None
    is_joint = run.config.get("feature_head") == "joint"
    found = studies_of(project, run.data_sha256 or "")
    return found.get(COMPOSITIONAL if is_joint else PLAIN)


def _path(project: Project, data_sha256: str) -> Path:
    return project.folder / FOLDER / f"{data_sha256[:32]}.json"


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda p: -p.stat().st_mtime_ns)


def _read(path: Path) -> dict[str, LeftOutStudy]:
    """A damaged file is as good as none: the study can be made again."""
    try:
        found = [LeftOutStudy.from_json(row) for row in json.loads(path.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {study.head: study for study in found}
