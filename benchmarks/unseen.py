"""Leave each combination of a real data set out, train without it, and ask for it.

Run: python -m benchmarks.unseen --data apparel --seeds 3
     python -m benchmarks.unseen --data fashion --examples

For each combination that can be spared: heads by label (BCE, .5), heads by group, and
the compositional heads as a run fits them, which choose their weights by leaving other
combinations out and never see this one. "Seen" is a held-out fifth of the rest.
"""

import argparse
import json
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks.measure import find_data
from benchmarks.unseen_features import Photos, read_photos
from mlcore.combination_table import CombinationTable, make_table, read_values
from mlcore.head_questions import FREE, Question
from mlcore.heads import HeadSettings, fit_heads
from mlcore.joint_fit import PULL
from mlcore.joint_training import Composed, Material, compose_heads
from mlcore.joint_views import ALL, select_view
from mlcore.left_out import COMPOSITIONAL
from mlcore.left_out_report import count_right
from mlcore.left_out_trials import find_removable
from mlcore.prediction_warnings import NAMED_FROM

FIRST_SEED = 42
HELD_OUT_PARTS = 5
HEADS = ("bce", "softmax", "compositional")
SETTINGS = HeadSettings(regularisation=PULL)
# So many of the other combinations choose the weights, of each that is left out.
CHOSEN_BY = 8
FALSE_ALARMS = 0.05


@dataclass(frozen=True)
class Row:
    """One combination left out with one seed: shares exactly right, by head."""

    combination: str
    seed: int
    images: int
    seen: dict[str, float]
    unseen: dict[str, float]
    warning_auroc: float
    warned: float
    told: dict[str, float]
    estimate: float
    seconds: float


# Photos, seed, the values that are left out.
Task = tuple[Photos, int, tuple[int, ...]]


def leave_out(task: Task) -> Row:
    """Everything measured of one combination and seed."""
    photos, seed, wanted = task
    with threadpool_limits(1):
        began = time.monotonic()
        is_it = (photos.values == wanted).all(axis=1)
        held_out = draw_held_out(photos, seed)
        train = np.flatnonzero(~held_out & ~is_it)
        stayed = np.flatnonzero(held_out & ~is_it)
        asked = {"seen": stayed, "unseen": np.flatnonzero(is_it)}
        composed = _compose(photos, train, seed)
        seconds = time.monotonic() - began
        shares = {
            name: {
                "bce": _score_bce(photos, train, rows),
                "softmax": _exact(
                    photos, composed.heads.plain.probabilities(photos.x[rows]), rows
                ),
                "compositional": _exact(
                    photos, composed.heads.probabilities(photos.x[rows]), rows
                ),
            }
            for name, rows in asked.items()
        }
        said = {
            name: composed.heads.read(photos.x[rows]) for name, rows in asked.items()
        }
    warning = {name: unseen for name, (_, unseen) in said.items()}
    limit = float(np.quantile(warning["seen"], 1 - FALSE_ALARMS))
    told = {
        name: _share_told(composed.heads.table, *answers, limit)
        for name, answers in said.items()
    }
    truth = np.repeat([0, 1], [len(warning["seen"]), len(warning["unseen"])])
    scores = np.concatenate([warning["seen"], warning["unseen"]])
    return Row(
        photos.name_of(wanted),
        seed,
        int(is_it.sum()),
        shares["seen"],
        shares["unseen"],
        float(roc_auc_score(truth, scores)),
        float((warning["unseen"] > limit).mean()),
        told,
        _estimate(photos, composed, wanted),
        seconds,
    )


def draw_held_out(photos: Photos, seed: int) -> np.ndarray:
    """(n,) True for a fifth of each combination."""
    chance = np.random.default_rng(seed)
    found = np.zeros(len(photos.values), bool)
    for value in np.unique(photos.values, axis=0):
        rows = np.flatnonzero((photos.values == value).all(axis=1))
        found[chance.permutation(rows)[: len(rows) // HELD_OUT_PARTS]] = True
    return found


def _compose(photos: Photos, train: np.ndarray, seed: int) -> Composed:
    """As a run does, whose validation part is drawn from what it may train on."""
    rest = np.random.default_rng(seed + 1).permutation(train)
    asked = np.sort(rest[: len(rest) // HELD_OUT_PARTS])
    material = Material(photos.x, photos.y, photos.questions, (), CHOSEN_BY)
    found = compose_heads(
        material, np.setdiff1d(train, asked), asked, SETTINGS, lambda done, total: None
    )
    assert found is not None, "the data sets have two groups"
    return found


def _exact(photos: Photos, probabilities: np.ndarray, rows: np.ndarray) -> float:
    said = [probabilities[:, q.columns].argmax(axis=1) for q in photos.questions]
    return float((np.stack(said, axis=1) == photos.values[rows]).all(axis=1).mean())


def _score_bce(photos: Photos, train: np.ndarray, rows: np.ndarray) -> float:
    """One yes or no a label, at .5: the classic recipe's answer."""
    free = [Question(FREE, (at,)) for at in range(photos.y.shape[1])]
    x = select_view(photos.x, ALL)
    heads = fit_heads(x[train], photos.y[train], free, SETTINGS)
    said = heads.probabilities(x[rows]) >= 0.5
    return float((said == (photos.y[rows] == 1)).all(axis=1).mean())


def _share_told(
    table: CombinationTable, shares: np.ndarray, unseen: np.ndarray, limit: float
) -> float:
    """The part of pictures (n,) of which a person reads a warning of the unseen.

    Either the answer itself was never shown, or one that was not is named beside it.
    """
    weights = np.ones((len(shares), len(table.seen)))
    for question, values in zip(table.questions, table.combinations.T, strict=True):
        weights *= shares[:, question.columns][:, values]
    weights /= weights.sum(axis=1, keepdims=True)
    is_new = ~table.seen[weights.argmax(axis=1)]
    likeliest = np.where(table.seen, 0, weights).max(axis=1)
    return float((is_new | ((unseen > limit) & (likeliest >= NAMED_FROM))).mean())


def _estimate(photos: Photos, composed: Composed, wanted: tuple[int, ...]) -> float:
    """What its run would tell of a combination like this: the mean of those alike."""
    right, _ = count_right(composed.studied, COMPOSITIONAL)
    pairs = list(zip(composed.studied.trials, right, strict=True))
    alike = [
        n / trial.images
        for trial, n in pairs
        if any(a == b for a, b in zip(trial.combination, wanted, strict=True))
    ]
    return statistics.mean(alike or [n / trial.images for trial, n in pairs])


def list_tasks(
    photos: Photos, seeds: range
) -> list[tuple[Photos, int, tuple[int, ...]]]:
    """Every combination that can be left out, with every seed."""
    table = make_table(photos.questions, read_values(photos.questions, photos.y))
    assert table is not None
    places = table.places_of(photos.values)
    counts = np.bincount(places, minlength=len(table.seen))
    removable, _ = find_removable(table, counts)
    wanted = [tuple(table.combinations[place].tolist()) for place in removable]
    return [(photos, seed, value) for seed in seeds for value in wanted]


def summarise(rows: list[Row]) -> dict[str, object]:
    """Means over combinations for each seed, then their mean and spread."""
    found: dict[str, object] = {}
    seeds = sorted({row.seed for row in rows})
    for head in HEADS:
        per_seed = [_of_seed(rows, seed, head) for seed in seeds]
        found[head] = {
            key: _mean_and_spread([one[key] for one in per_seed]) for key in per_seed[0]
        }
    within = [abs(r.estimate - r.unseen["compositional"]) <= 0.1 for r in rows]
    return found | {
        "warning_auroc": round(statistics.mean(r.warning_auroc for r in rows), 4),
        "warned_at_5_percent": round(statistics.mean(r.warned for r in rows), 4),
        "told": round(statistics.mean(r.told["unseen"] for r in rows), 4),
        "told_in_vain": round(statistics.mean(r.told["seen"] for r in rows), 4),
        "estimate_within_10_points": round(statistics.mean(within), 4),
        "seconds_a_combination": round(statistics.mean(r.seconds for r in rows), 2),
    }


def _mean_and_spread(values: list[float]) -> dict[str, float]:
    spread = max(values) - min(values)
    return {"mean": round(statistics.mean(values), 4), "spread": round(spread, 4)}


def _of_seed(rows: list[Row], seed: int, head: str) -> dict[str, float]:
    own = [row for row in rows if row.seed == seed]
    seen = statistics.mean(row.seen[head] for row in own)
    unseen = statistics.mean(row.unseen[head] for row in own)
    return {
        "seen": seen,
        "unseen": unseen,
        "harmonic": 2 * seen * unseen / max(seen + unseen, 1e-9),
        "worst": min(row.unseen[head] for row in own),
    }


def print_rows(rows: list[Row]) -> None:
    """One line a combination: the mean over seeds of what each head got right."""
    print("| left out | images | bce | softmax | compositional | estimate | warned |")
    print("|---|---|---|---|---|---|---|")
    for name in dict.fromkeys(row.combination for row in rows):
        own = [row for row in rows if row.combination == name]
        cells = [statistics.mean(r.unseen[head] for r in own) for head in HEADS]
        cells.append(statistics.mean(r.estimate for r in own))
        cells.append(statistics.mean(r.warned for r in own))
        shown = " | ".join(f"{cell:.3f}" for cell in cells)
        print(f"| {name} | {own[0].images} | {shown} |", flush=True)


def answer_examples(photos: Photos, scratch: Path) -> list[dict[str, object]]:
    """What heads trained on everything say of the seven example photos."""
    examples = read_photos("fashion-examples", scratch)
    composed = _compose(photos, np.arange(len(photos.values)), FIRST_SEED)
    probabilities, unseen = composed.heads.read(examples.x)
    plain = composed.heads.plain.probabilities(examples.x)
    return [
        {
            "photo": name,
            "compositional": _say(photos, ours),
            "softmax": _say(photos, theirs),
            "unseen": round(float(share), 3),
        }
        for name, ours, theirs, share in zip(
            examples.names, probabilities, plain, unseen, strict=True
        )
    ]


def _say(photos: Photos, row: np.ndarray) -> str:
    values = tuple(int(row[list(q.columns)].argmax()) for q in photos.questions)
    return photos.name_of(values)


def main() -> None:
    """Measure, print a table, and the same as JSON on the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=("apparel", "fashion"), default="apparel")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--cache", type=Path, default=Path(".cache/unseen"))
    options = parser.parse_args()
    find_data(options.data)
    photos = read_photos(options.data, options.cache)
    began = time.monotonic()
    tasks = list_tasks(photos, range(FIRST_SEED, FIRST_SEED + options.seeds))
    with ProcessPoolExecutor(options.processes) as pool:
        rows = list(pool.map(leave_out, tasks))
    print_rows(rows)
    found = {"data": options.data, "study_seconds": round(time.monotonic() - began, 1)}
    found |= summarise(rows) | {"rows": [asdict(row) for row in rows]}
    if options.examples:
        found["examples"] = answer_examples(photos, options.cache)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
