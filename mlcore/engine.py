"""The engine that answers for a run: ONNX Runtime on its converted network.

No TensorFlow: loading takes a fraction of a second and of the memory.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.backbones import digest_weights, fetch_backbone_weights
from mlcore.dataset import Pixels
from mlcore.engine_files import (
    EnginePlace,
    backbone_place,
    engine_place,
    is_wanted,
)
from mlcore.errors import PredictionError
from mlcore.feature_spec import FeatureSpec
from mlcore.feature_views import Extractor, look_by_views
from mlcore.model_json import check_files, config_of, read_model_json
from mlcore.model_reading import LoadedModel, assemble_model

Floats = npt.NDArray[np.float32]

LARGE_BYTES = 32 * 2**20
ENGINES_KEPT = 2
log = logging.getLogger("mlcore.engine")


class Engine:
    """A converted network: uint8 pictures (n, s, s, 3) to float32 (n, d).

    Each picture is worked on by one core, as many at a time as there are: half as much
    again as with all cores on the same layers, which wait for each other.
    """

    def __init__(self, content: bytes) -> None:
        cores = os.cpu_count() or 1
        self._session = _open_session(content, threads=1)
        self._pool = ThreadPoolExecutor(cores)
        # For one picture of a large network it pays that all cores work on it.
        is_large = len(content) > LARGE_BYTES
        self._wide = _open_session(content, threads=cores) if is_large else None
        self._input = self._session.get_inputs()[0].name

    def __call__(self, pictures: Pixels) -> Floats:
        if len(pictures) < 2:
            return self._run(self._wide or self._session, pictures)
        pieces = [pictures[at : at + 1] for at in range(len(pictures))]
        run = partial(self._run, self._session)
        return np.concatenate(list(self._pool.map(run, pieces)))

    def _run(self, session: Any, pictures: Pixels) -> Floats:
        return np.asarray(session.run(None, {self._input: pictures})[0], np.float32)


def _open_session(content: bytes, threads: int) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while they wait take the time of whoever decodes pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def load_engine(run_dir: Path) -> LoadedModel | None:
    """The model of a run with its converted network; None where there is none yet.

    PredictionError if the run's own files were changed. A file that is not what it
    was, or that this version of ONNX Runtime refuses, is removed: it is made again.
    """
    if not is_wanted():
        return None
    model_json = read_model_json(run_dir)
    config = config_of(run_dir, model_json)
    place = engine_place(run_dir, model_json, config)
    if place.find() is None:
        return None
    check_files(run_dir, model_json)
    engine = open_place(place)
    return assemble_model(run_dir, model_json, config, engine) if engine else None


def load_extractor(spec: FeatureSpec, weights_file: str | None) -> Extractor | None:
    """Like `features.make_extractor`; None while no run with it was converted."""
    digest = digest_weights(fetch_backbone_weights(spec.backbone, weights_file))
    engine = open_place(backbone_place(spec, digest)) if is_wanted() else None
    return look_by_views(spec, engine) if engine else None


def open_place(place: EnginePlace) -> "Engine | None":
    """The engine that is kept there; None if there is none that can be used."""
    path = place.find()
    if path is None:
        return None
    engine = open_engine(path) if place.is_sound(path) else None
    if engine is None:
        log.warning("%s is damaged and is made again", path)
        path.unlink(missing_ok=True)
    return engine


def has_engine(run_dir: Path) -> bool:
    """Whether a run was converted; False also where it cannot be."""
    try:
        model_json = read_model_json(run_dir)
        config = config_of(run_dir, model_json)
        return engine_place(run_dir, model_json, config).find() is not None
    except (PredictionError, KeyError):
        return False


@lru_cache(maxsize=ENGINES_KEPT)
def open_engine(path: Path) -> Engine | None:
    """The engine in a file, the last two kept; None if ONNX Runtime cannot read it."""
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    # They have no base of their own.
    refusals = (
        *(states.Fail, states.InvalidArgument, states.InvalidGraph),
        *(states.InvalidProtobuf, states.NotImplemented, states.RuntimeException),
    )
    try:
        return Engine(path.read_bytes())
    except refusals as error:
        log.warning("%s cannot be used: %s", path, error)
        return None
