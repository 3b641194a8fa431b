"""How quickly a run answers: the first picture, one picture, many; beside Keras.

Run: python -m benchmarks.predict [PROJECT RUN], of the data folder in UNSEEN_HOME; else
`quick` is trained on photos of clothes. `--engines` compares what could run a network.
What is compared takes turns, so a busy machine slows both; ratios are of medians.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.commands import call
from benchmarks.measure import (
    Figure,
    find_data,
    median_ms,
    memory_mb,
    percentile,
    print_figures,
    temporary_home,
)
from mlcore.predictor_child import PredictorChild
from storage.projects import open_project
from storage.runs import run_dir

Pixels = np.ndarray
ENGINES = ("onnx", "keras")
LOOPED = 8
BATCH = 32


def main() -> None:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", nargs="?")
    parser.add_argument("run", nargs="?")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--engines", action="store_true")
    options = parser.parse_args()
    if options.engines:
        from benchmarks.predict_engines import measure_engines

        print_figures(measure_engines(options.rounds))
        return
    with chosen_run(options.project, options.run) as folder:
        print_figures(measure_run(folder, options.rounds))


@contextmanager
def chosen_run(project: str | None, run_id: str | None) -> Iterator[Path]:
    """The folder of the run that was named, else of one trained for this."""
    if project and run_id:
        yield folder_of(project, run_id)
        return
    with temporary_home():
        call("create", "photos")
        call("import", "photos", str(find_data("fashion")))
        run = call("train", "photos", "--wait")["run"]
        yield folder_of("photos", run)


def folder_of(project: str, run_id: str) -> Path:
    """Return the folder of a run; it is converted first if it was not."""
    from mlcore.engine_making import needs_engine

    with open_project(project) as opened:
        folder = run_dir(opened, run_id).resolve()
    if needs_engine(folder):
        from mlcore.engine_writer import write_engine

        write_engine(folder)
    return folder


def measure_run(folder: Path, rounds: int) -> list[Figure]:
    """First answers, single pictures and many, by the engine and by Keras."""
    photos = sorted(find_data("fashion").rglob("*.jpg"))[: BATCH * 2]
    first = {name: [first_answer_s(name, folder, photos[0])] for name in ENGINES}
    for _ in range(2):
        for name in ENGINES:
            first[name].append(first_answer_s(name, folder, photos[0]))
    children = {name: start(name) for name in ENGINES}
    try:
        single = take_turns(children, rounds * 4, folder, [photos[:1]])
        many = take_turns(children, rounds, folder, [photos[:BATCH], photos[BATCH:]])
        memory = {name: memory_mb(child.pid) for name, child in children.items()}
    finally:
        for child in children.values():
            child.close()
    looped = loop_seconds(folder, photos, rounds)
    rate = {name: 2 * BATCH / statistics.median(many[name]) for name in ENGINES}
    loop_rate = LOOPED / statistics.median(looped)
    return [
        Figure("first answer", statistics.median(first["onnx"]), "s", "under 2"),
        Figure("first answer, Keras", statistics.median(first["keras"]), "s", ""),
        Figure("one picture", median_ms(single["onnx"]), "ms", "under 60"),
        Figure("one picture, p95", percentile(single["onnx"], 0.95) * 1e3, "ms", ""),
        Figure("one picture, Keras", median_ms(single["keras"]), "ms", ""),
        Figure("many", rate["onnx"], "pictures/s", ""),
        Figure("many, Keras in batches", rate["keras"], "pictures/s", ""),
        Figure("a loop of Keras predict", loop_rate, "pictures/s", ""),
        Figure("many beside that loop", rate["onnx"] / loop_rate, "times", "5 or more"),
        Figure("memory", memory["onnx"], "MB", ""),
        Figure("memory, Keras", memory["keras"], "MB", ""),
        Figure("load of the machine", os.getloadavg()[0], "", "0 but for this"),
    ]


def start(engine: str) -> PredictorChild:
    """A predictor process that answers with this engine."""
    os.environ["UNSEEN_ENGINE"] = engine
    try:
        return PredictorChild()
    finally:
        os.environ["UNSEEN_ENGINE"] = "onnx"


def first_answer_s(engine: str, folder: Path, photo: Path) -> float:
    """Seconds from nothing to the answer for one picture."""
    began = time.perf_counter()
    child = start(engine)
    try:
        ask(child, folder, [photo])
        return time.perf_counter() - began
    finally:
        child.close()


def ask(child: PredictorChild, folder: Path, photos: Sequence[Path]) -> None:
    """Have these photos answered; the first refusal ends the benchmark."""
    rows = [(str(photo), photo.name, None) for photo in photos]
    wish = {"run_dir": str(folder), "pictures": rows}
    answer = child.ask(wish, 120.0, lambda: False) or {}
    for found in answer.get("predictions", [answer]):
        if found.get("error"):
            raise SystemExit(found["error"])


def take_turns(
    children: dict[str, PredictorChild],
    rounds: int,
    folder: Path,
    parts: Sequence[Sequence[Path]],
) -> dict[str, list[float]]:
    """Seconds of each round of each child, which take turns; the first is left out."""
    found: dict[str, list[float]] = {name: [] for name in children}
    for _ in range(rounds + 1):
        for name, child in children.items():
            began = time.perf_counter()
            for part in parts:
                ask(child, folder, part)
            found[name].append(time.perf_counter() - began)
    return {name: seconds[1:] for name, seconds in found.items()}


def loop_seconds(folder: Path, photos: Sequence[Path], rounds: int) -> list[float]:
    """Seconds for a few photos with `predict` of Keras, one after the other."""
    read = keras_reader(folder)
    found = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        for photo in photos[:LOOPED]:
            read(photo)
        found.append(time.perf_counter() - began)
    return found[1:]


def keras_reader(folder: Path) -> Callable[[Path], Any]:
    """What answers for one photo as a script with Keras would."""
    from mlcore.quiet import import_tensorflow

    import_tensorflow()
    from mlcore.dataset import fit_image
    from mlcore.decoding import open_rgb
    from mlcore.engine_writer import read_keras
    from mlcore.model_json import config_of, read_model_json
    from mlcore.model_reading import assemble_model

    facts = read_model_json(folder)
    config = config_of(folder, facts)
    network = read_keras(folder, facts, config)
    model = assemble_model(
        folder, facts, config, lambda x: network.predict(x.astype("f4"), verbose=0)
    )

    def read(photo: Path) -> Any:
        return model.read(fit_image(open_rgb(photo), config.image_size_px)[None])

    return read


if __name__ == "__main__":
    main()
