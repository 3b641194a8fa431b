"""What the benchmarks share: a temporary home, medians, memory, a table."""

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@dataclass(frozen=True)
class Figure:
    """One measured line: what, the value, its unit, the target in words."""

    what: str
    value: float
    unit: str
    target: str


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Point UNSEEN_HOME at a fresh folder for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="unseen-bench-") as folder:
        os.environ["UNSEEN_HOME"] = folder
        yield Path(folder)


@contextmanager
def fixed_home(folder: Path) -> Iterator[Path]:
    """Point UNSEEN_HOME at a folder that stays."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["UNSEEN_HOME"] = str(folder)
    yield folder


def find_data(name: str) -> Path:
    """Return the folder of a real data set; UNSEEN_DATA names another place."""
    return Path(os.environ.get("UNSEEN_DATA", DATA)) / name


def memory_mb(pid: int) -> float:
    """Return the resident memory of one process in MB."""
    return float(psutil.Process(pid).memory_info().rss / 2**20)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median_ms(seconds: Sequence[float]) -> float:
    """Return the median of durations in milliseconds."""
    return statistics.median(seconds) * 1000


def print_figures(figures: Sequence[Figure]) -> None:
    """Print a Markdown table, then the same as one line of JSON."""
    print("| figure | measured | target |\n|---|---|---|")
    for f in figures:
        print(f"| {f.what} | {f.value:,.4g} {f.unit} | {f.target} |")
    print(json.dumps([asdict(f) for f in figures]))
