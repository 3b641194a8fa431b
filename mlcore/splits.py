"""Which images train and which are held out, kept once per image.

Stratified over labels and label sets; pictures with identical pixels, and such as are
known to look alike, stay on one side: a copy of a training picture in validation
flatters every number.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mlcore.config import TrainConfig
from mlcore.duplicate_families import join_pairs
from mlcore.pixel_hashes import hashes_of
from storage.facts import near_duplicate_pairs
from storage.projects import Project
from storage.splits import TrainingRow, assign_splits, training_rows

HELD_OUT = ("test", "validation")
# Columns cost memory for every image; the rare sets beyond are covered by labels.
MOST_LABEL_SETS = 500
# Small digits resemble each other in chains of thousands; the closest stay together.
MOST_TOGETHER = 20


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One labelled image; rows with an equal `copies` key stay together."""

    image_id: int
    copies: str
    split: str | None
    label_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Images that must not be separated."""

    image_ids: tuple[int, ...]
    label_ids: frozenset[int]


def assign_project(project: Project, config: TrainConfig, again: bool = False) -> None:
    """Give every labelled image without a split one, and store it.

    Data that came with a split but without a validation part get one, drawn from
    what trains: nobody could choose an epoch or a threshold without. `again` forgets
    the present split of all images first; earlier runs keep theirs in their snapshots.
    """
    rows = training_rows(project)
    if again:
        rows = [(*row[:3], None, row[4]) for row in rows]
    counts = Counter(row[3] for row in rows)
    lacking = count_to_hold_out(config.validation_fraction, counts)
    if not lacking and not counts[None]:
        return
    known = _as_split_rows(project, rows)
    drawn = draw_validation(known, config) if lacking else {}
    fractions = {"test": config.test_fraction}
    if not drawn:
        fractions["validation"] = config.validation_fraction
    known = [replace(row, split=drawn.get(row.image_id, row.split)) for row in known]
    assign_splits(project, drawn | assign(known, fractions, config.seed))


def count_to_hold_out(fraction: float, present: Mapping[str | None, int]) -> int:
    """How many images a validation part takes from data that came split without one.

    `present` counts the labelled images of each split; 0 where there is such a part,
    nothing trains yet, or it would take nothing.
    """
    training = present.get("train", 0)
    if present.get("validation") or not training:
        return 0
    free = training + present.get(None, 0)
    return min(round(fraction * free), free - 1)


def draw_validation(rows: Sequence[SplitRow], config: TrainConfig) -> dict[int, str]:
    """The validation part of `rows` without one; what tests stays, copies too."""
    free = [replace(row, split=None) if row.split == "train" else row for row in rows]
    training = sum(row.split is None for row in free)
    # `assign` counts in shares of all rows, those that test among them.
    share = config.validation_fraction * training / len(free)
    dealt = assign(free, {"validation": share}, config.seed)
    return {i: split for i, split in dealt.items() if split == "validation"}


def _as_split_rows(project: Project, rows: Sequence[TrainingRow]) -> list[SplitRow]:
    pixels = hashes_of(project, ((sha256, ext) for _, sha256, ext, _, _ in rows))
    alike = _join_look_alikes(project, {row[0]: pixels[row[1]] for row in rows})
    return [
        SplitRow(
            image_id,
            alike[image_id],
            split,
            frozenset(label_id for label_id, yes in answers.items() if yes),
        )
        for image_id, _, _, split, answers in rows
    ]


def _join_look_alikes(project: Project, pixels: dict[int, str]) -> dict[int, str]:
    """One key for the pictures that look like copies, as far as they are known."""
    first = {key: image_id for image_id, key in reversed(pixels.items())}
    pairs = (
        (first[pixels[one]], first[pixels[other]])
        for one, other, _ in near_duplicate_pairs(project)
        if one in pixels and other in pixels
    )
    families = join_pairs(pairs, most=MOST_TOGETHER)
    joined = {pixels[i]: pixels[members[0]] for members in families for i in members}
    return {image_id: joined.get(key, key) for image_id, key in pixels.items()}


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
    by_copies: dict[str, list[SplitRow]] = defaultdict(list)
    for row in rows:
        by_copies[row.copies].append(row)
    fixed: dict[int, str] = {}
    loose: list[_Unit] = []
    for copies in by_copies.values():
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
