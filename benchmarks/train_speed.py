"""Speed and memory of training and prediction, beside a plain loop where one compares.

Run: python -m benchmarks.train_speed epoch frozen predict start quick fast memory

epoch: an epoch of SmallerVGGNet, ours against ImageDataGenerator and fit (a process
with TensorFlow as installed); frozen: an epoch of VGG16's block 5 with and without
cached blocks 1 to 4; predict: photos from file to labels against a loop of
`model.predict`; start: from asking for a run to its first batch; quick and fast: a
whole run of that recipe against the epochs of the classic one; memory: the most a run
over 100,000 pictures holds (writing these takes some ten minutes).

Ratios are those of medians; both sides take turns, one of each unmeasured first.
`--rounds` says how often, `--images` bounds how many pictures each turn has; figures of
quick and fast only count with all of them.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.measure import Figure, find_data, print_figures
from benchmarks.plain_training import plain_epochs
from benchmarks.run_speed import (
    measure_fast,
    measure_memory,
    measure_predict,
    measure_quick,
    measure_start,
)
from mlcore.config import TrainConfig
from mlcore.quiet import import_tensorflow
from mlcore.recipes import RECIPES

LABELS = 6
Turn = Callable[[], object]


def take_turns(ours: Turn, plain: Turn, rounds: int) -> tuple[float, float]:
    """Median seconds of both after one unmeasured turn each, A B A B."""
    ours(), plain()
    seconds: dict[Turn, list[float]] = {ours: [], plain: []}
    for _ in range(rounds):
        for turn in (ours, plain):
            started = time.perf_counter()
            turn()
            seconds[turn].append(time.perf_counter() - started)
    return statistics.median(seconds[ours]), statistics.median(seconds[plain])


def measure_epoch(images: int, rounds: int) -> list[Figure]:
    """An epoch of SmallerVGGNet at 96 px against ImageDataGenerator and fit."""
    config = RECIPES["smallervggnet"].config
    pixels = read_pixels("fashion", images or 640, config.image_size_px)
    answers = draw_answers(len(pixels))
    with (
        make_epochs(config, pixels, answers) as ours,
        plain_epochs(pixels, answers, config.batch_size) as plain,
    ):
        mine, other = take_turns(ours, plain, rounds)
    count = len(pixels)
    return [
        Figure("SmallerVGGNet 96 px, ours", count / mine, "images/s", ""),
        Figure("SmallerVGGNet 96 px, plain", count / other, "images/s", ""),
        Figure("ratio", other / mine, "x", "2.5 or more with bf16 units"),
    ]


def measure_frozen(images: int, rounds: int) -> list[Figure]:
    """An epoch of VGG16's block 5 with and without cached blocks 1 to 4."""
    changes = {"pretrained": False, "batch_size": 32}
    config = RECIPES["vgg16"].config.with_changes(**changes)
    cached = config.with_changes(cached_augmentations=2)
    pixels = read_pixels("satellite", images or 192, config.image_size_px)
    answers = draw_answers(len(pixels))
    started = time.perf_counter()
    with make_epochs(cached, pixels, answers, held_out=0.3) as ours:
        once = time.perf_counter() - started
        with make_epochs(config, pixels, answers, held_out=0.3) as uncached:
            mine, other = take_turns(ours, uncached, rounds)
    count = len(pixels)
    return [
        Figure("VGG16 block 5, cached", count / mine, "images/s", ""),
        Figure("VGG16 block 5, uncached", count / other, "images/s", ""),
        Figure("ratio", other / mine, "x", "3 or more"),
        Figure("caching 2 variants, once", once, "s", ""),
    ]


@contextmanager
def make_epochs(
    config: TrainConfig,
    pixels: np.ndarray,
    answers: np.ndarray,
    held_out: float = 0.0,
) -> Iterator[Turn]:
    """A turn that is one more epoch of ours, its checkpoint included."""
    from mlcore.dataset import PixelStore
    from mlcore.frozen_blocks import FrozenPlan, prepare_frozen
    from mlcore.network import Network
    from mlcore.training import Reporter, RunData, Trainer

    rows, count = np.arange(len(pixels)), round(len(pixels) * (1 - held_out))
    steps = -(-count // config.batch_size)
    network = Network(config, LABELS, "sigmoid", steps)
    train, validation, frozen = rows[:count], rows[count:], None
    store = PixelStore(pixels, {})
    with tempfile.TemporaryDirectory(prefix="unseen-bench-") as name:
        if part := network.frozen:
            plan = FrozenPlan(train, validation, part.variants, part.shape, 1, "bench")
            frozen = prepare_frozen(
                Path(name), plan, store.batch, part.compute, lambda done, total: None
            )
        data = RunData(store, answers, train, validation, frozen=frozen)
        reporter = Reporter(lambda done, total: None, lambda record: None)
        trainer = Trainer(config, network, data, Path(name) / "kept", reporter)

        def one_more() -> None:
            trainer.config = config.with_changes(epochs=trainer.progress.epoch + 1)
            trainer.run()

        yield one_more


def read_pixels(data: str, count: int, size_px: int) -> np.ndarray:
    """The first pictures of a real data set as uint8; noise where it is missing."""
    from PIL import Image

    from mlcore.dataset import fit_image

    found = sorted(
        p for p in find_data(data).rglob("*") if p.suffix in (".jpg", ".png")
    )
    if not found:
        chance = np.random.default_rng(0)
        return chance.integers(0, 256, (count, size_px, size_px, 3), np.uint8)
    spread = found[:: max(1, len(found) // count)][:count]
    fitted = [fit_image(Image.open(path).convert("RGB"), size_px) for path in spread]
    return np.stack(fitted)


def draw_answers(count: int) -> np.ndarray:
    """Answers at random: speed does not depend on them."""
    return np.random.default_rng(1).integers(0, 2, (count, LABELS)).astype(np.int8)


MEASURES: dict[str, Callable[[int, int], list[Figure]]] = {
    "epoch": measure_epoch,
    "frozen": measure_frozen,
    "predict": measure_predict,
    "start": measure_start,
    "quick": measure_quick,
    "fast": measure_fast,
    "memory": measure_memory,
}


def main() -> None:
    """Measure what is named and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=0)
    options = parser.parse_args()
    import_tensorflow()
    figures = []
    for name in options.measures:
        figures += MEASURES[name](options.images, options.rounds)
    print_figures(figures)


if __name__ == "__main__":
    main()
