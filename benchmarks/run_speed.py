"""What a person waits for: the start of a run, labels for photos; and its memory."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measure import Figure, find_data, memory_mb, temporary_home
from benchmarks.plain_training import build_network
from benchmarks.synthetic import make_project
from mlcore import jobs, prediction_service
from mlcore.config import TrainConfig
from mlcore.importing import ImportOptions, run_import
from mlcore.recipes import RECIPES
from storage.projects import create_project, open_project
from storage.records import Run
from storage.runs import get_run, list_epochs

CLASSIC = RECIPES["smallervggnet"].config
LOOK_EVERY_S = 0.05
MANY = 100_000
# A whole epoch over so many pictures with as little arithmetic as there can be.
SMALL = CLASSIC.with_changes(conv_blocks="8 16", head_units=32, epochs=1, batch_size=64)
BATCHES_WATCHED = 100


def measure_start(images: int, rounds: int) -> list[Figure]:
    """From asking for a run over all photos of clothes to its first batch."""
    with temporary_home(), create_project("start") as project:
        run_import(project, find_data("fashion"), ImportOptions(), who="benchmark")
        seconds = [start_once("start") for _ in range(rounds)]
    return [
        Figure("start to first batch", statistics.median(seconds), "s", "12 or less")
    ]


def start_once(name: str) -> float:
    """Seconds from `submit` to a trained batch; the run is then dropped."""
    started = time.perf_counter()
    run_id = jobs.submit(name, CLASSIC)
    watch(name, run_id, lambda run: run.batches_done >= 1 and not run.stage)
    seconds = time.perf_counter() - started
    jobs.stop(name, run_id, discard=True)
    watch(name, run_id, is_over)
    return seconds


def watch(name: str, run_id: str, is_enough: Callable[[Run], bool]) -> float:
    """Wait for a state of the run; the most memory (MB) its process held meanwhile."""
    most = 0.0
    with open_project(name) as project:
        while not is_enough(run := get_run(project, run_id)):
            if is_over(run):
                raise SystemExit(f"The run ended as {run.state}: {run.message}")
            most = max(most, _memory_of(run))
            time.sleep(LOOK_EVERY_S)
    return most


def _memory_of(run: Run) -> float:
    try:
        return memory_mb(run.pid) if run.pid else 0.0
    except ProcessLookupError:
        return 0.0


def is_over(run: Run) -> bool:
    """Whether the run needs nobody any more."""
    return not run.is_active


def measure_predict(images: int, rounds: int) -> list[Figure]:
    """Photos of clothes from file to labels against a loop of model.predict."""
    photos = sorted(find_data("fashion").rglob("*.jpg"))[: images or None]
    with temporary_home(), create_project("predict") as project:
        with tempfile.TemporaryDirectory(prefix="unseen-data-") as folder:
            link_few(Path(folder))
            run_import(project, Path(folder), ImportOptions(), who="benchmark")
        run_id = jobs.submit("predict", CLASSIC.with_changes(epochs=1))
        watch("predict", run_id, is_over)
        begun = time.perf_counter()
        prediction_service.classify("predict", run_id, photos[:1])
        first = time.perf_counter() - begun
        plain = make_plain(photos)
        mine, other = [], []
        for _ in range(rounds):
            mine.append(
                time_of(lambda: prediction_service.classify("predict", run_id, photos))
            )
            other.append(time_of(lambda: plain(photos)))
        prediction_service.shutdown_all()
    ours, loop = statistics.median(mine), statistics.median(other)
    return [
        Figure("prediction, ours", len(photos) / ours, "images/s", ""),
        Figure("prediction, plain loop", len(photos) / loop, "images/s", ""),
        Figure("ratio", loop / ours, "x", "4 or more"),
        Figure("first answer of a new process", first, "s", ""),
    ]


def link_few(folder: Path, each: int | None = 20) -> None:
    """A few photos of each combination: how long a prediction takes is the same."""
    for source in sorted(p for p in find_data("fashion").iterdir() if p.is_dir()):
        (folder / source.name).mkdir()
        for photo in sorted(source.glob("*.jpg"))[:each]:
            (folder / source.name / photo.name).write_bytes(photo.read_bytes())


def time_of(turn: Callable[[], object]) -> float:
    """Seconds it takes."""
    started = time.perf_counter()
    turn()
    return time.perf_counter() - started


def make_plain(photos: list[Path]) -> Callable[[list[Path]], list[np.ndarray]]:
    """What people write first: open one photo, model.predict, the next."""
    from PIL import Image

    size_px = CLASSIC.image_size_px
    model = build_network(size_px, 6)

    def classify(photos: list[Path]) -> list[np.ndarray]:
        found = []
        for path in photos:
            picture = Image.open(path).convert("RGB").resize((size_px, size_px))
            pixels = np.asarray(picture, np.float32) / 255.0
            found.append(model.predict(pixels[None], verbose=0)[0] > 0.5)
        return found

    classify(photos[:2])
    return classify


def measure_quick(images: int, rounds: int) -> list[Figure]:
    """A whole quick run, features computed anew, against 75 epochs of the classic."""
    return compare_runs("quick", whole_quick_run, "40 or more", images, rounds)


def measure_fast(images: int, rounds: int) -> list[Figure]:
    """All epochs of the recipe fast against 75 of the classic one."""
    config = RECIPES["fast"].config
    return compare_runs(
        "fast",
        lambda name: config.epochs * epoch_seconds(name, config),
        "8 or more",
        images,
        rounds,
    )


def compare_runs(
    recipe: str, once: Callable[[str], float], target: str, images: int, rounds: int
) -> list[Figure]:
    """Seconds of that recipe and of the classic one on photos of clothes, in turns."""
    mine, classic = [], []
    with temporary_home(), create_project(recipe) as project:
        with tempfile.TemporaryDirectory(prefix="unseen-data-") as folder:
            link_few(Path(folder), images // 6 or None)
            run_import(project, Path(folder), ImportOptions(), who="benchmark")
        for _ in range(rounds):
            mine.append(once(recipe))
            classic.append(CLASSIC.epochs * epoch_seconds(recipe, CLASSIC))
    ours, other = statistics.median(mine), statistics.median(classic)
    return [
        Figure(f"{recipe}, all of it", ours, "s", ""),
        Figure(f"SmallerVGGNet, {CLASSIC.epochs} epochs", other, "s", ""),
        Figure(f"ratio of {recipe}", other / ours, "x", target),
    ]


def whole_quick_run(name: str) -> float:
    """Seconds from `submit` to the end, nothing known of any picture before."""
    with open_project(name) as project:
        shutil.rmtree(project.folder / "features", ignore_errors=True)
    started = time.perf_counter()
    watch(name, jobs.submit(name, RECIPES["quick"].config), is_over)
    return time.perf_counter() - started


def epoch_seconds(name: str, config: TrainConfig) -> float:
    """Seconds of the second epoch: the first also makes the network ready."""
    run_id = jobs.submit(name, config)
    with open_project(name) as project:
        watch(name, run_id, lambda run: len(list_epochs(project, run_id)) >= 2)
        seconds = list_epochs(project, run_id)[1].seconds
    jobs.stop(name, run_id, discard=True)
    watch(name, run_id, is_over)
    return seconds


def measure_memory(images: int, rounds: int) -> list[Figure]:
    """The most a run over many pictures holds: the classic recipe, and a whole run."""
    count = images or MANY
    with temporary_home():
        make_project("many", count, side_px=48).db.close()
        run_id = jobs.submit("many", CLASSIC)
        classic = watch(
            "many",
            run_id,
            lambda run: run.batches_done >= BATCHES_WATCHED and not run.stage,
        )
        jobs.stop("many", run_id, discard=True)
        watch("many", run_id, is_over)
        whole = watch("many", jobs.submit("many", SMALL), is_over)
    return [
        Figure(f"{count:,} images, SmallerVGGNet", classic, "MB", "under 4,000"),
        Figure(f"{count:,} images, a whole small run", whole, "MB", "under 4,000"),
    ]
