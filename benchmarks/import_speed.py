"""Import 2,160 photos from a folder: images per second, end to end, 3 times.

Run: python -m benchmarks.import_speed
"""

import statistics
import sys
import time
from pathlib import Path

from benchmarks.measure import Figure, find_data, print_figures, temporary_home
from mlcore.importing import ImportOptions, run_import
from storage.projects import create_project


def import_once(source: Path, name: str) -> tuple[int, float]:
    """Return how many files were read and in how many seconds."""
    with create_project(name) as project:
        started = time.perf_counter()
        report = run_import(project, source, ImportOptions(), who="benchmark")
        seconds = time.perf_counter() - started
    return report.added + report.already_there + len(report.refused), seconds


def main() -> None:
    """Measure and print."""
    source = find_data("fashion")
    if not source.exists():
        sys.exit(f"{source} is missing; set UNSEEN_DATA to a folder that has it.")
    with temporary_home():
        rates = [n / s for n, s in (import_once(source, f"p{i}") for i in range(3))]
    rate = statistics.median(rates)
    print_figures([Figure("import of fashion", rate, "images/s", "60 or more")])


if __name__ == "__main__":
    main()
