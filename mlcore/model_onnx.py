"""A run as an ONNX file: one graph from pixels to probabilities."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.numpy_helper
import tensorflow as tf
import tf2onnx

from mlcore.errors import PredictionError
from mlcore.whole_model import PIXELS, build_whole_model
from storage.files import write_durably

# The newest that onnxruntime of 2022 and later, OpenVINO and browsers all read.
OPSET = 17


def write_onnx(run_dir: Path, path: Path) -> None:
    """Write the run as float32 ONNX of `OPSET`; input "pixels", outputs by name.

    PredictionError when a file of the run was changed, or it cannot be converted.
    """
    write_durably(path, convert(build_whole_model(run_dir)).SerializeToString())


def convert(model: Any) -> onnx.ModelProto:
    """A whole model as ONNX, its outputs named as the model names them."""
    size = model.inputs[0].shape[1]
    return convert_function(lambda pixels: model(pixels, training=False), size)


def convert_function(run: Callable[[Any], Any], size_px: int) -> onnx.ModelProto:
    """What computes with uint8 pixels (n, s, s, 3) as ONNX; PredictionError if not."""
    signature = [tf.TensorSpec((None, size_px, size_px, 3), tf.uint8, name=PIXELS)]
    whole = tf.function(run, signature)
    try:
        found, _ = tf2onnx.convert.from_function(whole, signature, opset=OPSET)
        _bind_constants(found.graph, whole.get_concrete_function())
        _name_batches(found.graph)
        onnx.checker.check_model(found, full_check=True)
    except (ValueError, RuntimeError, onnx.checker.ValidationError) as error:
        raise PredictionError(
            f"This network cannot be written as ONNX: {error}"
        ) from error
    return found


def _bind_constants(graph: onnx.GraphProto, concrete: Any) -> None:
    """Give the graph the numbers that TensorFlow has captured from outside of it.

    tf2onnx makes inputs of them that whoever runs the model would have to know.
    """
    captured = {inside.name: kept for kept, inside in concrete.graph.captures}
    for one in [one for one in graph.input if one.name != PIXELS]:
        if one.name not in captured:
            raise ValueError(f"an input {one.name} is left open")
        kept = np.asarray(captured[one.name])
        graph.initializer.append(onnx.numpy_helper.from_array(kept, one.name))
        graph.input.remove(one)


def _name_batches(graph: onnx.GraphProto) -> None:
    for one in [*graph.input, *graph.output]:
        one.type.tensor_type.shape.dim[0].dim_param = "n"
