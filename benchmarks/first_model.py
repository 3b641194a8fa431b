"""Train a recipe on a real data set over several seeds; report held-out figures.

Run: python -m benchmarks.first_model --data fashion --recipe smallervggnet \
         --set epochs=20 --seeds 3
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import find_data, temporary_home

ROOT = Path(__file__).resolve().parent.parent


def call(*arguments: str) -> dict:
    """Run one command of the command line and return its JSON."""
    command = [sys.executable, "-m", "mlcore", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def train_and_evaluate(recipe: str, settings: list[str], seed: int) -> dict:
    """Return the held-out figures of one seed, with seconds and run id."""
    changes = [word for text in [*settings, f"seed={seed}"] for word in ("--set", text)]
    run = call("train", "bench", "--recipe", recipe, *changes, "--wait")
    figures = call("evaluate", "bench", run["run"])
    return {"seed": seed, "seconds": run["seconds"], **figures}


def read_options() -> argparse.Namespace:
    """Return what to train on, with what, how often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="fashion")
    parser.add_argument("--recipe", default="smallervggnet")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = read_options()
    keys = ("exact_match", "binary_accuracy", "micro_f1", "f2", "seconds")
    with temporary_home():
        call("create", "bench")
        call("import", "bench", str(find_data(options.data)))
        found = [
            train_and_evaluate(options.recipe, options.settings, 42 + i)
            for i in range(options.seeds)
        ]
    print("| figure | " + " | ".join(f"seed {r['seed']}" for r in found), end="")
    print(" | mean | spread |\n|---|" + "---|" * (len(found) + 2))
    for key in keys:
        values = [r[key] for r in found]
        cells = [*values, statistics.mean(values), max(values) - min(values)]
        print(f"| {key} | " + " | ".join(f"{v:.4g}" for v in cells) + " |")
    print(json.dumps([{k: r[k] for k in ("seed", *keys)} for r in found]))


if __name__ == "__main__":
    main()
