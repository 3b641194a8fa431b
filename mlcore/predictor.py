"""Classify pictures with loaded runs. Only the predictor process imports this.

TensorFlow is loaded here; the web process speaks to `prediction_service` instead.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.dataset import fit_image
from mlcore.decoding import check_size
from mlcore.errors import BadImage
from mlcore.images import read_image
from mlcore.model_files import LoadedModel, load_model
from mlcore.model_json import PREDICTIONS_NAME
from mlcore.model_outputs import probability_columns
from mlcore.predictions import Prediction, refuse
from mlcore.readings import Evidence, calibrate_doubt, predict_one
from mlcore.training_view import TrainingView, view_of_model
from storage.home import Settings, load_settings

MODELS_KEPT = 2
DECODERS = 2
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """A file to classify and the name a person knows it by."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: LoadedModel
    view: TrainingView
    changed_ns: int


class Predictor:
    """Keeps the last two runs' models; `classify` loads what it needs."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[Path, _Loaded] = OrderedDict()
        self._decoders = ThreadPoolExecutor(DECODERS)

    def classify(self, run_dir: Path, pictures: Sequence[Picture]) -> list[Prediction]:
        """Return one prediction a picture, in order; an unreadable one has an error.

        Raises `PredictionError` if the run has no usable model.
        """
        loaded = self._load(run_dir)
        size_px = int(loaded.model.model_json["image_size_px"])
        limits = load_settings()
        read = list(
            self._decoders.map(lambda p: _decode(p.path, size_px, limits), pictures)
        )
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
        return found

    def _load(self, run_dir: Path) -> _Loaded:
        # A resumed run writes its model anew in the same folder.
        described = run_dir / "model.json"
        changed_ns = described.stat().st_mtime_ns if described.exists() else 0
        found = self._loaded.pop(run_dir, None)
        if found is None or found.changed_ns != changed_ns:
            model = load_model(run_dir)
            view = view_of_model(model.model_json)
            if not view.is_doubt_measured:
                view = calibrate_doubt(view, _held_out(run_dir, view))
            found = _Loaded(model, view, changed_ns)
        self._loaded[run_dir] = found
        while len(self._loaded) > MODELS_KEPT:
            self._loaded.popitem(last=False)
        return found


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
    names = probability_columns(view.labels)
    return pd.read_parquet(path, columns=names).to_numpy(np.float32)


def _decode(path: Path, size_px: int, limits: Settings) -> Pixels | str:
    """Return the pixels the network is fed, or the reason there are none."""
    try:
        check_size(path.stat().st_size, limits.max_image_bytes)
        found = read_image(
            path.read_bytes(),
            max_bytes=limits.max_image_bytes,
            max_pixels=limits.max_image_pixels,
        )
        return fit_image(found.pixels, size_px)
    except BadImage as error:
        return str(error)
    except OSError as error:
        return f"The file cannot be read: {error.strerror or error}."
