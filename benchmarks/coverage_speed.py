"""Coverage of 1,000,000 images with 100 labels: counting, reading, and live updates.

Run: python -m benchmarks.coverage_speed [--images 1000000] [--projects]

Three kinds of data: `groups` (six groups of ten, forty free labels that come in a few
thousand kinds of pictures), `tags` (a hundred free labels that come in such kinds) and
`distinct` (a hundred free labels at random: nearly every image is its own label set,
the worst there is). Figures in one process; --projects adds reading from a database.
"""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.measure import Figure, print_figures, temporary_home
from mlcore.coverage import coverage_of, summarise
from mlcore.coverage_live import live_coverage
from storage import labels
from storage.answers import answer
from storage.database import immediate
from storage.projects import Project, create_project
from storage.records import Group, Label, LabelSet

LABELS = 100
GROUPS = 6
KINDS = 4_000
MEAN_TAGS = 8
ANSWERS = 40

Drawn = list[tuple[int, ...]]


def draw_kinds(random: np.random.Generator, count: int, *, grouped: bool) -> Drawn:
    """Return the label sets of some kinds of pictures."""
    shares = random.permutation(1 / np.arange(1, LABELS + 1))
    shares *= MEAN_TAGS / shares.sum()
    tags = random.random((count, LABELS)) < np.minimum(shares, 0.9)
    if grouped:
        own = GROUPS * 10
        tags[:, :own] = False
        weights = 1 / np.arange(1, 11)
        picks = random.choice(10, (count, GROUPS), p=weights / weights.sum())
        for group in range(GROUPS):
            tags[np.arange(count), group * 10 + picks[:, group]] = True
    return [tuple((np.flatnonzero(row) + 1).tolist()) for row in tags]


def draw_images(kinds: Drawn, count: int, random: np.random.Generator) -> list[int]:
    """Return the place of each image's kind; a few are most frequent, as in life."""
    weights = 1 / np.arange(1, len(kinds) + 1) ** 0.8
    drawn: NDArray[np.int64] = random.choice(
        len(kinds), count, p=weights / weights.sum()
    )
    return list(map(int, drawn))


def make_schema(*, grouped: bool) -> tuple[list[Group], list[Label]]:
    """Return six groups of ten and forty free labels, or a hundred free ones."""
    ids = range(1, LABELS + 1)
    if not grouped:
        return [], [Label(i, f"label {i}", None, i) for i in ids]
    groups = [
        Group(
            g,
            f"group {g}",
            "exactly-one",
            tuple(Label(i, f"label {i}", g, i) for i in range(g * 10 - 9, g * 10 + 1)),
        )
        for g in range(1, GROUPS + 1)
    ]
    return groups, [Label(i, f"label {i}", None, i) for i in ids if i > GROUPS * 10]


def count_sets(drawn: Iterable[tuple[int, ...]]) -> list[LabelSet]:
    """Return distinct sets with counts."""
    counted = Counter(drawn)
    return [LabelSet(",".join(map(str, k)), k, n) for k, n in counted.items()]


def draw(name: str, count: int) -> tuple[list[LabelSet], list[Group], list[Label]]:
    """Return the label sets of one kind of data, with its groups and free labels."""
    random = np.random.default_rng(1)
    if name == "distinct":
        parts = (
            draw_kinds(random, 100_000, grouped=False) for _ in range(count // 100_000)
        )
        return count_sets(x for part in parts for x in part), *make_schema(
            grouped=False
        )
    kinds = draw_kinds(random, KINDS, grouped=name == "groups")
    drawn = (kinds[place] for place in draw_images(kinds, count, random))
    return count_sets(drawn), *make_schema(grouped=name == "groups")


def fill(project: Project, name: str, count: int) -> None:
    """Insert a million image rows with plausible label sets."""
    sets, groups, _ = draw(name, count)
    for group in groups:
        labels.set_group(
            project, group.name, [x.name for x in group.labels], group.rule, who="b"
        )
    free = LABELS - len(groups) * 10
    labels.create_labels(project, [f"free {n}" for n in range(free)], who="b")
    insert_rows(project, [found.key for found in sets for _ in range(found.count)])


def insert_rows(project: Project, keys: list[str]) -> None:
    """Write image rows only: coverage reads kept label-set keys, not answers."""
    rows = (
        (f"{i:064x}", f"{i}.png", "2026-01-01T00:00:00.000Z", key)
        for i, key in enumerate(keys)
    )
    with immediate(project.db):
        project.db.conn.executemany(
            "INSERT INTO images (sha256, name, ext, width_px, height_px, size_bytes,"
            " added_at, source, set_key, answered)"
            " VALUES (?, ?, 'png', 32, 32, 100, ?, 'benchmark', ?, 40)",
            [(a, b, c, d) for a, b, c, d in rows],
        )


def best_of(times: int, act: Callable[[], object]) -> tuple[float, float]:
    """Return seconds by the clock and of the processor, of the quickest of some runs.

    Others share the machine; the second figure is what an idle one would take.
    """
    clock, processor = [], []
    for _ in range(times):
        started, spent = time.perf_counter(), time.process_time()
        act()
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - spent)
    return min(clock), min(processor)


def peak_mb() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def time_figures(
    what: str, seconds: tuple[float, float], target: str
) -> Iterator[Figure]:
    """Yield both times of one measurement."""
    yield Figure(what, seconds[0], "s", target)
    yield Figure(f"{what}, processor time", seconds[1], "s", target)


def measure_counting(name: str, count: int) -> list[Figure]:
    """Measure pairs and triples from label sets in memory."""
    sets, groups, free = draw(name, count)
    kind = f"{count:,} images x {LABELS} labels, {name} ({len(sets):,} distinct sets)"
    pairs = best_of(5, lambda: summarise(sets, groups, free))
    triples = best_of(2, lambda: summarise(sets, groups, free, strength=3).gaps[:200])
    return [
        *time_figures(f"pairs, {kind}", pairs, "at most 1"),
        *time_figures(f"triples, {kind}", triples, "at most 60"),
        Figure(f"most memory so far, {kind}", peak_mb(), "MB", "at most 2,000"),
    ]


def measure_project(name: str, count: int) -> list[Figure]:
    """Measure reading and counting from a database, and answers given one by one."""
    with temporary_home(), create_project("million") as project:
        fill(project, name, count)
        first = best_of(1, lambda: live_coverage(project))
        pairs = best_of(3, lambda: coverage_of(project))
        live = [measure_answer(project, turn) for turn in range(ANSWERS)]
    live.sort()
    kind = f"{count:,} images x {LABELS} labels, {name}"
    return [
        *time_figures(f"pairs with SQL, {kind}", pairs, "at most 1"),
        *time_figures(f"first look while labeling, {kind}", first, "–"),
        *(
            Figure(f"{what}, {kind}", live[place] * 1000, "ms", "at most 5")
            for what, place in {
                "after an answer, median": ANSWERS // 2,
                "after an answer, 9 of 10": -ANSWERS // 10,
            }.items()
        ),
    ]


def measure_answer(project: Project, turn: int) -> float:
    """Answer one image, then return the seconds until the worst gaps are known."""
    said = {1 + turn % LABELS: True}
    answer(project, turn + 1, said, who="b", batch_id=f"answer {turn}")
    started = time.perf_counter()
    found = live_coverage(project)
    assert found.images and len(found.gaps[:20]) <= len(found.missing)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--projects", action="store_true")
    options = parser.parse_args()
    figures = []
    for name in ("groups", "tags", "distinct"):
        figures += measure_counting(name, options.images)
        if options.projects:
            figures += measure_project(name, options.images)
    load = psutil.getloadavg()[0]
    figures.append(Figure("load of the machine", load, "", "–"))
    print_figures(figures)


if __name__ == "__main__":
    main()
