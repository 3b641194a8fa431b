"""Two runs on the same held-out pictures: better, worse or the same, label by label.

Only pictures that neither trained on are asked, and only labels both know. Whether a
difference is more than chance is McNemar's exact test; for many labels the p values
are corrected (Holm). No TensorFlow.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.errors import MLError, PredictionError
from mlcore.evaluation import SPLITS, HeldOut, load_held_out
from mlcore.measured import MEASURED
from mlcore.paired_tests import ALPHA, holm, mcnemar_exact
from mlcore.run_pairs_left_out import LeftOutShares, left_out_shares
from mlcore.scores import Interval, wilson
from mlcore.snapshot import UNKNOWN, YES
from storage.projects import Project

BETTER, WORSE, SAME = "better", "worse", "same"


@dataclass(frozen=True, slots=True)
class Tally:
    """Right answers of two runs to the same pictures, of one label or of all.

    `gained` pictures are right only with the new run, `lost` only with the old;
    `p` is corrected for the number of labels, `p_alone` is not.
    """

    name: str
    images: int
    old_right: int
    new_right: int
    gained: int
    lost: int
    p_alone: float
    p: float

    @property
    def verdict(self) -> str:
        """better, worse, or same: no difference that these pictures can show."""
        if self.p >= ALPHA:
            return SAME
        return BETTER if self.gained > self.lost else WORSE

    def interval(self, *, of_new: bool) -> Interval:
        """The Wilson interval of one run's share right."""
        return wilson(self.new_right if of_new else self.old_right, self.images)

    def as_json(self) -> dict[str, Any]:
        """Return the figures and the verdict."""
        found = {key: value for key, value in asdict(self).items() if key != "name"}
        return {"label": self.name, "verdict": self.verdict} | found


@dataclass(frozen=True, slots=True)
class Flip:
    """A picture on which one of the runs alone is right; names of labels."""

    image_id: int
    labelled: tuple[str, ...]
    old_said: tuple[str, ...]
    new_said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunPair:
    """Two runs on the pictures both kept out; `notes` say what was left aside, why.

    On `mended` pictures all labels became right, on `broken` ones no longer are; the
    new run's surest first.
    """

    old: str
    new: str
    split: str
    images: int
    exact: Tally
    labels: tuple[Tally, ...]
    mended: tuple[Flip, ...]
    broken: tuple[Flip, ...]
    notes: tuple[str, ...] = ()
    left_out: LeftOutShares = field(default_factory=LeftOutShares)

    def as_json(self) -> dict[str, Any]:
        """Return everything as data."""
        return {
            "old": self.old,
            "new": self.new,
            "split": self.split,
            "images": self.images,
            "exact_match": self.exact.as_json(),
            "labels": [tally.as_json() for tally in self.labels],
            "mended": [asdict(flip) for flip in self.mended],
            "broken": [asdict(flip) for flip in self.broken],
            "notes": list(self.notes),
            "left_out": self.left_out.as_json(),
        }


@dataclass(frozen=True, slots=True)
class _Both:
    """What both runs say of the same pictures and labels; all arrays are (n, L)."""

    names: tuple[str, ...]
    y: NDArray[np.int8]
    old_said: NDArray[np.bool_]
    new_said: NDArray[np.bool_]
    new_probabilities: NDArray[np.floating]
    image_ids: NDArray[np.int64]


def compare_pair(project: Project, old: str, new: str) -> RunPair:
    """Compare two runs; PredictionError says why they cannot be compared."""
    *found, split = _load_both(project, old, new)
    both, notes = _match(*found)
    is_known, (right_old, right_new) = both.y != UNKNOWN, _right(both)
    labels = [
        _tally(name, right_old[known, at], right_new[known, at])
        for at, (name, known) in enumerate(zip(both.names, is_known.T, strict=True))
    ]
    corrected = holm([tally.p_alone for tally in labels])
    exact_old, exact_new = right_old.all(axis=1), right_new.all(axis=1)
    gravity = np.abs((both.y == YES) - both.new_probabilities).sum(axis=1)
    return RunPair(
        old,
        new,
        split,
        len(both.y),
        _tally("", exact_old, exact_new),
        tuple(replace(t, p=p) for t, p in zip(labels, corrected, strict=True)),
        _flips(both, exact_new & ~exact_old, gravity),
        _flips(both, exact_old & ~exact_new, -gravity),
        tuple(notes),
        left_out_shares(project, old, new),
    )


def compare_exact(project: Project, old: str, new: str) -> Tally:
    """Return `exact` of `compare_pair`, at a fraction of its work."""
    right = _right(_match(*_load_both(project, old, new)[:2])[0])
    return _tally("", right[0].all(axis=1), right[1].all(axis=1))


def _right(both: _Both) -> NDArray[np.bool_]:
    """Return (2, n, L) where each run is right; what nobody answered counts so."""
    is_said = np.stack([both.old_said, both.new_said]) == (both.y == YES)
    return np.asarray(is_said | (both.y == UNKNOWN))


def _tally(
    name: str, old_right: NDArray[np.bool_], new_right: NDArray[np.bool_]
) -> Tally:
    gained = int((new_right & ~old_right).sum())
    lost = int((old_right & ~new_right).sum())
    p = mcnemar_exact(gained, lost)
    right = int(old_right.sum()), int(new_right.sum())
    return Tally(name, len(old_right), *right, gained, lost, p, p)


def _flips(
    both: _Both, chosen: NDArray[np.bool_], order: NDArray[np.floating]
) -> tuple[Flip, ...]:
    def names(row: NDArray[np.bool_]) -> tuple[str, ...]:
        return tuple(both.names[at] for at in np.flatnonzero(row))

    rows = np.flatnonzero(chosen)
    return tuple(
        Flip(
            int(both.image_ids[row]),
            names(both.y[row] == YES),
            names(both.old_said[row]),
            names(both.new_said[row]),
        )
        for row in rows[np.argsort(order[rows], kind="stable")]
    )


def _load_both(project: Project, old: str, new: str) -> tuple[HeldOut, HeldOut, str]:
    """Return both on their test pictures if they share such, else on all kept out."""
    if old == new:
        raise PredictionError(f"Run {old} cannot be compared with itself.")
    tests = [_load(project, run, ("test",)) for run in (old, new)]
    if tests[0] and tests[1] and _shared(tests[0], tests[1]):
        return tests[0], tests[1], "test"
    kept = [_load(project, run, SPLITS[1:]) for run in (old, new)]
    for run, found in zip((old, new), kept, strict=True):
        if found is None:
            load_held_out(project, run)
            raise PredictionError(f"Run {run} kept no held-out pictures.")
    first, second = kept
    assert first and second
    if not _shared(first, second):
        raise PredictionError(
            f"Runs {old} and {new} kept out different pictures: there is none that "
            "neither trained on, so they cannot be compared. Train one of them again."
        )
    return first, second, "held-out"


def _shared(old: HeldOut, new: HeldOut) -> bool:
    return bool(np.isin(old.image_ids, new.image_ids).any())


def _load(project: Project, run_id: str, splits: Sequence[str]) -> HeldOut | None:
    """Return what a run said of all these parts together; None where it kept none."""
    parts = []
    for split in splits:
        try:
            parts.append(load_held_out(project, run_id, split))
        except MLError:
            continue
    if not parts:
        return None
    return replace(
        parts[0],
        y=np.concatenate([one.y for one in parts]),
        probabilities=np.concatenate([one.probabilities for one in parts]),
        image_ids=np.concatenate([one.image_ids for one in parts]),
    )


def _match(old: HeldOut, new: HeldOut) -> tuple[_Both, list[str]]:
    """Return the shared pictures and labels, and what had to be left aside."""
    ids, at_old, at_new = np.intersect1d(
        old.image_ids, new.image_ids, return_indices=True
    )
    place = {label.label_id: at for at, label in enumerate(old.labels)}
    shared = [
        (place[label.label_id], at, label.name)
        for at, label in enumerate(new.labels)
        if label.label_id in place
    ]
    if not shared:
        raise PredictionError(
            f"Runs {old.run} and {new.run} know no label in common: there is nothing "
            "to compare."
        )
    in_old, in_new = [a for a, _, _ in shared], [b for _, b, _ in shared]
    y = new.y[at_new][:, in_new]
    both = _Both(
        names=tuple(name for _, _, name in shared),
        y=y,
        old_said=old.decide()[at_old][:, in_old],
        new_said=new.decide()[at_new][:, in_new],
        new_probabilities=new.probabilities[at_new][:, in_new],
        image_ids=ids.astype(np.int64),
    )
    answered = (y != UNKNOWN).any(axis=1)
    changed = int((old.y[at_old][:, in_old] != y).any(axis=1).sum())
    if not answered.any():
        raise PredictionError(
            f"No picture that runs {old.run} and {new.run} both kept out has an answer."
        )
    return _keep(both, answered), _notes(old, new, both, changed)


def _keep(both: _Both, rows: NDArray[np.bool_]) -> _Both:
    return replace(
        both,
        y=both.y[rows],
        old_said=both.old_said[rows],
        new_said=both.new_said[rows],
        new_probabilities=both.new_probabilities[rows],
        image_ids=both.image_ids[rows],
    )


def _notes(old: HeldOut, new: HeldOut, both: _Both, changed: int) -> list[str]:
    notes = []
    shared, kept = len(both.image_ids), (len(old.image_ids), len(new.image_ids))
    if max(kept) > shared:
        notes.append(
            f"The runs kept out different pictures ({kept[0]:,} and {kept[1]:,}): only "
            f"the {shared:,} that neither trained on are compared."
        )
    if changed:
        notes.append(
            f"{changed:,} of them were labelled differently in between: the answers "
            "of the newer run count for both."
        )
    notes += [
        f"Run {one.run} kept no pictures out: if it was trained elsewhere on these "
        "same ones, its figures are too good."
        for one in (old, new)
        if one.split == MEASURED
    ]
    known = {label.label_id for label in old.labels}
    added = [label.name for label in new.labels if label.label_id not in known]
    known = {label.label_id for label in new.labels}
    gone = [label.name for label in old.labels if label.label_id not in known]
    if added or gone:
        names = ", ".join([*added, *gone])
        notes.append(f"Only one of the runs knows {names}: not compared.")
    return notes
