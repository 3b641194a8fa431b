"""From probabilities to a reading of the picture, and its next best readings.

A reading takes the best label of each group; the others are ranked by probability,
taking the model's answers as independent. Pure numpy.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlcore.cautions import Caution
from mlcore.close_calls import all_right_chance, name_close_calls
from mlcore.novelty import Strangeness
from mlcore.prediction_warnings import (
    Reading,
    Said,
    list_warnings,
    name_missing,
    unseen_readings,
)
from mlcore.predictions import (
    DOUBTS,
    EMPTY,
    UNSEEN,
    UNSURE,
    Alternative,
    Prediction,
)
from mlcore.training_view import DOUBT_ABOVE, Choice, TrainingView

Row = NDArray[np.floating]
Option = tuple[tuple[int, ...], float]
# A sigmoid in float32 saturates at exactly 0 or 1, whose odds are infinite.
NEARLY_ZERO = 1e-6
# Best readings kept while groups are added: exact for that many, bounded for many.
BEAM = 64
ALTERNATIVES = 3
# Share of held-out pictures, all of seen combinations, that may be doubted in vain.
FALSE_DOUBTS = 0.05
# Where groups share out one yes, there is nothing to look at below this for all unseen
# readings together, however little is usual. Independent sigmoids leave far less.
SHARED_DOUBT_AT_LEAST = 1e-4
HELD_OUT_AT_LEAST = 20
HELD_OUT_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run knows of a picture besides probabilities, where it knows it.

    `unseen` is what it gives to all combinations that training never showed.
    """

    unseen: float | None = None
    novelty: Strangeness | None = None


NOTHING_MORE = Evidence()


def predict_one(
    view: TrainingView,
    row: Row,
    path: Path,
    name: str,
    more: Evidence = NOTHING_MORE,
) -> Prediction:
    """Return the prediction for the probabilities `row` (L,) of one picture."""
    best = best_reading(view, row)
    ranked = rank_readings(view, row)
    others = [r for r in ranked if set(r.columns) != set(best)]
    share = _unseen_share(view, ranked) if more.unseen is None else more.unseen
    is_weighed = more.unseen is not None
    said = Said(row, best, others, share, more.novelty, is_weighed)
    found = list_warnings(view, said)
    seen_count = view.count_images(best)
    decided = view.decide(row[None])[0]
    free = _free_columns(view, decided, best)
    close = name_close_calls(view, row, best)
    doubts = _list_doubts(view, best, found) | ({UNSURE} if close else set())
    doubts |= set() if best or free else {EMPTY}
    return Prediction(
        path=str(path),
        name=name,
        labels=view.name_all([*best, *free]),
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
        unseen_share=round(share, 6),
        doubts=[kind for kind in DOUBTS if kind in doubts],
        novelty=more.novelty,
        temperatures=dict(view.temperatures),
        separator=view.separator,
        close_calls=close,
        chance=round(all_right_chance(view, row, decided), 6),
    )


def _list_doubts(
    view: TrainingView, best: tuple[int, ...], found: list[Caution]
) -> set[str]:
    """Return what there is to doubt about this reading besides close calls."""
    doubts = {warning.doubt for warning in found}
    # A whole reading may be new though every two of its labels are known.
    if not view.count_images(best):
        doubts.add(UNSEEN)
    return doubts


def _free_columns(
    view: TrainingView, said: NDArray[np.bool_], best: tuple[int, ...]
) -> list[int]:
    """Return columns above their threshold that no group's choice has settled."""
    settled = _exclusive_columns(view).union(best)
    return [column for column in np.flatnonzero(said).tolist() if column not in settled]


def _exclusive_columns(view: TrainingView) -> set[int]:
    return {
        c for choice in view.choices if choice.rule != "any" for c in choice.columns
    }


def calibrate_doubt(view: TrainingView, held_out: NDArray[np.floating]) -> TrainingView:
    """Return the view with its doubt set by probabilities (n, L) of held-out pictures.

    For models that were written before their limit was: a newer one has its own.
    """
    limit = None if view.is_doubt_measured else limit_doubt(view, held_out)
    if limit is None:
        return view
    return replace(view, doubt_above=limit, is_doubt_measured=True)


def limit_doubt(
    view: TrainingView,
    held_out: NDArray[np.floating],
    unseen: NDArray[np.floating] | None = None,
) -> float | None:
    """Return the share of unseen readings that one in twenty pictures exceeds.

    A network is as sure of a red dress as of red jeans it never saw; but what little
    it leaves to unseen readings differs. `held_out` (n, L) are probabilities of
    pictures of combinations that training showed, `unseen` what the model itself gives
    to the others. None with too few of them.
    """
    if len(held_out) < HELD_OUT_AT_LEAST:
        return None
    step = -(-len(held_out) // HELD_OUT_AT_MOST)
    if unseen is None:
        rows = held_out[::step]
        unseen = np.array([_unseen_share(view, rank_readings(view, r)) for r in rows])
    limit = float(np.quantile(unseen, 1 - FALSE_DOUBTS))
    if view.output != "sigmoid":
        limit = max(limit, SHARED_DOUBT_AT_LEAST)
    # Free labels together are new all the time; that alone is no reason to look.
    has_groups = any(choice.rule != "any" for choice in view.choices)
    return limit if has_groups else max(limit, DOUBT_ABOVE)


def _unseen_share(view: TrainingView, ranked: list[Reading]) -> float:
    return min(1.0, sum(r.probability for r in unseen_readings(view, ranked)))


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
