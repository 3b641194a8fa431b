"""Figures of a run on images it did not train on, from saved probabilities.

Thresholds move without a model: the probabilities of held-out images are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.decisions import (
    Decisions,
    Limits,
    counting_thresholds,
    decide,
    exclusive_columns,
)
from mlcore.errors import NothingHeldOut, PredictionError
from mlcore.folder_answers import read_answers
from mlcore.imported_snapshot import is_imported, snapshot_of_facts
from mlcore.kept_limits import own_limits, read_limits
from mlcore.measured import MEASURED, measured_folder, read_measured
from mlcore.metrics import Evaluation, evaluate, mark_seen
from mlcore.model_json import PREDICTIONS_NAME, check_predictions, read_model_json
from mlcore.model_outputs import HELD_OUT, answers_of, probabilities_of
from mlcore.prediction_service import classify, usable_run_dir
from mlcore.predictions import Prediction
from mlcore.snapshot import (
    UNKNOWN,
    Snapshot,
    SnapshotGroup,
    SnapshotLabel,
    load_snapshot,
)
from mlcore.thresholds import RunLimits
from storage.projects import Project

Wanted = float | Sequence[float] | Limits | None
SPLITS = ("held-out", "validation", "test", MEASURED)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Answers `y` (n, L) of 1/0/-1 and probabilities (n, L) of images kept out.

    `counts` says how many validation and test images there are; `split` which of
    them these are; `set_to` is what counts as yes for the run, `own` what did when it
    was trained; `seen` the label sets that trained, with counts.
    """

    run: str
    split: str
    labels: tuple[SnapshotLabel, ...]
    groups: tuple[SnapshotGroup, ...]
    output: str
    y: NDArray[np.int8]
    probabilities: NDArray[np.float32]
    counts: dict[str, int]
    set_to: RunLimits
    own: RunLimits
    seen: tuple[tuple[tuple[int, ...], int], ...]
    image_ids: NDArray[np.int64]

    def decide(self, limits: Wanted = None) -> Decisions:
        """Return (n, L) what the run says; None stands for what counts for it."""
        chosen = self.set_to.limits if limits is None else limits
        return decide(
            self.probabilities,
            Limits.of(chosen, len(self.labels)),
            self.output,
            exclusive_columns(self.labels, self.groups),
        )

    def evaluate(self, limits: Wanted = None) -> Evaluation:
        """Return every figure; `limits` is one threshold, one a label, Limits or None.

        None stands for what counts for the run.
        """
        chosen = self.set_to.limits if limits is None else limits
        found = evaluate(
            self.y, self.probabilities, self.labels, chosen, self.output, self.groups
        )
        is_own = limits is None
        return replace(
            mark_seen(found, self.seen, self.labels, self.groups),
            run=self.run,
            split=self.split,
            rule=self.set_to.rule if is_own and self.is_limited(self.set_to) else "",
            is_flattered=is_own and self.is_flattered(self.set_to),
        )

    def is_flattered(self, chosen: RunLimits) -> bool:
        """Whether these very images decided what counts as yes."""
        is_chosen_here = chosen.is_chosen_on_images and self.split == "validation"
        return is_chosen_here and self.is_limited(chosen)

    def is_limited(self, chosen: RunLimits) -> bool:
        """Whether these limits decide anything: a strongest label needs none."""
        exclusive = exclusive_columns(self.labels, self.groups)
        counting = counting_thresholds(chosen.limits, self.output, exclusive)
        return bool(chosen.limits.top_k) or any(one is not None for one in counting)


def load_held_out(project: Project, run_id: str, split: str = "held-out") -> HeldOut:
    """Return what a finished run answered on images it did not train on.

    'held-out' is the test images if there are any, else the validation images, by
    which the best epoch was chosen, else the project's labelled pictures that it was
    measured on. Raises `PredictionError` if there are none.
    """
    if split not in SPLITS:
        raise PredictionError(
            f"{split!r} is no part of the data. Choose {', '.join(SPLITS)}."
        )
    folder = usable_run_dir(project, run_id)
    facts = read_model_json(folder)
    if split == MEASURED or is_imported(facts):
        return _load_measured(folder, facts, split)
    snapshot = load_snapshot(folder)
    check_predictions(folder, facts)
    saved = read_predictions(folder)
    counts = {part: int((saved["split"] == part).sum()) for part in HELD_OUT}
    if split == "held-out":
        split = "test" if counts["test"] else "validation"
        if not any(counts.values()) and read_measured(folder):
            return _load_measured(folder, facts, MEASURED)
    if not counts[split]:
        raise NothingHeldOut(
            f"Run {run_id} kept no {split} images. Train with a {split} part to "
            "evaluate it, or evaluate it on a labelled folder."
        )
    chosen = saved[saved["split"] == split]
    return _assemble(folder, snapshot, chosen, split, counts)


def _load_measured(folder: Path, facts: dict[str, Any], split: str) -> HeldOut:
    """What the run said of the project's labelled pictures, if it was asked."""
    if split in HELD_OUT:
        raise NothingHeldOut(
            f"Run {folder.name} was trained elsewhere: there are no {split} pictures "
            "of it here."
        )
    if read_measured(folder) is None:
        where = "was trained elsewhere" if is_imported(facts) else "kept no pictures"
        raise NothingHeldOut(
            f"Run {folder.name} {where}: nothing was measured here yet. Measure it on "
            "this project's labelled pictures (Review, or `evaluate --measure`), or "
            "on a labelled folder (`evaluate --folder`)."
        )
    place = measured_folder(folder)
    saved = read_predictions(place)
    counts = dict.fromkeys(HELD_OUT, 0) | {MEASURED: len(saved)}
    found = _assemble(folder, load_snapshot(place), saved, MEASURED, counts)
    return replace(found, seen=_seen_of(facts))


def load_snapshot_of(held_out: HeldOut, folder: Path) -> Snapshot:
    """Return the pictures and answers behind the figures of the run in this folder."""
    is_here = held_out.split == MEASURED
    return load_snapshot(measured_folder(folder) if is_here else folder)


def _seen_of(facts: dict[str, Any]) -> tuple[tuple[tuple[int, ...], int], ...]:
    return tuple((tuple(row["label_ids"]), row["count"]) for row in facts["seen"])


def evaluate_run(
    project: Project,
    run_id: str,
    *,
    limits: Wanted = None,
    split: str = "held-out",
) -> Evaluation:
    """Return the figures of a run on its held-out images, without loading a model."""
    return load_held_out(project, run_id, split).evaluate(limits)


def evaluate_folder(project: Project, run_id: str, folder: Path) -> Evaluation:
    """Return the figures on a folder that says its labels in a form imports read.

    A label that the folder never names is unknown there: it counts in no figure and
    is listed in `unasked`. Pictures that cannot be read, or show a label the run does
    not know, are in `refused`. Raises `PredictionError` if none remains.
    """
    run_folder = usable_run_dir(project, run_id)
    facts = read_model_json(run_folder)
    if is_imported(facts):
        snapshot = snapshot_of_facts(facts)
    else:
        snapshot = load_snapshot(run_folder)
    said = read_answers(project, snapshot, folder)
    found = classify(project.name, run_id, said.files)
    broken = [(p.path, p.error) for p in found if p.error is not None]
    refused = (*said.refused, *broken)
    rows = [row for row, prediction in enumerate(found) if prediction.error is None]
    if not rows:
        raise PredictionError(_nothing_left(folder, snapshot, refused))
    held_out = HeldOut(
        run=run_id,
        split="folder",
        labels=snapshot.labels,
        groups=snapshot.groups,
        output=snapshot.output,
        y=said.y[rows],
        probabilities=_table([found[row] for row in rows], snapshot),
        counts={"folder": len(rows)},
        set_to=read_limits(facts),
        own=own_limits(facts),
        seen=_seen_of(facts),
        image_ids=np.empty(0, np.int64),
    )
    never = (held_out.y == UNKNOWN).all(axis=0)
    unasked = tuple(snapshot.labels[at].name for at in np.flatnonzero(never))
    return replace(held_out.evaluate(), refused=refused, unasked=unasked)


def _assemble(
    folder: Path,
    snapshot: Snapshot,
    chosen: pd.DataFrame,
    split: str,
    counts: dict[str, int],
) -> HeldOut:
    facts = read_model_json(folder)
    return HeldOut(
        run=folder.name,
        split=split,
        labels=snapshot.labels,
        groups=snapshot.groups,
        output=snapshot.output,
        y=answers_of(chosen, snapshot),
        probabilities=probabilities_of(chosen, snapshot),
        counts=counts,
        set_to=read_limits(facts),
        own=own_limits(facts),
        seen=tuple(snapshot.seen_combinations().items()),
        image_ids=chosen["image_id"].to_numpy(np.int64),
    )


def read_predictions(folder: Path) -> pd.DataFrame:
    """Return image_id, split and p<label_id> of a run's held-out images."""
    try:
        return pd.read_parquet(folder / PREDICTIONS_NAME)
    except (OSError, ValueError) as error:
        raise PredictionError(
            f"The saved predictions of run {folder.name} cannot be read. Train again."
        ) from error


def limits_of(folder: Path) -> Limits:
    """Return what counts as yes for the run of this folder."""
    return read_limits(read_model_json(folder)).limits


def _table(found: Sequence[Prediction], snapshot: Snapshot) -> NDArray[np.float32]:
    names = [label.name for label in snapshot.labels]
    return np.array([[p.probabilities[n] for n in names] for p in found], np.float32)


def _nothing_left(
    folder: Path, snapshot: Snapshot, refused: Sequence[tuple[str, str]]
) -> str:
    known = ", ".join(label.name for label in snapshot.labels)
    why = f" The first: {refused[0][1]}" if refused else ""
    return (
        f"{folder.name} holds no picture in a folder named after labels of this run "
        f"({known}).{why}"
    )
