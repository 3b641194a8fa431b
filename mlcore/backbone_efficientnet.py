"""EfficientNet-Lite0 as data, with the weights of its PyTorch file.

Batch normalisation is folded into the convolutions: nothing here is trained, and a
network without it is faster on a CPU.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

from mlcore.errors import WeightsError
from mlcore.torch_archive import read_tensors

Array = npt.NDArray[Any]

STEM_FILTERS = 32
HEAD_FILTERS = 1280
BATCHNORM_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Stage:
    """Inverted bottlenecks of one width; the first of them has the stride."""

    repeats: int
    kernel_px: int
    stride: int
    expansion: int
    filters: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


def build_lite0(size_px: int) -> keras.Model:
    """EfficientNet-Lite0 up to its head, with random weights, for pictures 0..255.

    The layers "stage1" to "stage7" and the output are its depths.
    """
    images = keras.Input((size_px, size_px, 3), dtype="float32")
    x = _relu6(_convolve((images - 127.0) / 128.0, STEM_FILTERS, "stem", 3, 2))
    number = 0
    for at, stage in enumerate(STAGES, 1):
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            x = _add_block(x, stage, f"block{number}", stride)
            number += 1
        x = layers.Identity(name=f"stage{at}")(x)
    return keras.Model(images, _relu6(_convolve(x, HEAD_FILTERS, "head")))


def load_lite0(model: keras.Model, path: Path) -> None:
    """Set the convolutions of a `build_lite0` model to those of a .pth file."""
    tensors = read_tensors(path)
    wanted = {layer.name: layer for layer in model.layers if layer.weights}
    for name, convolution, batchnorm in _sources():
        if name in wanted:
            try:
                kernel, bias = _folded(tensors, convolution, batchnorm)
            except (KeyError, ValueError) as error:
                raise WeightsError(
                    f"{path.name} does not hold EfficientNet-Lite0: {convolution} is "
                    f"missing or of another shape ({error})."
                ) from error
            _assign(wanted[name], kernel, bias, path.name)


def _add_block(x: Any, stage: Stage, name: str, stride: int) -> Any:
    entering, filters = x, x.shape[-1] * stage.expansion
    if stage.expansion > 1:
        x = _relu6(_convolve(x, filters, f"{name}_expand"))
    depthwise = layers.DepthwiseConv2D(
        stage.kernel_px, stride, padding="same", name=f"{name}_depthwise"
    )
    x = _convolve(_relu6(depthwise(x)), stage.filters, f"{name}_project")
    is_same = stride == 1 and entering.shape[-1] == stage.filters
    return layers.add([entering, x]) if is_same else x


def _convolve(
    x: Any, filters: int, name: str, kernel_px: int = 1, stride: int = 1
) -> Any:
    # Keras' "same" pads as the network was trained (in TensorFlow, more at the end);
    # PyTorch's own padding would shift every stage by a pixel.
    return layers.Conv2D(filters, kernel_px, stride, padding="same", name=name)(x)


def _relu6(x: Any) -> Any:
    return layers.ReLU(max_value=6.0)(x)


def _sources() -> Iterator[tuple[str, str, str]]:
    """Layer, convolution and batch normalisation, by our name and the file's two."""
    yield "stem", "_conv_stem", "_bn0"
    for number in range(sum(stage.repeats for stage in STAGES)):
        for part, batchnorm in (("expand", 0), ("depthwise", 1), ("project", 2)):
            place = f"_blocks.{number}."
            names = f"{place}_{part}_conv", f"{place}_bn{batchnorm}"
            yield f"block{number}_{part}", *names
    yield "head", "_conv_head", "_bn1"


def _folded(
    tensors: Mapping[str, Array], convolution: str, batchnorm: str
) -> tuple[Array, Array]:
    scale = tensors[f"{batchnorm}.weight"] / np.sqrt(
        tensors[f"{batchnorm}.running_var"] + BATCHNORM_EPSILON
    )
    bias = tensors[f"{batchnorm}.bias"] - tensors[f"{batchnorm}.running_mean"] * scale
    kernel = tensors[f"{convolution}.weight"] * scale[:, None, None, None]
    # PyTorch: out, in, height, width. Keras: height, width, in, out (and for a
    # depthwise convolution height, width, channels, 1).
    is_depthwise = convolution.endswith("_depthwise_conv")
    return kernel.transpose((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0)), bias


def _assign(layer: Any, kernel: Array, bias: Array, file_name: str) -> None:
    expected = [tuple(weight.shape) for weight in layer.weights]
    if expected != [kernel.shape, bias.shape]:
        raise WeightsError(
            f"{file_name}: {layer.name} has the shapes {kernel.shape} and "
            f"{bias.shape}; EfficientNet-Lite0 has {expected[0]} and {expected[1]}."
        )
    layer.set_weights([kernel, bias])
