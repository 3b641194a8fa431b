"""Coverage of 1,000,000 synthetic images with 40 labels, SQL and counting together.

Run: python -m benchmarks.coverage_speed
"""

import random
import time

from benchmarks.measure import Figure, median_ms, print_figures, temporary_home
from mlcore.coverage import coverage_of
from storage import labels
from storage.database import immediate
from storage.projects import Project, create_project

IMAGES = 1_000_000
GROUPS = {"colour": 10, "garment": 10, "pattern": 10, "season": 10}


def fill(project: Project) -> None:
    """Insert a million image rows with plausible, skewed label sets."""
    groups = [
        labels.set_group(
            project, name, [f"{name} {i}" for i in range(n)], "exactly-one", who="b"
        )
        for name, n in GROUPS.items()
    ]
    rng = random.Random(1)
    weights = [1 / (i + 1) for i in range(10)]
    keys = []
    for _ in range(IMAGES):
        drawn = [rng.choices(g.labels, weights)[0].label_id for g in groups]
        keys.append(",".join(map(str, sorted(drawn))))
    insert_rows(project, keys)


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


def main() -> None:
    """Measure and print."""
    seconds = []
    with temporary_home(), create_project("million") as project:
        fill(project)
        for _ in range(7):
            started = time.perf_counter()
            coverage = coverage_of(project)
            seconds.append(time.perf_counter() - started)
    print(f"{coverage.present} of {coverage.possible} combinations present")
    print_figures(
        [
            Figure(
                "coverage, 1,000,000 images x 40 labels",
                median_ms(seconds),
                "ms",
                "under 300",
            )
        ]
    )


if __name__ == "__main__":
    main()
