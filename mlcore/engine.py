"""The engine that answers for a run: ONNX Runtime on its converted network.

No TensorFlow: loading takes a fraction of a second and of the memory.
"""

import logging
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mlcore.dataset import Pixels
from mlcore.engine_files import engine_place, is_wanted
from mlcore.errors import PredictionError
from mlcore.model_json import check_files, config_of, read_model_json
from mlcore.model_reading import LoadedModel, assemble_model

Floats = npt.NDArray[np.float32]

# Larger batches are no faster on two cores, and what lies between the layers of the
# largest networks would fill a gigabyte.
BATCH = 16
log = logging.getLogger("mlcore.engine")


class Engine:
    """A converted network: uint8 pictures (n, s, s, 3) to float32 (n, d)."""

    def __init__(self, content: bytes) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = os.cpu_count() or 1
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take the time of whoever decodes pictures.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = ort.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def __call__(self, pictures: Pixels) -> Floats:
        starts = range(0, max(len(pictures), 1), BATCH)
        return np.concatenate([self._run(pictures[at : at + BATCH]) for at in starts])

    def _run(self, pictures: Pixels) -> Floats:
        found = self._session.run(None, {self._input: pictures})[0]
        return np.asarray(found, np.float32)


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
    path = place.find()
    if path is None:
        return None
    check_files(run_dir, model_json)
    engine = open_engine(path) if place.is_sound(path) else None
    if engine is None:
        log.warning("%s is damaged and is made again", path)
        path.unlink(missing_ok=True)
        return None
    return assemble_model(run_dir, model_json, config, engine)


def has_engine(run_dir: Path) -> bool:
    """Whether a run was converted; False also where it cannot be."""
    try:
        model_json = read_model_json(run_dir)
        config = config_of(run_dir, model_json)
        return engine_place(run_dir, model_json, config).find() is not None
    except (PredictionError, KeyError):
        return False


def open_engine(path: Path) -> Engine | None:
    """The engine in a file; None if ONNX Runtime cannot read it."""
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
