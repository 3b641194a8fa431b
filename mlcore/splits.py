"""Which images train and which are held out, kept once per image.

Stratified over labels and label sets; pictures with identical pixels stay on one
side, since a copy of a training picture in validation flatters every number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlcore.config import TrainConfig
from mlcore.pixel_hashes import hashes_of
from storage.projects import Project
from storage.splits import TrainingRow, assign_splits, training_rows

HELD_OUT = ("test", "validation")
# Columns cost memory for every image; the rare sets beyond are covered by labels.
MOST_LABEL_SETS = 500


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One labelled image; rows with an equal `pixels` key stay together."""

    image_id: int
    pixels: str
    split: str | None
    label_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Images that must not be separated."""

    image_ids: tuple[int, ...]
    label_ids: frozenset[int]


def assign_project(project: Project, config: TrainConfig, again: bool = False) -> None:
    """Give every labelled image without a split one, and store it.

    `again` forgets the present split of all images first; earlier runs keep
    theirs in their snapshots.
    """
    rows = training_rows(project)
    if again:
        rows = [(*row[:3], None, row[4]) for row in rows]
    if all(row[3] is not None for row in rows):
        return
    fractions = {
        "validation": config.validation_fraction,
        "test": config.test_fraction,
    }
    assign_splits(
        project, assign(_as_split_rows(project, rows), fractions, config.seed)
    )


def choose_validation(project: Project, fraction: float, seed: int) -> list[int]:
    """Training pictures that would make a validation split; the test split stays."""
    rows = [
        (*row[:3], None if row[3] == "train" else row[3], row[4])
        for row in training_rows(project)
    ]
    dealt = assign(_as_split_rows(project, rows), {"validation": fraction}, seed)
    return [image_id for image_id, split in dealt.items() if split == "validation"]


def _as_split_rows(project: Project, rows: Sequence[TrainingRow]) -> list[SplitRow]:
    pixels = hashes_of(project, ((sha256, ext) for _, sha256, ext, _, _ in rows))
    return [
        SplitRow(
            image_id,
            pixels[sha256],
            split,
            frozenset(label_id for label_id, yes in answers.items() if yes),
        )
        for image_id, sha256, _, split, answers in rows
    ]


def assign(
    rows: Sequence[SplitRow], fractions: dict[str, float], seed: int
) -> dict[int, str]:
    """A split for each row that has none, so that `fractions` hold over all rows.

    `fractions` names the held-out splits ('validation', 'test'); the rest trains.
    Same rows and seed give the same answer.
    """
    fixed, loose = _group_units(rows)
    assigned = dict(fixed)
    counts = Counter(row.split for row in rows if row.split is not None)
    counts.update(fixed.values())
    for split in HELD_OUT:
        wanted = round(fractions.get(split, 0.0) * len(rows)) - counts[split]
        taken, loose = _take(loose, wanted, seed)
        assigned.update(_spread(taken, split))
    assigned.update(_spread(loose, "train"))
    return assigned


def _group_units(rows: Sequence[SplitRow]) -> tuple[dict[int, str], list[_Unit]]:
    """Copies of an assigned picture follow it; the rest becomes units."""
    by_pixels: dict[str, list[SplitRow]] = defaultdict(list)
    for row in rows:
        by_pixels[row.pixels].append(row)
    fixed: dict[int, str] = {}
    loose: list[_Unit] = []
    for copies in by_pixels.values():
        new_ids = tuple(row.image_id for row in copies if row.split is None)
        known = [row.split for row in copies if row.split is not None]
        if known:
            fixed.update(dict.fromkeys(new_ids, known[0]))
        else:
            labels = frozenset[int]().union(*(row.label_ids for row in copies))
            loose.append(_Unit(new_ids, labels))
    return fixed, loose


def _take(
    units: list[_Unit], wanted: int, seed: int
) -> tuple[list[_Unit], list[_Unit]]:
    """About `wanted` images out of `units`, stratified, and the units left."""
    images = sum(len(unit.image_ids) for unit in units)
    share = round(len(units) * wanted / images) if images else 0
    # Something must remain to train on.
    share = min(share, len(units) - 1)
    if share < 1:
        return [], units
    picked = _stratified(_indicators(units), share, seed)
    taken = [unit for unit, is_taken in zip(units, picked, strict=True) if is_taken]
    left = [unit for unit, is_taken in zip(units, picked, strict=True) if not is_taken]
    return taken, left


def _stratified(
    indicators: npt.NDArray[np.int8], share: int, seed: int
) -> npt.NDArray[np.bool_]:
    # Imports scikit-learn, which takes a second.
    from iterstrat.ml_stratifiers import MultilabelStratifiedShuffleSplit

    units = len(indicators)
    splitter = MultilabelStratifiedShuffleSplit(
        n_splits=1, test_size=share, train_size=units - share, random_state=seed
    )
    _, taken = next(splitter.split(np.zeros(units), indicators))
    picked = np.zeros(units, bool)
    picked[taken] = True
    return picked


def _indicators(units: list[_Unit]) -> npt.NDArray[np.int8]:
    """One column per label and one per label set that occurs at least twice."""
    label_ids = sorted({label for unit in units for label in unit.label_ids})
    sets = Counter(unit.label_ids for unit in units)
    columns: dict[object, int] = {label: at for at, label in enumerate(label_ids)}
    for label_set, count in sets.most_common(MOST_LABEL_SETS):
        if count > 1:
            columns[label_set] = len(columns)
    # The library needs at least two columns.
    table = np.zeros((len(units), max(2, len(columns))), np.int8)
    for at, unit in enumerate(units):
        for key in (*unit.label_ids, unit.label_ids):
            if key in columns:
                table[at, columns[key]] = 1
    return table


def _spread(units: Iterable[_Unit], split: str) -> dict[int, str]:
    return {image_id: split for unit in units for image_id in unit.image_ids}
