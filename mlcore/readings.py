"""From probabilities to a reading of the picture, and its next best readings.

A reading takes the best label of each group; the others are ranked by probability,
taking the model's answers as independent. Pure numpy.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlcore.prediction_warnings import (
    Reading,
    list_warnings,
    name_missing,
    unseen_readings,
)
from mlcore.predictions import Alternative, Prediction
from mlcore.training_view import Choice, TrainingView

Row = NDArray[np.floating]
Option = tuple[tuple[int, ...], float]
# A sigmoid in float32 saturates at exactly 0 or 1, whose odds are infinite.
NEARLY_ZERO = 1e-6
# Best readings kept while groups are added: exact for that many, bounded for many.
BEAM = 64
ALTERNATIVES = 3
# Share of held-out pictures, all of seen combinations, that may be doubted in vain.
FALSE_DOUBTS = 0.05
# What is shared out among the labels of a group is calibrated: below one in a hundred
# for all unseen readings together, there is nothing to look at.
SHARED_DOUBT_AT_LEAST = 0.01
HELD_OUT_AT_LEAST = 20
HELD_OUT_AT_MOST = 1000


def predict_one(view: TrainingView, row: Row, path: Path, name: str) -> Prediction:
    """Return the prediction for the probabilities `row` (L,) of one picture."""
    said = view.decide(row[None])[0]
    best = best_reading(view, row)
    others = [r for r in rank_readings(view, row) if set(r.columns) != set(best)]
    seen_count = view.count_images(best)
    found = list_warnings(view, row, best, others)
    return Prediction(
        path=str(path),
        name=name,
        labels=view.name_all([*best, *_free_columns(view, said, best)]),
        probabilities={
            label: round(float(p), 6) for label, p in zip(view.names, row, strict=True)
        },
        combination_seen=seen_count > 0,
        seen_count=seen_count,
        alternatives=_pick_alternatives(view, others, is_seen=seen_count > 0),
        warnings=[str(warning) for warning in found],
        combination=view.name_all(best),
        headlines=[warning.headline for warning in found],
        missing=name_missing(view, best, others),
    )


def _free_columns(
    view: TrainingView, said: NDArray[np.bool_], best: tuple[int, ...]
) -> list[int]:
    """Return columns above their threshold that no group's choice has settled."""
    exclusive = (c.columns for c in view.choices if c.rule != "any")
    settled = {*best, *(column for columns in exclusive for column in columns)}
    return [column for column in np.flatnonzero(said).tolist() if column not in settled]


def calibrate_doubt(view: TrainingView, held_out: NDArray[np.floating]) -> TrainingView:
    """Return the view with its doubt set by probabilities (n, L) of held-out pictures.

    A network is as sure of a red dress as of red jeans it never saw; but what little
    it leaves to unseen readings differs. The limit is where one in twenty held-out
    pictures would be doubted; only free labels may need more than the default. Where
    groups share out one yes, it never falls below one in a hundred: sure pictures are
    not doubted for being a little less sure than others.
    """
    if len(held_out) < HELD_OUT_AT_LEAST:
        return view
    step = -(-len(held_out) // HELD_OUT_AT_MOST)
    shares = [_unseen_share(view, row) for row in held_out[::step]]
    limit = float(np.quantile(shares, 1 - FALSE_DOUBTS))
    if view.output != "sigmoid":
        limit = max(limit, SHARED_DOUBT_AT_LEAST)
    has_groups = any(choice.rule != "any" for choice in view.choices)
    bound = min if has_groups else max
    return replace(view, doubt_above=bound(limit, view.doubt_above))


def _unseen_share(view: TrainingView, row: Row) -> float:
    return sum(r.probability for r in unseen_readings(view, rank_readings(view, row)))


def best_reading(view: TrainingView, row: Row) -> tuple[int, ...]:
    """Return the columns of the best label of each group.

    An at-most-one group and a free label take part only above their threshold.
    """
    best = []
    is_enough = view.reach(row[None])[0]
    for choice in view.choices:
        column = max(choice.columns, key=lambda c: float(row[c]))
        if choice.rule == "exactly-one" or is_enough[column]:
            best.append(column)
    return tuple(best)


def rank_readings(view: TrainingView, row: Row) -> list[Reading]:
    """Return the most probable readings, best first, without impossible ones."""
    found: list[Option] = [((), 1.0)]
    for choice in view.choices:
        options = list(_options(choice, row, view.output))
        longer = [(c + more, p * q) for c, p in found for more, q in options]
        found = sorted(longer, key=lambda option: -option[1])[:BEAM]
    return [Reading(c, p) for c, p in found if c and not view.is_impossible(c)]


def _options(choice: Choice, row: Row, output: str) -> Iterator[Option]:
    """Yield columns and probability of each way to choose from one group.

    Where exactly one label is yes, independent sigmoids give it the odds p / (1 - p);
    a softmax over the group's labels has shared out the whole already.
    """
    is_shared = output == "softmax" or (output == "groups" and choice.rule != "any")
    scores = np.clip(
        row[list(choice.columns)].astype(float), NEARLY_ZERO, 1 - NEARLY_ZERO
    )
    odds = scores if is_shared else scores / (1 - scores)
    none = 0.0 if choice.rule == "exactly-one" else 1.0
    if is_shared and none:
        none = max(NEARLY_ZERO, 1 - float(scores.sum()))
    total = float(odds.sum()) + none
    if none:
        yield (), none / total
    for column, odd in zip(choice.columns, odds, strict=True):
        yield (column,), float(odd) / total


def _pick_alternatives(
    view: TrainingView, others: list[Reading], *, is_seen: bool
) -> list[Alternative]:
    """Take the most probable, and a seen one in any case if the answer is unseen."""
    picked = others[:ALTERNATIVES]
    if not is_seen and not any(view.count_images(r.columns) for r in picked):
        picked = picked[:-1] + [r for r in others if view.count_images(r.columns)][:1]
    return [
        Alternative(
            labels=view.name_all(reading.columns),
            probability=round(reading.probability, 4),
            seen=view.count_images(reading.columns) > 0,
        )
        for reading in picked
    ]
