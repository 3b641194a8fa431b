"""The process that converts a run's network: `python -m mlcore.engine_writer RUN_DIR`.

It loads TensorFlow, converts, proves that ONNX Runtime gives the same numbers, and only
then keeps the file. What cannot be converted gets a note that says why.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.config import TrainConfig
from mlcore.engine import Engine
from mlcore.engine_files import engine_place
from mlcore.errors import MLError, PredictionError
from mlcore.feature_model import read_spec
from mlcore.model_json import check_files, config_of, read_model_json
from mlcore.quiet import import_tensorflow
from mlcore.side_process import give_way
from storage.errors import StorageError
from storage.file_locks import try_lock
from storage.files import write_durably
from storage.home import home_dir

LOCK_NAME = "engines.lock"
# Of the largest number of an output; float32 sums in another order differ by 1e-6.
MAY_DIFFER = 1e-4
PROOFS = 4
log = logging.getLogger("mlcore.engine")


def main(arguments: list[str]) -> int:
    """Convert the run of the folder named; returns the exit code."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    give_way()
    with (home_dir() / LOCK_NAME).open("a+") as lock:
        # Whoever asked will ask again.
        if not try_lock(lock):
            return 0
        return _try_to_write(Path(arguments[0]))


def _try_to_write(run_dir: Path) -> int:
    try:
        write_engine(run_dir)
    except (MLError, StorageError) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception as error:
        # Outermost level of this process. The converter raises what it likes; with a
        # note nobody tries again, and Keras goes on answering.
        log.exception("%s cannot be converted", run_dir)
        _note_failure(run_dir, error)
        return 1
    return 0


def write_engine(run_dir: Path) -> Path | None:
    """Convert a run's network unless it is; None where that is impossible."""
    model_json = read_model_json(run_dir)
    config = config_of(run_dir, model_json)
    check_files(run_dir, model_json)
    place = engine_place(run_dir, model_json, config)
    if place.find() is not None or place.failure.exists():
        return place.find()
    import_tensorflow()
    content = _convert(run_dir, model_json, config)
    path = place.path_of(content)
    write_durably(path, content)
    _remove_others(path)
    return path


def _note_failure(run_dir: Path, error: Exception) -> None:
    model_json = read_model_json(run_dir)
    place = engine_place(run_dir, model_json, config_of(run_dir, model_json))
    text = f"This network cannot be converted; Keras answers. {error}"
    write_durably(place.failure, text[:2000].encode())


def _remove_others(kept: Path) -> None:
    """Remove the engines that the run's folder, or this network, had before."""
    stem = kept.stem.rpartition("-")[0]
    for path in kept.parent.glob(f"{stem}-*.onnx"):
        if path != kept:
            path.unlink(missing_ok=True)


def _convert(run_dir: Path, model_json: dict[str, Any], config: TrainConfig) -> bytes:
    import tensorflow as tf

    from mlcore.model_onnx import convert_function

    model = read_keras(run_dir, model_json, config)

    def run(pictures: Any) -> Any:
        return model(tf.cast(pictures, tf.float32), training=False)

    try:
        found = convert_function(run, config.image_size_px)
    except PredictionError as error:
        # Not the run's fault: it goes on answering by Keras.
        raise ValueError(str(error)) from error
    content = bytes(found.SerializeToString())
    _prove(content, lambda x: np.asarray(run(x)), config.image_size_px)
    return content


def read_keras(run_dir: Path, model_json: dict[str, Any], config: TrainConfig) -> Any:
    """The keras model of pictures float32 0..255 to features or logits."""
    if config.network == "features":
        from mlcore.backbone_building import build_backbone

        spec = read_spec(run_dir, model_json, config)
        return build_backbone(spec, config.weights_file)
    from mlcore.model_files import read_network

    return read_network(run_dir, model_json, config)[0]


def _prove(content: bytes, expected: Any, size_px: int) -> None:
    """ValueError unless both say the same of noise and of an even picture."""
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 256, (PROOFS, size_px, size_px, 3)).astype(np.uint8)
    pictures[-1] = 200
    wanted, got = expected(pictures), Engine(content)(pictures)
    worst = float(np.abs(wanted - got).max() / max(1.0, np.abs(wanted).max()))
    if not worst <= MAY_DIFFER:
        raise ValueError(
            f"The converted network differs by {worst:.2g}; at most {MAY_DIFFER:g} "
            "is accepted."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
