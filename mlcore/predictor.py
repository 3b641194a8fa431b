"""Classify pictures with loaded runs. Only the predictor process imports this.

A run that was converted answers by ONNX Runtime. For one that was not, TensorFlow is
loaded here, and the conversion begins in a process of its own.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mlcore.engine import has_engine, load_engine
from mlcore.engine_making import start_writer
from mlcore.errors import BadImage
from mlcore.fitted_pictures import read_fitted
from mlcore.model_json import MODEL_NAME, PREDICTIONS_NAME
from mlcore.model_reading import LoadedModel
from mlcore.predictions import Prediction, refuse
from mlcore.quiet import import_tensorflow
from mlcore.readings import Evidence, calibrate_doubt, predict_one
from mlcore.training_view import TrainingView, view_of_model
from storage.home import Settings, load_settings

MODELS_KEPT = 2
DECODERS = 2
Pixels = NDArray[np.uint8]
# Name, time and size of each file of a model: what tells that one was changed.
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to classify: a file, or its bytes; `name` is what a person knows."""

    path: Path
    name: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: LoadedModel
    view: TrainingView
    stamp: Stamp
    is_engine: bool


class Predictor:
    """Keeps the last two runs' models; `classify` loads what it needs.

    `is_relieved` once a run that Keras answered for was converted: a new process
    would hold a sixth of the memory.
    """

    def __init__(self) -> None:
        self.is_relieved = False
        self._loaded: OrderedDict[Path, _Loaded] = OrderedDict()
        self._decoders = ThreadPoolExecutor(DECODERS)

    def classify(self, run_dir: Path, pictures: Sequence[Picture]) -> list[Prediction]:
        """Return one prediction a picture, in order; an unreadable one has an error.

        Raises `PredictionError` if the run has no usable model.
        """
        loaded = self._load(run_dir)
        size_px = int(loaded.model.model_json["image_size_px"])
        limits = load_settings()
        read = list(self._decoders.map(lambda p: _decode(p, size_px, limits), pictures))
        pixels = [found for found in read if not isinstance(found, str)]
        said = iter(_look_at(loaded.model, pixels) if pixels else ())
        found = []
        for picture, pixels_or_reason in zip(pictures, read, strict=True):
            if isinstance(pixels_or_reason, str):
                found.append(refuse(str(picture.path), picture.name, pixels_or_reason))
                continue
            row, more = next(said)
            found.append(
                predict_one(loaded.view, row, picture.path, picture.name, more)
            )
        if not loaded.is_engine:
            # After the first answer: converting takes the processor for seconds.
            start_writer(run_dir)
        return found

    def _load(self, run_dir: Path) -> _Loaded:
        found = self._loaded.pop(run_dir, None)
        if found is None or self._is_outdated(run_dir, found):
            before, found = found, _read(run_dir)
            self.is_relieved |= bool(before and found.is_engine > before.is_engine)
        self._loaded[run_dir] = found
        while len(self._loaded) > MODELS_KEPT:
            self._loaded.popitem(last=False)
        return found

    def _is_outdated(self, run_dir: Path, loaded: _Loaded) -> bool:
        """Whether a file was changed, as by a resumed run, or an engine has come."""
        if loaded.stamp != _stamp(run_dir, loaded.model):
            return True
        return not loaded.is_engine and has_engine(run_dir)


def _read(run_dir: Path) -> _Loaded:
    model = load_engine(run_dir)
    is_engine = model is not None
    if model is None:
        import_tensorflow()
        from mlcore.model_files import load_model

        model = load_model(run_dir)
    view = view_of_model(model.model_json)
    if not view.is_doubt_measured:
        view = calibrate_doubt(view, _held_out(run_dir, view))
    return _Loaded(model, view, _stamp(run_dir, model), is_engine)


def _stamp(run_dir: Path, model: LoadedModel) -> Stamp:
    """What the files of a loaded model look like now; one that is gone has no size."""
    found = []
    for name in (MODEL_NAME, *model.model_json["files"]):
        try:
            facts = (run_dir / name).stat()
        except OSError:
            found.append((name, 0, -1))
        else:
            found.append((name, facts.st_mtime_ns, facts.st_size))
    return tuple(found)


def _look_at(
    model: LoadedModel, pixels: list[Pixels]
) -> Iterator[tuple[NDArray[np.float32], Evidence]]:
    """Yield probabilities and evidence of each picture."""
    found = model.read(np.stack(pixels))
    for at, row in enumerate(found.probabilities):
        unseen = None if found.unseen is None else float(found.unseen[at])
        novelty = None
        if model.novelty is not None and found.distances is not None:
            novelty = model.novelty.judge(float(found.distances[at]))
        yield row, Evidence(unseen, novelty)


def _held_out(run_dir: Path, view: TrainingView) -> NDArray[np.float32]:
    """Return saved probabilities (n, L); none if the model came without them."""
    path = run_dir / PREDICTIONS_NAME
    if not path.exists():
        return np.zeros((0, len(view.labels)), np.float32)
    # Imported late: models of today say their limit, and pandas takes half a second.
    import pandas as pd

    from mlcore.model_outputs import probability_columns

    names = probability_columns(view.labels)
    return pd.read_parquet(path, columns=names).to_numpy(np.float32)


def _decode(picture: Picture, size_px: int, limits: Settings) -> Pixels | str:
    """Return the pixels the network is fed, or the reason there are none."""
    try:
        return read_fitted(picture.path, size_px, limits, picture.data)
    except BadImage as error:
        return str(error)
