"""Answer photos wrong on purpose and see how many of the wrong ones are found.

Run: python -m benchmarks.label_errors --data fashion --seeds 3

In each draw one label of 5 % of the photos is changed at random. Found are those at the
top of the ranking, as many as were changed (precision and recall are then the same),
and those the app would show. Also: does mending what it shows mend the rest.
"""

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.unseen_features import Photos, read_photos
from mlcore.joint_views import ALL, select_view
from mlcore.label_errors import (
    OutOfFold,
    deal_folds,
    find_suspects,
    prepare,
    rank_quality,
)
from mlcore.label_worth import are_right, measure_worth

FIRST_SEED = 42
SHARE = 0.05


@dataclass(frozen=True)
class Draw:
    """What one draw of wrong labels gave; shares of photos."""

    seed: int
    flipped: int
    at_flipped: float
    shown: int
    precision: float
    recall: float
    exact_before: float
    exact_corrected: float
    truth_before: float
    truth_corrected: float
    seconds: float


def flip(y: np.ndarray, photos: Photos, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The answers with one label of some photos changed, and (n,) which."""
    chance = np.random.default_rng(seed)
    found = y.copy()
    rows = chance.choice(len(y), round(SHARE * len(y)), replace=False)
    for row in rows:
        question = photos.questions[chance.integers(len(photos.questions))]
        columns = list(question.columns)
        others = [at for at in columns if not found[row, at]]
        found[row, columns] = 0
        found[row, chance.choice(others)] = 1
    is_flipped = np.zeros(len(y), bool)
    is_flipped[rows] = True
    return found, is_flipped


def tell(done: int, total: int) -> None:
    """Nobody watches."""


def draw(photos: Photos, x: np.ndarray, seed: int) -> Draw:
    """Change labels, search, and compare with what was changed."""
    began = time.monotonic()
    y, is_flipped = flip(photos.y, photos, seed)
    fitting = prepare(x, y, photos.questions, [], tell)
    everything = np.ones(len(y), bool)
    p = fitting.answer(y, everything, tell)
    wrong = find_suspects(y, p, photos.questions)
    order = np.argsort(rank_quality(y, p), kind="stable")
    count = int(is_flipped.sum())
    shown = wrong.any(axis=1)
    hits = int((shown & is_flipped).sum())
    seconds = time.monotonic() - began
    worth = measure_worth(fitting, y, p, wrong, tell).corrected
    mended = refit_corrected(fitting, photos, y, p, wrong)
    return Draw(
        seed,
        count,
        float(is_flipped[order[:count]].mean()),
        int(shown.sum()),
        hits / max(1, int(shown.sum())),
        hits / count,
        worth.before / worth.images,
        worth.after / worth.images,
        float(are_right(photos.y, p, photos.questions).mean()),
        mended,
        round(seconds, 1),
    )


def refit_corrected(
    fitting: OutOfFold, photos: Photos, y: np.ndarray, p: np.ndarray, wrong: np.ndarray
) -> float:
    """How many photos are read as they truly are once a person mended the suspects."""
    by_hand = np.where(wrong.any(axis=1, keepdims=True), photos.y, y)
    found = fitting.answer(by_hand, np.ones(len(y), bool), tell)
    return float(are_right(photos.y, found, photos.questions).mean())


def original(photos: Photos, x: np.ndarray) -> dict[str, int | list[str]]:
    """What is suspected of the labels as they came."""
    fitting = prepare(x, photos.y, photos.questions, [], tell)
    p = fitting.answer(photos.y, np.ones(len(x), bool), tell)
    wrong = find_suspects(photos.y, p, photos.questions).any(axis=1)
    order = np.argsort(rank_quality(photos.y, p), kind="stable")
    names = [photos.names[row] for row in order if wrong[row]]
    folds = [len(fold) for fold in deal_folds(photos.y)]
    return {
        "images": len(x),
        "folds": folds,
        "suspected": len(names),
        "worst": names[:8],
    }


def main() -> None:
    """Print a table, then one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="fashion")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(".cache/unseen"))
    options = parser.parse_args()
    photos = read_photos(options.data, options.cache)
    x = select_view(photos.x, ALL)
    draws = [draw(photos, x, FIRST_SEED + at) for at in range(options.seeds)]
    print("| seed | changed | found at the top | shown | of these wrong | of wrong |")
    print("|---|---|---|---|---|---|")
    for one in draws:
        print(
            f"| {one.seed} | {one.flipped} | {one.at_flipped:.3f} | {one.shown} "
            f"| {one.precision:.3f} | {one.recall:.3f} |"
        )
    means = {
        name: round(statistics.mean(getattr(one, name) for one in draws), 4)
        for name in asdict(draws[0])
        if name != "seed"
    }
    report = {"data": options.data, "original": original(photos, x), "mean": means}
    print(json.dumps(report | {"draws": [asdict(one) for one in draws]}))


if __name__ == "__main__":
    main()
