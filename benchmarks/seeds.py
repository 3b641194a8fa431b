"""Train recipes on a real data set over several seeds; held-out figures and spread.

Run: python -m benchmarks.seeds --data fashion --recipes quick fast --seeds 3
     python -m benchmarks.seeds --data satellite --recipes vgg16 --set epochs=15

The split is made once (by the first seed) and kept, so recipes and seeds compare.
`--home` keeps the project, so that another recipe can be measured on the same split.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.commands import call
from benchmarks.datasets import DATASETS
from benchmarks.measure import fixed_home, temporary_home

FIGURES = ("exact_match", "binary_accuracy", "micro_f1", "macro_f1", "f2", "seconds")
PROJECT = "bench"
FIRST_SEED = 42


def measure(recipe: str, settings: list[str], seed: int) -> dict[str, Any]:
    """The held-out figures of one recipe and seed, with the seconds it trained."""
    changes = [f"seed={seed}", *settings]
    words = [word for text in changes for word in ("--set", text)]
    run = call("train", PROJECT, "--recipe", recipe, *words, "--wait")
    figures = call("evaluate", PROJECT, run["run"])
    return {"recipe": recipe, "seed": seed, **figures, "seconds": run["seconds"]}


def print_table(data: str, found: list[dict[str, Any]]) -> None:
    """A row for each recipe and figure: every seed, the mean, the spread."""
    print(f"| {data} | figure | seeds | mean | spread |\n|---|---|---|---|---|")
    for recipe in dict.fromkeys(row["recipe"] for row in found):
        rows = [row for row in found if row["recipe"] == recipe]
        for name in FIGURES:
            values = [row[name] for row in rows if row[name] is not None]
            if values:
                print(f"| {recipe} | {name} | {_cells(values)} |", flush=True)


def _cells(values: list[float]) -> str:
    each = " ".join(f"{value:.4g}" for value in values)
    spread = max(values) - min(values)
    return f"{each} | {statistics.mean(values):.4g} | {spread:.2g}"


def read_options() -> argparse.Namespace:
    """What to train on, with what, how often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=DATASETS, default="fashion")
    parser.add_argument("--recipes", nargs="+", default=["quick"])
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--home", type=Path)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = read_options()
    home = fixed_home(options.home) if options.home else temporary_home()
    with home, tempfile.TemporaryDirectory(prefix="unseen-data-") as scratch:
        if PROJECT not in {row["project"] for row in call("projects")}:
            call("create", PROJECT)
            DATASETS[options.data](PROJECT, Path(scratch))
        found = [
            measure(recipe, options.settings, options.first_seed + at)
            for recipe in options.recipes
            for at in range(options.seeds)
        ]
    print_table(options.data, found)
    kept = ("recipe", "seed", "images", *FIGURES)
    print(json.dumps([{"data": options.data} | _picked(row, kept) for row in found]))


def _picked(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


if __name__ == "__main__":
    main()
