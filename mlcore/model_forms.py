"""Writing the file of an exported model in each format. Loads TensorFlow."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import tensorflow as tf

from mlcore.dataset import Pixels
from mlcore.errors import PredictionError
from mlcore.model_onnx import convert

# The layer of ours that is Keras's own but for how it is computed.
OWN_BATCHNORM = "mlcore.batchnorm"
# Int8 needs to see what numbers flow through the layers: so many pictures are enough.
SEEN_BY_INT8 = 48

Calibrate = Callable[[int, int], Pixels]
Writer = Callable[[Any, Path, Calibrate], None]


def write_form(key: str, model: Any, folder: Path, calibrate: Calibrate) -> None:
    """Write a whole model into `folder` in the format `key`.

    `calibrate(size_px, count)` gives training pictures to those that need to see some.
    PredictionError where this network cannot be written so.
    """
    WRITERS[key](model, folder, calibrate)


def _write_onnx(model: Any, folder: Path, calibrate: Calibrate) -> None:
    onnx.save(convert(model), folder / "model.onnx")


def _write_int8(model: Any, folder: Path, calibrate: Calibrate) -> None:
    from mlcore.model_int8 import round_to_int8

    pixels = calibrate(model.inputs[0].shape[1], SEEN_BY_INT8)
    round_to_int8(convert(model), pixels, folder / "model.onnx")


def _write_saved_model(model: Any, folder: Path, calibrate: Calibrate) -> None:
    # Saved by tf.saved_model.save alone, LiteRT's converter would lose the weights.
    model.export(str(folder / "saved_model"), format="tf_saved_model", verbose=False)


def _write_litert(model: Any, folder: Path, calibrate: Calibrate) -> None:
    _write_saved_model(model, folder, calibrate)
    saved = folder / "saved_model"
    try:
        content = tf.lite.TFLiteConverter.from_saved_model(str(saved)).convert()
    except (RuntimeError, ValueError) as error:  # ConverterError is one of these
        raise PredictionError(
            f"This network cannot be written for LiteRT: {error}"
        ) from error
    (folder / "model.tflite").write_bytes(content)
    tf.io.gfile.rmtree(str(saved))


def _write_keras(model: Any, folder: Path, calibrate: Calibrate) -> None:
    text = json.dumps(_without_our_layers(json.loads(model.to_json())))
    (folder / "model.json").write_text(text, "utf-8")
    model.save_weights(folder / "weights.weights.h5")


def _without_our_layers(config: Any) -> Any:
    """The same description with Keras's own layer in the place of ours."""
    if isinstance(config, list):
        return [_without_our_layers(one) for one in config]
    if not isinstance(config, dict):
        return config
    found = {key: _without_our_layers(value) for key, value in config.items()}
    if found.get("module") == OWN_BATCHNORM:
        found |= {"module": "keras.layers", "registered_name": None}
    return found


WRITERS: dict[str, Writer] = {
    "onnx": _write_onnx,
    "onnx-int8": _write_int8,
    "savedmodel": _write_saved_model,
    "litert": _write_litert,
    "keras": _write_keras,
}
