"""What is known of a run's mistakes: training's counts, copies, light, neighbours."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from mlcore.data_health import (
    BLURRY_BELOW,
    DARK_BELOW,
    FLAT_BELOW,
    GLARE_ABOVE,
    TINY_PX,
)
from mlcore.errors import MLError
from mlcore.evaluation import HeldOut
from mlcore.label_suspicions import probable_suspects
from mlcore.metrics import combined_columns
from mlcore.mistake_causes import Clue
from mlcore.mistakes import IN_VAIN, Mistake
from mlcore.nearest import Neighbour, training_pictures
from mlcore.queue_reasons import suspect_words
from mlcore.snapshot import YES, Snapshot, load_snapshot
from storage import health_rows
from storage.facts import near_duplicate_pairs, pixel_copies
from storage.home import load_settings
from storage.projects import Project
from storage.records import Run
from storage.run_imports import IMPORTED
from storage.runs import run_dir

# So many training pictures are compared with a mistake; more tell nothing new.
COMPARED_AT_MOST = 20_000
Neighbours = dict[int, tuple[Neighbour, ...]]


def find_neighbours(
    project: Project, run: Run, image_ids: Sequence[int], most: int = 5
) -> Neighbours:
    """The most alike training pictures of images of a run; {} where nobody looked."""
    try:
        known = training_pictures(project, run, COMPARED_AT_MOST)
    except MLError:
        return {}
    hashes = _hashes(known.snapshot)
    asked = {image_id: hashes[image_id] for image_id in image_ids if image_id in hashes}
    found = known.nearest_to(list(asked.values()), most)
    return {i: tuple(found[sha]) for i, sha in asked.items() if sha in found}


def gather_clues(
    project: Project,
    run: Run,
    held_out: HeldOut,
    mistakes: Sequence[Mistake],
    neighbours: Neighbours,
) -> list[Clue]:
    """What is known of each mistake, in their order."""
    ids = [one.image_id for one in mistakes]
    names = {label.label_id: label.name for label in held_out.labels}
    flaws, twins = _flaws(project), _known_twins(project, run)
    suspects = probable_suspects(project, ids)
    counts = _Counts(held_out)
    thin_below = load_settings().thin_below
    return [
        Clue(
            one,
            names,
            counts.of(one.combination) if one.combination else None,
            counts.labels,
            {pair: counts.of(pair) for pair in combinations(one.combination, 2)},
            tuple(n.label_ids for n in neighbours.get(one.image_id, ())),
            twins.get(one.image_id),
            tuple(word for word, found in flaws.items() if one.image_id in found),
            suspect_words(names, suspects[one.image_id])
            if one.image_id in suspects
            else "",
            _sureness(held_out, one),
            thin_below,
        )
        for one in mistakes
    ]


class _Counts:
    """How many training pictures show labels, alone and together."""

    def __init__(self, held_out: HeldOut):
        parts = combined_columns(held_out.labels, held_out.groups)
        combined = {held_out.labels[at].label_id for at in parts}
        self.labels: Counter[int] = Counter()
        self.sets: Counter[frozenset[int]] = Counter()
        self.known: dict[tuple[int, ...], int] = {}
        for ids, count in held_out.seen:
            self.labels.update(dict.fromkeys(ids, count))
            self.sets[frozenset(ids) & combined] += count

    def of(self, label_ids: tuple[int, ...]) -> int:
        """How many show all of these."""
        if label_ids not in self.known:
            wanted = frozenset(label_ids)
            self.known[label_ids] = sum(n for s, n in self.sets.items() if wanted <= s)
        return self.known[label_ids]


def _sureness(held_out: HeldOut, mistake: Mistake) -> float:
    said = [i for i, kind in mistake.faults if kind == IN_VAIN]
    if not said:
        return 0.0
    columns = [at for at, x in enumerate(held_out.labels) if x.label_id in said]
    row = (held_out.image_ids == mistake.image_id).argmax()
    return float(held_out.probabilities[row, columns].min())


def _hashes(snapshot: Snapshot) -> dict[int, str]:
    images = snapshot.images
    pairs = zip(images["image_id"], images["sha256"], strict=True)
    return {int(image_id): str(sha256) for image_id, sha256 in pairs}


def _flaws(project: Project) -> dict[str, set[int]]:
    """The images of which each word is true, by the limits of Data, Health."""
    tiny = min(TINY_PX, health_rows.usual_side_px(project) / 2)
    return {
        "dark": set(health_rows.dark_images(project, DARK_BELOW)),
        "blurred": set(health_rows.blurry_images(project, BLURRY_BELOW)),
        "burnt out": set(
            health_rows.bright_images(
                project, glare_above=GLARE_ABOVE, contrast_below=FLAT_BELOW
            )
        ),
        "tiny": set(health_rows.tiny_images(project, tiny)),
        "blank": set(health_rows.blank_images(project)),
    }


def _known_twins(project: Project, run: Run) -> dict[int, tuple[int, ...]]:
    """Nothing is known of those of a run that was trained elsewhere."""
    if run.recipe == IMPORTED:
        return {}
    return _twins(project, load_snapshot(run_dir(project, run.run_id)))


def _twins(project: Project, snapshot: Snapshot) -> dict[int, tuple[int, ...]]:
    """The labels of the closest copy in training, for images outside of it."""
    images = snapshot.images
    rows = {int(image_id): at for at, image_id in enumerate(images["image_id"])}
    is_train = (images["split"] == "train").to_numpy()
    found: dict[int, tuple[int, ...]] = {}
    for pair in _pairs(project):
        for one, other in (pair, pair[::-1]):
            is_pair = one in rows and other in rows and one not in found
            if is_pair and not is_train[rows[one]] and is_train[rows[other]]:
                found[one] = _labels(snapshot, rows[other])
    return found


def _pairs(project: Project) -> list[tuple[int, int]]:
    """Copies of each other, the closest first."""
    same: dict[str, list[int]] = {}
    for pixels, image_id in pixel_copies(project):
        same.setdefault(pixels, []).append(image_id)
    equal = [pair for ids in same.values() for pair in combinations(ids, 2)]
    return equal + [(one, other) for one, other, _ in near_duplicate_pairs(project)]


def _labels(snapshot: Snapshot, row: int) -> tuple[int, ...]:
    columns = (snapshot.y[row] == YES).nonzero()[0]
    return tuple(snapshot.labels[at].label_id for at in columns)
