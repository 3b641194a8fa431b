"""Enough yet? What more pictures of a label would bring, from the runs so far.

Runs are compared on the held-out images none of them trained on, with the newest
run's answers, and only runs of the same network and picture size: otherwise what
more pictures brought cannot be told from what other settings brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.decisions import decide, exclusive_columns
from mlcore.errors import MLError
from mlcore.evaluation import limits_of, read_predictions
from mlcore.label_curves import CLEARLY_MORE, LabelCurve, clearly_differ, judge_label
from mlcore.model_outputs import probabilities_of
from mlcore.scoring_runs import usable_runs
from mlcore.snapshot import UNKNOWN, YES, Snapshot, load_snapshot
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Run
from storage.runs import run_dir

# Newer runs are compared first; so many are enough for a curve.
RUNS_AT_MOST = 6
# Fewer pictures that all runs kept out cannot compare them.
SHARED_AT_LEAST = 20
SAME_SETTINGS = ("network", "image_size_px", "pretrained")
HARMLESS = ("recipe", "seed", "threshold", "mixed_precision", "monitor")


@dataclass(frozen=True, slots=True)
class Enough:
    """The curves of all labels; without any, `missing` says what they need.

    `images` is how many held-out images all compared runs share; `differing` names
    settings that differ between them.
    """

    curves: tuple[LabelCurve, ...]
    runs: tuple[int, ...]
    images: int
    missing: str = ""
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Trained:
    """A run with its frozen data and what it answered on images kept out."""

    run: Run
    snapshot: Snapshot
    answers: pd.DataFrame

    @property
    def size(self) -> int:
        return len(self.snapshot.rows_of("train"))

    def count(self, label_id: int) -> int:
        """Training images with this label."""
        place = _place(self.snapshot, label_id)
        if place is None:
            return 0
        return int(
            (self.snapshot.y[self.snapshot.rows_of("train"), place] == YES).sum()
        )


def enough_yet(project: Project) -> Enough:
    """Return what the runs so far say about more pictures, label by label."""
    trained = [_read(project, run) for run in usable_runs(project)[: 2 * RUNS_AT_MOST]]
    known = [one for one in trained if one is not None]
    if not known:
        return _nothing("Two finished runs are needed; there is none yet.")
    chosen = _comparable(known)
    if len(chosen) < 2:
        return _nothing(_what_is_missing(known))
    shared = _shared(chosen)
    names = {label.label_id: label.name for label in list_labels(project)}
    curves = [
        _curve(chosen, shared, label.label_id, names[label.label_id])
        for label in chosen[0].snapshot.labels
        if label.label_id in names
    ]
    return Enough(
        curves=tuple(curves),
        runs=tuple(sorted(one.run.number for one in chosen)),
        images=len(shared),
        differing=_differing(chosen),
    )


def _nothing(sentence: str) -> Enough:
    return Enough((), (), 0, missing=sentence)


def _read(project: Project, run: Run) -> _Trained | None:
    folder = run_dir(project, run.run_id)
    try:
        snapshot = load_snapshot(folder)
        saved, limits = read_predictions(folder), limits_of(folder)
    except MLError:
        return None  # Review says what is wrong with it
    probabilities = probabilities_of(saved, snapshot)
    exclusive = exclusive_columns(snapshot.labels, snapshot.groups)
    said = decide(probabilities, limits, snapshot.output, exclusive)
    ids = [label.label_id for label in snapshot.labels]
    return _Trained(run, snapshot, pd.DataFrame(said, saved["image_id"], ids))


def _comparable(trained: Sequence[_Trained]) -> list[_Trained]:
    """Return the newest run and older ones that say something next to it."""
    chosen = [trained[0]]
    for one in trained[1:]:
        differs = all(clearly_differ(one.size, other.size) for other in chosen)
        if len(chosen) < RUNS_AT_MOST and differs and _is_alike(one, chosen[0]):
            together = [*chosen, one]
            if len(_shared(together)) >= SHARED_AT_LEAST:
                chosen = together
    return chosen


def _is_alike(one: _Trained, other: _Trained) -> bool:
    mine, theirs = one.snapshot.config, other.snapshot.config
    return one.snapshot.output == other.snapshot.output and all(
        getattr(mine, name) == getattr(theirs, name) for name in SAME_SETTINGS
    )


def _shared(chosen: Sequence[_Trained]) -> "pd.Index[int]":
    """Return the images that every one of these runs kept out of training."""
    shared = chosen[0].answers.index
    for one in chosen[1:]:
        shared = shared.intersection(one.answers.index, sort=False)
    return shared


def _differing(chosen: Sequence[_Trained]) -> tuple[str, ...]:
    configs = [one.snapshot.config.as_json() for one in chosen]
    return tuple(
        name
        for name in configs[0]
        if name not in HARMLESS
        and not name.endswith("_fraction")
        and len({config[name] for config in configs}) > 1
    )


def _what_is_missing(trained: Sequence[_Trained]) -> str:
    newest = trained[0]
    wanted = round(CLEARLY_MORE * newest.size)
    start = f"Run {newest.run.number} trained on {newest.size:,} pictures."
    alike = [one for one in trained[1:] if _is_alike(one, newest)]
    if len(trained) == 1:
        reason = "A second run with clearly more pictures is needed to compare."
    elif not alike:
        reason = "The other runs had another network or picture size."
    elif not any(clearly_differ(one.size, newest.size) for one in alike):
        reason = "The other runs trained on about as many."
    else:
        reason = (
            f"The other runs share fewer than {SHARED_AT_LEAST} held-out pictures "
            "with it."
        )
    return (
        f"{start} {reason} Train again, with the same settings, when about {wanted:,} "
        "have labels."
    )


def _curve(
    chosen: Sequence[_Trained], shared: "pd.Index[int]", label_id: int, name: str
) -> LabelCurve:
    """Return the curve of one label by the runs that trained on it."""
    newest = chosen[0]
    truth = _truth(newest.snapshot, shared, label_id)
    known = truth != UNKNOWN
    yes = truth[known] == YES
    knowing = [one for one in chosen if one.count(label_id)]
    knowing.sort(key=lambda one: one.count(label_id))
    said = [one.answers.loc[shared, label_id].to_numpy(bool)[known] for one in knowing]
    counts = [one.count(label_id) for one in knowing]
    curve = judge_label(counts, yes, said)
    return replace(curve, label_id=label_id, label=name)


def _place(snapshot: Snapshot, label_id: int) -> int | None:
    ids = [label.label_id for label in snapshot.labels]
    return ids.index(label_id) if label_id in ids else None


def _truth(
    snapshot: Snapshot, shared: "pd.Index[int]", label_id: int
) -> NDArray[np.int8]:
    rows = pd.Index(snapshot.images["image_id"]).get_indexer(shared)
    column: NDArray[np.int8] = snapshot.y[rows, _place(snapshot, label_id)]
    return column
