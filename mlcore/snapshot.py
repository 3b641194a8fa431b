"""The frozen data of a run: what it trains on, whatever is relabelled later."""

import hashlib
import io
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mlcore.config import TrainConfig
from mlcore.errors import TrainingError
from mlcore.head_questions import Question, ask
from storage.files import write_many_durably
from storage.label_sets import list_impossible
from storage.labels import list_groups, list_labels
from storage.projects import Project
from storage.records import Group, Label, Run
from storage.runs import run_dir
from storage.splits import training_rows

TABLE_NAME = "snapshot.parquet"
FACTS_NAME = "snapshot.json"
YES, NO, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True)
class SnapshotLabel:
    """A label as it was; `group` is the group's name, None for a free label."""

    label_id: int
    name: str
    group: str | None


@dataclass(frozen=True, slots=True)
class SnapshotGroup:
    """A label group as it was."""

    group_id: int
    name: str
    rule: str
    label_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Data and settings of one run.

    `images` has the columns image_id, sha256, ext, split; `y` is int8 (n, L) with
    1 yes, 0 no, -1 unknown, its columns in the order of `labels`. `output` is
    'sigmoid', 'softmax' or 'groups'. `sha256` covers everything.
    """

    images: pd.DataFrame
    labels: tuple[SnapshotLabel, ...]
    groups: tuple[SnapshotGroup, ...]
    y: npt.NDArray[np.int8]
    impossible: frozenset[tuple[int, ...]]
    config: TrainConfig
    output: str
    sha256: str = ""

    def rows_of(self, split: str) -> npt.NDArray[np.intp]:
        """Row numbers of the images in that split."""
        return np.flatnonzero((self.images["split"] == split).to_numpy())

    def questions(self) -> tuple[Question, ...]:
        """What is asked of a picture: one of each exclusive group, free labels."""
        return tuple(ask([label.label_id for label in self.labels], self.groups))

    def impossible_columns(self) -> list[tuple[int, ...]]:
        """The columns of labels that a person called impossible together."""
        places = {label.label_id: at for at, label in enumerate(self.labels)}
        return [
            tuple(places[i] for i in ids)
            for ids in sorted(self.impossible)
            if all(i in places for i in ids)
        ]

    def data_sha256(self) -> str:
        """A digest of images, splits and answers: equal for runs of equal data."""
        labels = [asdict(label) for label in self.labels]
        return _digest(_table_bytes(self), {"labels": labels})

    def seen_combinations(self) -> Counter[tuple[int, ...]]:
        """How often each full set of yes labels (ids, ascending) trains."""
        ids = np.array([label.label_id for label in self.labels])
        answers = self.y[self.rows_of("train")] == YES
        patterns, counts = np.unique(answers, axis=0, return_counts=True)
        return Counter(
            {
                tuple(sorted(int(label_id) for label_id in ids[pattern])): int(count)
                for pattern, count in zip(patterns, counts, strict=True)
            }
        )


def freeze(project: Project, run: Run, config: TrainConfig) -> Snapshot:
    """Collect the project's present answers and write them into the run's folder."""
    return write(collect(project, config), run_dir(project, run.run_id))


def collect(project: Project, config: TrainConfig) -> Snapshot:
    """The snapshot of this moment, in memory; TrainingError if nothing can train."""
    found = collect_labelled(project, config)
    if not (found.images["split"] == "train").any():
        raise TrainingError(
            "There are no labelled pictures to train on; label some first."
        )
    return found


def collect_labelled(project: Project, config: TrainConfig) -> Snapshot:
    """Like `collect`, also where no labelled picture is in the split train."""
    labels = list_labels(project)
    if not labels:
        raise TrainingError("This project has no labels; make at least one first.")
    groups = list_groups(project)
    rules = {group.group_id: group.rule for group in groups}
    output = choose_output(config, labels, rules)
    images, y = _read_answers(project, labels, rules, output)
    return Snapshot(
        images=images,
        labels=_freeze_labels(labels, groups),
        groups=tuple(_freeze_group(group) for group in groups),
        y=y,
        impossible=frozenset(list_impossible(project)),
        config=config,
        output=output,
    )


def choose_output(
    config: TrainConfig, labels: list[Label], rules: dict[int, str]
) -> str:
    """'softmax' when one exactly-one group holds all labels, else 'sigmoid'.

    Heads on features, two branches, and who asks for it, get 'groups' instead of
    sigmoid: each exclusive group shares out one yes.

    Who asks for softmax gets it, also where several labels are true together; only a
    lone label leaves it nothing to choose from: TrainingError.
    """
    if config.output == "softmax" and len(labels) < 2:
        raise TrainingError(
            "Softmax chooses between labels, and there is only one; "
            "choose output auto or sigmoid."
        )
    if config.output in ("sigmoid", "softmax") and not config.has_branches:
        return config.output
    if is_one_of_all(labels, rules):
        return "softmax"
    is_shared = config.network == "features" or config.has_branches
    return "groups" if is_shared or config.output == "groups" else "sigmoid"


def is_one_of_all(labels: list[Label], rules: dict[int, str]) -> bool:
    """Whether one exactly-one group holds all labels (two or more)."""
    group_ids = {label.group_id for label in labels}
    return (
        len(labels) > 1
        and len(group_ids) == 1
        and rules.get(next(iter(group_ids)) or 0) == "exactly-one"
    )


def write(snapshot: Snapshot, folder: Path) -> Snapshot:
    """Write snapshot.parquet and snapshot.json; returns it with its SHA-256."""
    table = _table_bytes(snapshot)
    facts = _facts(snapshot)
    digest = _digest(table, facts)
    text = json.dumps({**facts, "sha256": digest}, ensure_ascii=False, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    write_many_durably(
        [(folder / TABLE_NAME, table), (folder / FACTS_NAME, text.encode())]
    )
    return replace(snapshot, sha256=digest)


def load_snapshot(folder: Path) -> Snapshot:
    """The snapshot of a run folder; TrainingError if it is missing or was changed."""
    try:
        table = (folder / TABLE_NAME).read_bytes()
        facts = json.loads((folder / FACTS_NAME).read_bytes())
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"The frozen data of this run cannot be read: {error}."
        ) from error
    digest = facts.pop("sha256", "")
    if _digest(table, facts) != digest:
        raise TrainingError(
            "The frozen data of this run was changed after the start; "
            "start a new run instead."
        )
    return _from_parts(pd.read_parquet(io.BytesIO(table)), facts, digest)


def _from_parts(frame: pd.DataFrame, facts: dict[str, Any], digest: str) -> Snapshot:
    labels = tuple(SnapshotLabel(**label) for label in facts["labels"])
    columns = [f"y{label.label_id}" for label in labels]
    return Snapshot(
        images=frame[["image_id", "sha256", "ext", "split"]],
        labels=labels,
        groups=tuple(
            SnapshotGroup(**{**group, "label_ids": tuple(group["label_ids"])})
            for group in facts["groups"]
        ),
        y=frame[columns].to_numpy(np.int8),
        impossible=frozenset(tuple(ids) for ids in facts["impossible"]),
        config=TrainConfig.from_json(facts["config"]),
        output=facts["output"],
        sha256=digest,
    )


def _read_answers(
    project: Project, labels: list[Label], rules: dict[int, str], output: str
) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    rows = training_rows(project)
    y = _answers_table(labels, [answers for *_, answers in rows])
    columns = ["image_id", "sha256", "ext", "split"]
    images = pd.DataFrame([row[:4] for row in rows], columns=columns)
    if output == "softmax":
        # Softmax answers "which": a picture without any yes says nothing, and in a
        # group of exactly one, two are a mistake.
        yes = (y == YES).sum(axis=1)
        known = yes == 1 if is_one_of_all(labels, rules) else yes > 0
        images, y = images[known].reset_index(drop=True), y[known]
    return images, y


def _freeze_labels(
    labels: list[Label], groups: list[Group]
) -> tuple[SnapshotLabel, ...]:
    names = {group.group_id: group.name for group in groups}
    return tuple(
        SnapshotLabel(label.label_id, label.name, names.get(label.group_id or 0))
        for label in labels
    )


def _freeze_group(group: Group) -> SnapshotGroup:
    ids = tuple(label.label_id for label in group.labels)
    return SnapshotGroup(group.group_id, group.name, group.rule, ids)


def _answers_table(
    labels: list[Label], answers: list[dict[int, bool]]
) -> npt.NDArray[np.int8]:
    """int8 (n, L): 1 yes, 0 no, -1 unknown."""
    ids = [label.label_id for label in labels]
    table = [[int(row.get(label_id, UNKNOWN)) for label_id in ids] for row in answers]
    return np.array(table, np.int8).reshape(len(answers), len(ids))


def _table_bytes(snapshot: Snapshot) -> bytes:
    columns = {
        f"y{label.label_id}": snapshot.y[:, at]
        for at, label in enumerate(snapshot.labels)
    }
    frame = pd.concat([snapshot.images, pd.DataFrame(columns)], axis=1)
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _facts(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "labels": [asdict(label) for label in snapshot.labels],
        "groups": [
            {**asdict(group), "label_ids": list(group.label_ids)}
            for group in snapshot.groups
        ],
        "impossible": sorted(list(ids) for ids in snapshot.impossible),
        "config": snapshot.config.as_json(),
        "output": snapshot.output,
        "images": len(snapshot.images),
    }


def _digest(table: bytes, facts: dict[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(table + text.encode()).hexdigest()
