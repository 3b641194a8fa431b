"""Kill a process while it saves checkpoints, again and again; is the folder whole?

Run: python -m benchmarks.checkpoint_kills --kills 200
"""

import argparse
import json
import os
import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from mlcore import checkpoints
from mlcore.checkpoints import Progress
from mlcore.errors import TrainingError

ARRAYS, VALUES = 12, 4096


def save_forever(folder: Path, first_epoch: int, done: int) -> None:
    """Save generation after generation; each complete one is told through `done`."""
    epoch = first_epoch
    while True:
        arrays = {
            f"v{at:04d}": np.full(VALUES, epoch, np.float32) for at in range(ARRAYS)
        }
        # Every second epoch is the best, so that both kinds of folder are written.
        best = epoch - epoch % 2
        checkpoints.save(folder, Progress(epoch, best, 1.0), arrays, arrays)
        os.write(done, b"%d\n" % epoch)
        epoch += 1


def kill_once(folder: Path, first_epoch: int, delay_s: float) -> int:
    """Let a child save from `first_epoch` on, kill it; the last epoch it finished."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            save_forever(folder, first_epoch, write)
        finally:
            os._exit(1)
    os.close(write)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as told:
        finished = [int(line) for line in told.read().split()]
    return finished[-1] if finished else first_epoch - 1


def judge(folder: Path, finished: int) -> str:
    """'whole', or what is wrong with what the kill left."""
    found = checkpoints.load_latest(folder)
    if found is None:
        return "whole" if finished < 1 else "unloadable"
    epoch, best = found.progress.epoch, found.progress.best_epoch
    if epoch < finished:
        return "older than what was reported"
    tables = [(found.weights, epoch), (found.optimizer, epoch)]
    try:
        if best:
            tables.append((checkpoints.load_best(folder, best), best))
    except TrainingError:
        return "best unloadable"
    is_mixed = any((a != number).any() for t, number in tables for a in t.values())
    return "mixed" if is_mixed else "whole"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--longest-ms", type=float, default=120.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    outcomes: Counter[str] = Counter()
    amid = epoch = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "checkpoints"
        for _ in range(options.kills):
            delay_s = chance.uniform(0.0, options.longest_ms / 1000)
            finished = kill_once(folder, epoch + 1, delay_s)
            amid += any(folder.glob(".writing-*"))
            outcomes[judge(folder, finished)] += 1
            latest = checkpoints.load_latest(folder)
            epoch = latest.progress.epoch if latest else 0
    for outcome, count in outcomes.items():
        print(f"{outcome}: {count}")
    figures = {"kills": options.kills, "amid_a_file": amid, "epochs": epoch}
    print(json.dumps({**figures, **outcomes}))


if __name__ == "__main__":
    main()
