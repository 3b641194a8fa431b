"""The labelled pictures of a project that can tell how good a run is. No TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.decisions import exclusive_columns
from mlcore.errors import MLError
from mlcore.imported_snapshot import is_imported, snapshot_of_facts
from mlcore.measured import MEASURED
from mlcore.model_json import read_model_json
from mlcore.snapshot import NO, UNKNOWN, YES, Snapshot, load_snapshot
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.runs import list_runs, run_dir
from storage.splits import training_rows

TrainingRow = tuple[int, str, str, str | None, dict[int, bool]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pictures with what the project says of the run's labels, and what was left out.

    The counts and names are those of `Measured`.
    """

    snapshot: Snapshot
    labelled: int
    strange: int
    trained_on: int
    trained_as: str
    not_known: tuple[str, ...]
    not_here: tuple[str, ...]


def choose_pictures(project: Project, run_id: str, facts: Mapping[str, Any]) -> Chosen:
    """Return the labelled pictures that ask the run of this model.json something.

    Left out are pictures it trained on, as far as that is known, and those that show
    a label it does not know in the place of one it does.
    """
    asked = snapshot_of_facts(facts)
    known = {label.label_id for label in asked.labels}
    trained_as = run_id if not is_imported(facts) else _find_own(project, facts)
    trained = _trained_on(project, trained_as)
    rows = training_rows(project)
    rivals = _rivals(project, known)
    fresh = [row for row in rows if row[1] not in trained]
    plain = [row for row in fresh if not any(row[4].get(i) for i in rivals)]
    snapshot = _ask(asked, plain)
    is_unasked = (snapshot.y == UNKNOWN).all(axis=0)
    return Chosen(
        snapshot=replace(snapshot, y=_exclude(snapshot)),
        labelled=len(rows),
        strange=len(fresh) - len(plain),
        trained_on=len(rows) - len(fresh),
        trained_as=trained_as,
        not_known=tuple(
            label.name for label in list_labels(project) if label.label_id not in known
        ),
        not_here=tuple(asked.labels[at].name for at in np.flatnonzero(is_unasked)),
    )


def _ask(asked: Snapshot, rows: Sequence[TrainingRow]) -> Snapshot:
    """The pictures of which anything the run says is known."""
    ids = [label.label_id for label in asked.labels]
    y = np.array(
        [[int(row[4].get(label_id, UNKNOWN)) for label_id in ids] for row in rows],
        np.int8,
    ).reshape(len(rows), len(ids))
    # Softmax always names one: a picture without any yes asks it nothing.
    tells = y == YES if asked.output == "softmax" else y != UNKNOWN
    kept: NDArray[np.intp] = np.flatnonzero(tells.any(axis=1))
    columns = ["image_id", "sha256", "ext"]
    images = pd.DataFrame([rows[at][:3] for at in kept], columns=columns)
    return replace(asked, images=images.assign(split=MEASURED), y=y[kept])


def _exclude(snapshot: Snapshot) -> NDArray[np.int8]:
    """The answers, with no for what a yes of the same group excludes.

    People say no to a rival by naming another, but not to one the project lacks;
    unknown, it would keep its picture out of every combination.
    """
    y = snapshot.y.copy()
    for columns, _ in exclusive_columns(snapshot.labels, snapshot.groups):
        answers = y[:, list(columns)]
        is_named = (answers == YES).any(axis=1, keepdims=True)
        y[:, list(columns)] = np.where(is_named & (answers == UNKNOWN), NO, answers)
    return y


def _rivals(project: Project, known: set[int]) -> set[int]:
    """Labels the run lacks, of groups in which it always names another one."""
    found: set[int] = set()
    for group in list_groups(project):
        ids = {label.label_id for label in group.labels}
        if group.rule != "any" and ids & known:
            found |= ids - known
    return found


def _find_own(project: Project, facts: Mapping[str, Any]) -> str:
    """The run of this project that was taken away and came back, "" for none."""
    digest = facts.get("snapshot_sha256")
    for run in list_runs(project):
        if not digest or not run.is_usable:
            continue
        try:
            other = read_model_json(run_dir(project, run.run_id))
        except MLError:
            continue  # Review says what is wrong with it
        if not is_imported(other) and other.get("snapshot_sha256") == digest:
            return run.run_id
    return ""


def _trained_on(project: Project, run_id: str) -> frozenset[str]:
    """Digests of the files that a run of this project trained on."""
    if not run_id:
        return frozenset()
    snapshot = load_snapshot(run_dir(project, run_id))
    trained = snapshot.images["sha256"].iloc[snapshot.rows_of("train")]
    return frozenset(str(sha256) for sha256 in trained)
