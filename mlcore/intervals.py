"""How sure figures are: likely ranges from the pictures they were counted on. Pure.

A share of pictures has its Wilson interval, an F1 that of the Jaccard share it is made
of: these say something even where all is right. Other figures are bootstrapped over
pictures, since the answers to one picture hang together; the draws are seeded, so a
figure always has the same range.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mlcore.metrics import UNKNOWN, Answers
from mlcore.scores import Interval, LabelScore, wilson

Floats = NDArray[np.float32]
Decisions = NDArray[np.bool_]

DRAWS_AT_MOST, DRAWS_AT_LEAST = 300, 100
# Of totals, which are drawn anew whenever a threshold moves.
TOTAL_DRAWS = 150
# Pictures times draws: what is kept in memory.
WEIGHTS_AT_MOST = 2_000_000
SEED = 20_611
# Under so many examples a figure is chance more than anything else.
FEW_EXAMPLES = 10


@lru_cache(maxsize=4)
def draw_weights(images: int) -> Floats:
    """Return (images, draws): how often each picture counts in each draw.

    The Poisson bootstrap: pictures count 0, 1, 2 … times independently of each other.
    """
    draws = WEIGHTS_AT_MOST // max(images, 1)
    draws = max(DRAWS_AT_LEAST, min(DRAWS_AT_MOST, draws))
    random = np.random.default_rng(SEED)
    return random.poisson(1.0, (images, draws)).astype(np.float32)


def likely(values: NDArray[np.floating]) -> Interval | None:
    """Return the middle 95 % of what was drawn; None where nothing is defined."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def f1_interval(hits: int, wrong: int) -> Interval | None:
    """Return the range of the F1 of `hits` and of `wrong` answers of either kind.

    F1 = 2J / (1 + J), where J is the share of hits among hits and wrong answers.
    """
    if not hits + wrong:
        return None
    low, high = wilson(hits, hits + wrong)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def label_intervals(score: LabelScore) -> dict[str, Interval | None]:
    """Return the ranges of a label's precision, recall and F1; None where undefined."""
    if score.recall is None:
        return dict.fromkeys(("precision", "recall", "f1"))
    hits, false = score.hits, score.false
    wrong = false + score.support - hits
    return {
        "precision": None if score.precision is None else wilson(hits, hits + false),
        "recall": wilson(hits, score.support),
        "f1": None if score.f1 is None else f1_interval(hits, wrong),
    }


def total_intervals(
    y: Answers, said: Decisions, scores: Mapping[str, float | None]
) -> dict[str, Interval | None]:
    """Return the ranges of the totals of answers `y` and `said` (n, L) that thresholds
    decide; None for those that `scores` has as None.
    """
    known = y != UNKNOWN
    yes, said = y == 1, said & known
    right = (said == yes) & known
    asked = known.any(axis=1)
    exact = (right | ~known).all(axis=1) & asked
    f2, has_f2 = _f2_of_samples(yes, said)
    one_each = (known.sum(axis=1), right.sum(axis=1), f2, has_f2)
    # one product of matrices for everything that is summed up
    columns = np.column_stack([*one_each, yes, said, yes & said]).astype(np.float32)
    sums = columns.T @ draw_weights(len(y))[:, :TOTAL_DRAWS]
    (answers, rights, f2_sum, f2_count), rest = sums[:4], sums[4:]
    in_truth, in_answer, hits = np.split(rest, 3)
    with np.errstate(invalid="ignore", divide="ignore"):
        both = in_truth + in_answer
        # a label without counter-examples has no F1
        scored = yes.any(axis=0) & (y == 0).any(axis=0)
        found: dict[str, Interval | None] = {
            "exact_match": wilson(int(exact.sum()), int(asked.sum())),
            "binary_accuracy": likely(rights / answers),
            "micro_f1": likely(2 * hits.sum(axis=0) / both.sum(axis=0)),
            "macro_f1": likely(_mean_known((2 * hits / both)[scored])),
            "f2": likely(f2_sum / f2_count),
        }
    return {
        name: found.get(name) if value is not None else None
        for name, value in scores.items()
    }


def _mean_known(shares: Floats) -> Floats:
    """Return (draws,) means over labels that were drawn at all."""
    known = np.isfinite(shares)
    return np.asarray(np.where(known, shares, 0).sum(axis=0) / known.sum(axis=0))


def _f2_of_samples(yes: Decisions, said: Decisions) -> tuple[Floats, Decisions]:
    """Return (n,) the F2 of each picture, and whether it has one."""
    total = (4.0 * yes.sum(axis=1) + said.sum(axis=1)).astype(np.float32)
    has_one = total > 0
    hits = 5.0 * (yes & said).sum(axis=1)
    return np.where(has_one, hits / np.maximum(total, 1), 0), has_one
