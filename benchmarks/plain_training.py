"""What people write first: the tutorial's network, all pictures in memory, float32.

A process of its own, with TensorFlow as it is installed: nothing that makes ours
quick may help it. Each line of its input is one more epoch; it answers "done".

Run: python -m benchmarks.plain_training PIXELS.npy ANSWERS.npy BATCH_SIZE
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

OURS = ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL")
CLASSIC_BLOCKS = (((32,), 3), ((64, 64), 2), ((128, 128), 2))


def build_network(size_px: int, labels: int) -> Any:
    """SmallerVGGNet by the tutorial's words, with a sigmoid."""
    import keras
    from keras import layers

    parts: list[Any] = [keras.Input((size_px, size_px, 3))]
    for block, pool_px in CLASSIC_BLOCKS:
        for filters in block:
            parts.append(layers.Conv2D(filters, 3, padding="same", activation="relu"))
            parts.append(layers.BatchNormalization())
        parts += [layers.MaxPooling2D(pool_px), layers.Dropout(0.25)]
    parts += [layers.Flatten(), layers.Dense(1024, activation="relu")]
    parts += [layers.BatchNormalization(), layers.Dropout(0.5)]
    return keras.Sequential([*parts, layers.Dense(labels, activation="sigmoid")])


@contextmanager
def plain_epochs(
    pixels: np.ndarray, answers: np.ndarray, batch_size: int
) -> Iterator[Callable[[], object]]:
    """A turn that is one epoch in such a process; it ends with the block."""
    settings = {key: value for key, value in os.environ.items() if key not in OURS}
    with tempfile.TemporaryDirectory(prefix="unseen-bench-") as name:
        files = [Path(name) / "pixels.npy", Path(name) / "answers.npy"]
        np.save(files[0], pixels)
        np.save(files[1], answers)
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, *map(str, files), str(batch_size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=settings,
        )
        with child:
            yield lambda: _ask(child)
            child.terminate()


def _ask(child: "subprocess.Popen[str]") -> None:
    assert child.stdin and child.stdout
    child.stdin.write("epoch\n")
    child.stdin.flush()
    while (line := child.stdout.readline()) != "done\n":
        if not line:
            raise SystemExit("The plain training ended before its epoch did.")


def main() -> None:
    """Train an epoch for each line of the input."""
    import keras
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    pixels, answers = np.load(sys.argv[1]), np.load(sys.argv[2])
    model = build_network(pixels.shape[1], answers.shape[1])
    adam, bce = keras.optimizers.Adam(1e-3), "binary_crossentropy"
    model.compile(adam, bce, metrics=["accuracy"])
    changes = ImageDataGenerator(
        rotation_range=25,
        width_shift_range=0.1,
        height_shift_range=0.1,
        shear_range=0.2,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )
    pictures = pixels.astype(np.float32) / 255.0
    for _ in sys.stdin:
        batches = changes.flow(pictures, answers, batch_size=int(sys.argv[3]))
        model.fit(batches, epochs=1, verbose=0)
        print("done", flush=True)


if __name__ == "__main__":
    main()
