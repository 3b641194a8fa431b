"""The search for wrong labels in a project: which pictures, what is kept of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mlcore.duplicate_families import alike_families
from mlcore.errors import TrainingError
from mlcore.feature_store import Floats
from mlcore.features import extract
from mlcore.head_questions import YES
from mlcore.known_features import KnownFeatures, features_for
from mlcore.label_errors import (
    Mask,
    find_suspects,
    prepare,
    rank_quality,
    told_well,
)
from mlcore.label_worth import Worth, measure_worth
from mlcore.pixel_hashes import image_file
from mlcore.row_draws import Rows
from mlcore.snapshot import Snapshot, collect_labelled
from storage.projects import Project
from storage.suspects import Suspect, confirmed_cells, last_label_check, put_suspects

LOOKING, ANSWERING, WEIGHING = "looking", "answering", "weighing"
STAGES = {
    LOOKING: "Looking at the pictures",
    ANSWERING: "Asking models that did not learn from a picture what it shows",
    WEIGHING: "Measuring what mending them is worth",
}
FEWEST_IMAGES = 50
# Right on so many whole pictures, a model that contradicts a person is probably right;
# less is enough where mending is measured to help.
RIGHT, RIGHT_IF_WORTH = 0.8, 0.65

# (stage, done, total); may raise to end it.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LabelReport:
    """What a search looked at and found; `worth` is None where nothing is suspected.

    `confirmed` pictures were suspected again although a person called them right; they
    are left out. `told_well` are the ids of labels whose contradictions are probably
    wrong labels, and `probable` pictures have one; of the others the search is too
    often wrong itself. Both are None in a report of before they were told apart.
    """

    images: int
    suspected: int
    confirmed: int
    features: str
    seconds: float
    worth: Worth | None = None
    probable: int | None = None
    told_well: tuple[int, ...] | None = None

    @property
    def right_share(self) -> float | None:
        """Share of all pictures on which every label was read as people have it.

        Those suspected are read otherwise, so only the others can be.
        """
        return self.worth.corrected.before / self.images if self.worth else None

    @property
    def is_certain(self) -> bool:
        """Whether everything suspected is probably wrong, whatever its label."""
        if not self.worth or self.right_share is None:
            return self.told_well is None
        least = RIGHT_IF_WORTH if self.worth.corrected.low > 0 else RIGHT
        return self.right_share >= least

    def is_probable(self, label_id: int) -> bool:
        """Whether a suspected answer to this label is probably wrong."""
        return self.is_certain or label_id in (self.told_well or ())

    @property
    def probable_count(self) -> int:
        """How many of the suspected pictures probably carry a wrong label."""
        return self.suspected if self.is_certain else self.probable or 0

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and words."""
        worth = self.worth.as_json() if self.worth else None
        return asdict(replace(self, worth=None)) | {"worth": worth}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "LabelReport":
        """What `as_json` wrote."""
        worth = data.get("worth")
        told = data.get("told_well")
        read = {
            "worth": Worth.from_json(worth) if worth else None,
            "told_well": None if told is None else tuple(told),
        }
        return cls(**{**data, **read})


def last_report(project: Project) -> tuple[str, LabelReport] | None:
    """When labels were last searched and what was found; None if they never were."""
    found = last_label_check(project)
    return None if found is None else (found[0], LabelReport.from_json(found[1]))


def search_labels(project: Project, tell: Tell) -> LabelReport:
    """Search every labelled picture, keep what is suspected, say what it is worth.

    Pictures that nobody looked at before are looked at first, which loads TensorFlow.
    """
    began = time.monotonic()
    known, snapshot = _look(project, tell)
    rows = _readable_rows(known, snapshot)
    if len(rows) < FEWEST_IMAGES:
        raise TrainingError(
            f"Wrong labels are found by comparing many pictures: {FEWEST_IMAGES} "
            f"labelled ones at least, and there are {len(rows)}."
        )
    x = known.read(_hashes(snapshot, rows))
    y, questions = snapshot.y[rows], snapshot.questions()
    families = _families(project, snapshot, rows)

    def answer(done: int, total: int) -> None:
        tell(ANSWERING, done, total)

    fitting = prepare(x, y, questions, families, answer)
    p = fitting.answer(y, np.ones(len(y), bool), answer)
    wrong = find_suspects(y, p, questions)
    kept, confirmed = _without_confirmed(project, snapshot, rows, wrong)
    worth = None
    if kept.any():
        worth = measure_worth(fitting, y, p, kept, lambda d, t: tell(WEIGHING, d, t))
    told = told_well(y, p, questions)
    report = LabelReport(
        len(rows),
        int(kept.any(axis=1).sum()),
        confirmed,
        known.spec.key,
        round(time.monotonic() - began, 1),
        worth,
        int(kept[:, told].any(axis=1).sum()),
        tuple(snapshot.labels[at].label_id for at in told),
    )
    put_suspects(project, _suspects(snapshot, rows, p, kept), report.as_json())
    return report


def _look(project: Project, tell: Tell) -> tuple[KnownFeatures, Snapshot]:
    """The features of every labelled picture, computed where they are missing."""
    known = features_for(project, [])
    snapshot = collect_labelled(project, known.config)
    hashes = _hashes(snapshot, np.arange(len(snapshot.images)))
    known = features_for(project, hashes)
    if known.store.missing(hashes):
        from mlcore.quiet import import_tensorflow

        import_tensorflow()
    pairs = [
        (sha256, image_file(project, sha256, ext))
        for sha256, ext in zip(hashes, snapshot.images["ext"], strict=True)
    ]
    extract(
        project,
        known.spec,
        pairs,
        lambda done, total: tell(LOOKING, done, total),
        lambda: False,
        known.config.weights_file,
    )
    return known, snapshot


def _readable_rows(known: KnownFeatures, snapshot: Snapshot) -> Rows:
    hashes = _hashes(snapshot, np.arange(len(snapshot.images)))
    missing = set(known.store.missing(hashes))
    return np.array(
        [at for at, one in enumerate(hashes) if one not in missing], np.intp
    )


def _hashes(snapshot: Snapshot, rows: Rows) -> list[str]:
    return [str(one) for one in snapshot.images["sha256"].iloc[rows]]


def _families(
    project: Project, snapshot: Snapshot, rows: Rows
) -> list[tuple[int, ...]]:
    """Places of pictures that are copies of each other."""
    ids = snapshot.images["image_id"].to_numpy()[rows]
    place = {int(image_id): at for at, image_id in enumerate(ids)}
    found = [
        tuple(place[image_id] for image_id in family if image_id in place)
        for family in alike_families(project)
    ]
    return [family for family in found if len(family) > 1]


def _without_confirmed(
    project: Project, snapshot: Snapshot, rows: Rows, wrong: Mask
) -> tuple[Mask, int]:
    """What is suspected and nobody called right; how many pictures that leaves out."""
    cells = confirmed_cells(project)
    kept = wrong.copy()
    for at, column in zip(*np.nonzero(wrong), strict=True):
        image_id, label_id, value = _cell(snapshot, rows[at], column)
        if (image_id, label_id, value) in cells:
            kept[at, column] = False
    gone = wrong.any(axis=1) & ~kept.any(axis=1)
    return kept, int(gone.sum())


def _suspects(
    snapshot: Snapshot, rows: Rows, p: Floats, wrong: Mask
) -> Sequence[Suspect]:
    if not wrong.any():
        return []
    quality = rank_quality(snapshot.y[rows], p)
    return [
        Suspect(
            *_cell(snapshot, rows[at], column),
            probability=round(float(p[at, column]), 6),
            quality=round(float(quality[at]), 6),
        )
        for at, column in zip(*np.nonzero(wrong), strict=True)
    ]


def _cell(snapshot: Snapshot, row: int, column: int) -> tuple[int, int, bool]:
    """Image, label and answer."""
    image_id = int(snapshot.images["image_id"].iloc[row])
    is_yes = bool(snapshot.y[row, column] == YES)
    return image_id, snapshot.labels[column].label_id, is_yes
