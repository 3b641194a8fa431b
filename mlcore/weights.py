"""ImageNet weights of VGG16: finding the file and reading it safely."""

import hashlib
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.config import TrainConfig
from mlcore.errors import WeightsError
from storage.files import expand_home
from storage.home import weights_dir

FILE_PATTERN = "*vgg16*notop*.h5"
DOWNLOAD_NAME = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
# Where keras.applications gets the same file; the digest is the one it publishes.
DOWNLOAD_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
    + DOWNLOAD_NAME
)
DOWNLOAD_MD5 = "6d6bbae143d832006294945121d1f1fc"
DOWNLOAD_TIMEOUT_S = 30
CONVOLUTIONS = tuple(
    f"block{block}_conv{at}"
    for block, layers in enumerate((2, 2, 3, 3, 3), 1)
    for at in range(1, layers + 1)
)


def find_weights(config: TrainConfig) -> Path | None:
    """The local VGG16 file: the config's own, else the newest in the weights folder.

    WeightsError if the config names a file that does not exist.
    """
    if config.weights_file is not None:
        path = expand_home(Path(config.weights_file))
        if not path.is_file():
            raise WeightsError(f"The weights file {path} does not exist.")
        return path
    found = sorted(weights_dir().glob(FILE_PATTERN), key=lambda p: p.stat().st_mtime)
    return found[-1] if found else None


def fetch_weights(config: TrainConfig) -> Path:
    """`find_weights`, else a download into the weights folder, else WeightsError."""
    found = find_weights(config)
    return found if found is not None else _download(weights_dir() / DOWNLOAD_NAME)


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
    tensors = {len(tensor.shape): tensor for tensor in _tensors(file[name])}
    kernel, bias = tensors[4], tensors[1]
    if kernel.shape[:2] != (3, 3) or max(kernel.shape) > 512 or bias.shape[0] > 512:
        raise ValueError(f"{name} has an unexpected shape {kernel.shape}")
    return np.asarray(kernel[()], np.float32), np.asarray(bias[()], np.float32)


def _tensors(group: Any) -> list[Any]:
    import h5py

    found: list[Any] = []
    for key in group:
        # External and soft links could point to any file of this computer.
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            raise ValueError(f"{key} is a link")
        item = group[key]
        found += [item] if isinstance(item, h5py.Dataset) else _tensors(item)
    if any(item.external or item.is_virtual for item in found):
        raise ValueError("a tensor lies outside the file")
    return found


def _download(target: Path) -> Path:
    partial = target.with_suffix(".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with (
            urllib.request.urlopen(DOWNLOAD_URL, timeout=DOWNLOAD_TIMEOUT_S) as answer,
            partial.open("wb") as file,
        ):
            while piece := answer.read(2**20):
                digest.update(piece)
                file.write(piece)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WeightsError(
            f"The VGG16 weights are not here and could not be downloaded ({error}). "
            + missing_sentence()
        ) from error
    if digest.hexdigest() != DOWNLOAD_MD5:
        partial.unlink()
        raise WeightsError(
            "The downloaded VGG16 weights are damaged. " + missing_sentence()
        )
    partial.replace(target)
    return target
