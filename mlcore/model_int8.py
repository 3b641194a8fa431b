"""ONNX with numbers of eight bits: smaller, quicker on many processors, less exact."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from mlcore.dataset import Pixels
from mlcore.whole_model import PIXELS

# Of all weights. A smaller product stays exact: heads on features and tables of
# combinations give other answers with eight bits, and weigh next to nothing.
LARGE_SHARE = 0.2


def round_to_int8(model: onnx.ModelProto, pixels: Pixels, path: Path) -> None:
    """Write the model with its large layers in int8, fitted to what `pixels` show."""
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        whole, ready = Path(place) / "whole.onnx", Path(place) / "ready.onnx"
        onnx.save(model, whole)
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        quantize_static(
            str(ready),
            str(path),
            _Pictures(pixels),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            # Without it processors before VNNI overflow.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=list(_large_layers(onnx.load(ready))),
            calibrate_method=CalibrationMethod.MinMax,
        )


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Hands out pictures one by one."""

    def __init__(self, pixels: Pixels) -> None:
        self._left = iter(pixels)

    def get_next(self) -> dict[str, Any] | None:
        """The next picture as a batch of one."""
        one = next(self._left, None)
        return None if one is None else {PIXELS: one[None]}


def _large_layers(model: onnx.ModelProto) -> Iterator[str]:
    """Names of the convolutions, and of products with many weights."""
    sizes = {one.name: _count(one) for one in model.graph.initializer}
    large = LARGE_SHARE * sum(sizes.values())
    for node in model.graph.node:
        weights = max((sizes.get(name, 0) for name in node.input), default=0)
        is_product = node.op_type in ("MatMul", "Gemm") and weights >= large
        if node.op_type == "Conv" or is_product:
            yield node.name


def _count(tensor: onnx.TensorProto) -> int:
    total = 1
    for side in tensor.dims:
        total *= side
    return total
