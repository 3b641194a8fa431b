"""Leave combinations out, train networks from nothing without them, and ask for them.

Run: python -m benchmarks.unseen_scratch --data fashion --seeds 1
     python -m benchmarks.unseen_scratch --only "red dress" --set epochs=12

For each combination whose labels also occur elsewhere: its pictures go to the test
part, beside a part of all the others; then each recipe is trained, on the same split.
Thresholds, epochs and all else are settled on the validation part.
"""

import argparse
import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from sklearn.metrics import roc_auc_score

from benchmarks.commands import call
from benchmarks.datasets import DATASETS
from benchmarks.measure import temporary_home
from mlcore import splits
from mlcore.evaluation import load_held_out, read_predictions
from mlcore.recipes import find_recipe
from storage.image_marks import move_to_split
from storage.label_sets import images_of_combination, label_sets
from storage.labels import list_labels
from storage.projects import Project, open_project
from storage.runs import run_dir

PROJECT = "bench"
RECIPES = ("fast", "compositional-scratch")
FIRST_SEED = 42
# Part of the pictures that neither train nor choose anything.
TEST_PART = 0.15
WHO = "benchmark"
EVERY = 10**9


@dataclass(frozen=True)
class Row:
    """One recipe without one combination: the parts answered exactly right.

    `auroc` is how well the model's own share of unseen combinations tells its
    pictures from those of the others; None where it names none.
    """

    recipe: str
    left_out: str
    seed: int
    seen: float
    seen_images: int
    unseen: float
    unseen_images: int
    auroc: float | None
    seconds: float

    @property
    def harmonic(self) -> float:
        """The harmonic mean of seen and unseen."""
        return 2 * self.seen * self.unseen / max(1e-9, self.seen + self.unseen)


def list_removable(project: Project) -> dict[str, tuple[int, ...]]:
    """The label ids of combinations whose labels also occur elsewhere, by name."""
    names = {label.label_id: label.name for label in list_labels(project)}
    sets = label_sets(project)
    counts = Counter(label_id for one in sets for label_id in one.label_ids)
    return {
        " ".join(names[label_id] for label_id in one.label_ids): one.label_ids
        for one in sets
        if one.label_ids and all(counts[label_id] > 1 for label_id in one.label_ids)
    }


@contextmanager
def left_out(label_ids: tuple[int, ...]) -> Iterator[None]:
    """Keep the pictures of a combination in the test part for the time of the block."""
    with open_project(PROJECT) as project:
        images = images_of_combination(project, label_ids, limit=EVERY)
        _move(project, {image.image_id: "test" for image in images})
    yield
    with open_project(PROJECT) as project:
        _move(project, {image.image_id: image.split for image in images})


def _move(project: Project, splits_of: dict[int, str | None]) -> None:
    for split in set(splits_of.values()):
        ids = [image_id for image_id, own in splits_of.items() if own == split]
        batch = f"{split}-{ids[0]}-{next(_numbers)}"
        move_to_split(project, ids, split, who=WHO, batch_id=batch)


_numbers = count()


def train(recipe: str, seed: int, settings: list[str]) -> dict:
    """The report of a run."""
    words = [w for text in (f"seed={seed}", *settings) for w in ("--set", text)]
    return call("train", PROJECT, "--recipe", recipe, *words, "--wait") | {"seed": seed}


def measure(recipe: str, name: str, label_ids: tuple[int, ...], run: dict) -> Row:
    """What a run knows of the combination it never saw, and of the others."""
    with open_project(PROJECT) as project:
        held_out = load_held_out(project, run["run"], "test")
        table = read_predictions(run_dir(project, run["run"]))
    right = (held_out.decide() == (held_out.y == 1)).all(axis=1)
    places = [label.label_id for label in held_out.labels]
    columns = [places.index(label_id) for label_id in label_ids]
    is_unseen = (held_out.y[:, columns] == 1).all(axis=1)
    auroc = None
    if "unseen" in table:
        own = table[table["split"] == "test"]["unseen"].to_numpy()
        auroc = round(float(roc_auc_score(is_unseen, own)), 4)
    return Row(
        recipe=recipe,
        left_out=name,
        seed=run["seed"],
        seen=round(float(right[~is_unseen].mean()), 4),
        seen_images=int((~is_unseen).sum()),
        unseen=round(float(right[is_unseen].mean()), 4),
        unseen_images=int(is_unseen.sum()),
        auroc=auroc,
        seconds=run["seconds"],
    )


def read_options() -> argparse.Namespace:
    """What to train on, how often, and with what changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", choices=DATASETS, default="fashion")
    parser.add_argument("--recipes", nargs="+", default=RECIPES)
    parser.add_argument("--only", nargs="+", help="combinations, such as 'red dress'")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    return parser.parse_args()


def measure_all(options: argparse.Namespace) -> list[Row]:
    """A row for each combination, recipe and seed, printed as they come."""
    config = find_recipe("fast").config.with_changes(
        test_fraction=TEST_PART, validation_fraction=TEST_PART
    )
    with open_project(PROJECT) as project:
        splits.assign_project(project, config)
        removable = list_removable(project)
    rows = []
    print("| left out | recipe | seed | seen | unseen | harmonic | AUROC | s |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in options.only or removable:
        with left_out(removable[name]):
            for recipe in options.recipes:
                for seed in range(options.seeds):
                    run = train(recipe, options.first_seed + seed, options.settings)
                    rows.append(measure(recipe, name, removable[name], run))
                    print(format_row(rows[-1]), flush=True)
    return rows


def format_row(row: Row) -> str:
    """A row of the table."""
    auroc = "" if row.auroc is None else f"{row.auroc:.3f}"
    shares = f"{row.seen:.3f} | {row.unseen:.3f} | {row.harmonic:.3f}"
    words = f"{row.left_out} | {row.recipe} | {row.seed}"
    return f"| {words} | {shares} | {auroc} | {row.seconds:.0f} |"


def print_means(rows: list[Row]) -> None:
    """The mean over combinations and seeds, and the spread of the unseen."""
    for recipe in dict.fromkeys(row.recipe for row in rows):
        own = [row for row in rows if row.recipe == recipe]
        seen, unseen, harmonic = (
            statistics.mean(getattr(row, name) for row in own)
            for name in ("seen", "unseen", "harmonic")
        )
        worst, best = (pick(row.unseen for row in own) for pick in (min, max))
        print(
            f"| mean | {recipe} | | {seen:.3f} | {unseen:.3f} ({worst:.3f} to "
            f"{best:.3f}) | {harmonic:.3f} | | |"
        )


def main() -> None:
    """Measure and print; the last line is JSON."""
    options = read_options()
    with temporary_home(), tempfile.TemporaryDirectory(prefix="unseen-data-") as files:
        call("create", PROJECT)
        DATASETS[options.data](PROJECT, Path(files))
        rows = measure_all(options)
    print_means(rows)
    found = [asdict(row) | {"harmonic": round(row.harmonic, 4)} for row in rows]
    print(json.dumps({"data": options.data, "rows": found}))


if __name__ == "__main__":
    main()
