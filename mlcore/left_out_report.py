"""From trials with combinations left out to the studies that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from mlcore.combination_table import CombinationTable
from mlcore.left_out import COMPOSITIONAL, PLAIN, LeftOutCombination, LeftOutStudy
from mlcore.left_out_trials import Refusal, Trial, choose_weighing
from mlcore.snapshot import SnapshotLabel


@dataclass(frozen=True, slots=True)
class Studied:
    """What was tried: of which table, on how many pictures each, how long it took."""

    table: CombinationTable
    trials: tuple[Trial, ...]
    refused: dict[int, Refusal]
    structures: tuple[str, ...]
    seconds: float


def make_studies(
    studied: Studied,
    labels: Sequence[SnapshotLabel],
    data_sha256: str,
    features: str,
) -> list[LeftOutStudy]:
    """The study of plain heads, and of compositional ones; none without combinations.

    How a combination fared is judged by weights that the other combinations chose.
    """
    if not (studied.trials or studied.refused):
        return []
    found = []
    for head in (PLAIN, COMPOSITIONAL):
        right, stayed = count_right(studied, head)
        rows = [
            _describe(studied, labels, t.combination, t.images, n)
            for t, n in zip(studied.trials, right, strict=True)
        ]
        rows += [
            _refuse(studied, labels, place, why)
            for place, why in studied.refused.items()
        ]
        found.append(
            LeftOutStudy(
                head,
                tuple(rows),
                sum(stayed),
                sum(t.stayed_images for t in studied.trials),
                round(studied.seconds, 1),
                data_sha256,
                features,
                datetime.now(UTC).isoformat(timespec="seconds"),
            )
        )
    return found


def count_right(studied: Studied, head: str) -> tuple[list[int], list[int]]:
    """Return right answers of each trial: of what was left out, of what stayed in."""
    trials = studied.trials
    if head == PLAIN:
        stayed = [t.plain_stayed_right for t in trials]
        return [t.plain_right for t in trials], stayed
    right, stayed = [], []
    for trial in trials:
        others = [other for other in trials if other is not trial]
        chosen = choose_weighing(others, studied.structures)
        key = (chosen.structure, chosen.is_joint)
        right.append(trial.left_out[key].right(chosen.lift))
        stayed.append(trial.stayed[key].right(chosen.lift))
    return right, stayed


def _describe(
    studied: Studied,
    labels: Sequence[SnapshotLabel],
    combination: Sequence[int],
    images: int,
    right: int,
    reason: str = "",
) -> LeftOutCombination:
    own = [labels[column] for column in studied.table.columns_of(combination)]
    ids = tuple(label.label_id for label in own)
    names = tuple(label.name for label in own)
    return LeftOutCombination(ids, names, images, right, reason)


def _refuse(
    studied: Studied, labels: Sequence[SnapshotLabel], place: int, why: Refusal
) -> LeftOutCombination:
    combination = studied.table.combinations[place]
    return _describe(
        studied, labels, np.asarray(combination).tolist(), 0, 0, _reason(labels, why)
    )


def _reason(labels: Sequence[SnapshotLabel], why: Refusal) -> str:
    if why.column is None:
        return "Enough others were left out that tell more."
    name = labels[why.column].name
    if not why.images:
        return f"Without it no picture would show {name} at all."
    pictures = "picture shows" if why.images == 1 else "pictures show"
    return f"Only {why.images} other {pictures} {name}: too few to learn it from."
