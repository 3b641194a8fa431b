"""ImageNet weights of VGG16: finding the file and reading it safely."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.backbone_h5 import list_tensors, open_item
from mlcore.backbones import VGG16, find_backbone_weights
from mlcore.config import TrainConfig
from mlcore.downloads import Download, download
from mlcore.errors import WeightsError
from storage.home import weights_dir

DOWNLOAD_URL, DOWNLOAD_MD5 = VGG16.url, VGG16.digest
DOWNLOAD_NAME = VGG16.file_name
CONVOLUTIONS = tuple(
    f"block{block}_conv{at}"
    for block, layers in enumerate((2, 2, 3, 3, 3), 1)
    for at in range(1, layers + 1)
)


def find_weights(config: TrainConfig) -> Path | None:
    """The local VGG16 file: the config's own, else the newest in the weights folder,
    else what Keras once downloaded; WeightsError if a named file does not exist.
    """
    return find_backbone_weights("vgg16", config.weights_file)


def fetch_weights(config: TrainConfig) -> Path:
    """`find_weights`, else a download into the weights folder, else WeightsError."""
    found = find_weights(config)
    if found is not None:
        return found
    source = Download(DOWNLOAD_URL, DOWNLOAD_MD5)
    return download(source, weights_dir(), "VGG16", missing_sentence())


def missing_sentence() -> str:
    """What a person can do when there are no VGG16 weights."""
    return (
        f"Put {DOWNLOAD_NAME} into {weights_dir()}, or name a file as the weights "
        "file, or choose the recipe smallervggnet, which needs none."
    )


def read_vgg16(path: Path) -> dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Kernel and bias (float32) of each VGG16 convolution by its official name.

    Only plain numbers are read from the file; WeightsError if any is missing.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return {name: _read_layer(file, name) for name in CONVOLUTIONS}
    except (OSError, KeyError, ValueError) as error:
        raise WeightsError(
            f"{path.name} does not hold the VGG16 convolution weights ({error}). "
            + missing_sentence()
        ) from error


def load_into(model: Any, path: Path) -> None:
    """Set the convolutions of a VGG16 `model` (keras) to the file's weights."""
    for name, (kernel, bias) in read_vgg16(path).items():
        layer = model.get_layer(name)
        expected = [tuple(weight.shape) for weight in layer.weights]
        if expected != [kernel.shape, bias.shape]:
            raise WeightsError(
                f"{path.name}: {name} has the shapes {kernel.shape} and {bias.shape}; "
                f"VGG16 has {expected[0]} and {expected[1]}."
            )
        layer.set_weights([kernel, bias])


def _read_layer(file: Any, name: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    # Files name the two tensors "kernel:0"/"bias:0" or "W_1:0"/"b_1:0": tell them
    # apart by their dimensions, looked at before anything is read.
    tensors = {
        len(tensor.shape): tensor for tensor in list_tensors(open_item(file, name))
    }
    kernel, bias = tensors[4], tensors[1]
    if kernel.shape[:2] != (3, 3) or max(kernel.shape) > 512 or bias.shape[0] > 512:
        raise ValueError(f"{name} has an unexpected shape {kernel.shape}")
    return np.asarray(kernel[()], np.float32), np.asarray(bias[()], np.float32)
