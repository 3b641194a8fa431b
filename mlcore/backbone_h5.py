"""Keras' HDF5 weights files read as plain numbers: no links, no outside data."""

from collections.abc import Iterable
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlcore.errors import WeightsError

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


def load_official(model: Any, path: Path, title: str) -> None:
    """Set a keras.applications `model` to the official file of its weights.

    Such files name their layers as Keras 2 did; like Keras itself, this goes by their
    order. Every shape is compared before a number is read.
    """
    for layer, arrays in read_official(model, path, title):
        for variable, array in zip(_variables(layer), arrays, strict=True):
            variable.assign(array)


def read_official(model: Any, path: Path, title: str) -> list[tuple[Any, list[Array]]]:
    """The layers of `model` that have weights, each with its arrays in the file."""
    import h5py

    wanted = [layer for layer in model.layers if _variables(layer)]
    try:
        with h5py.File(path, "r") as file:
            saved = _saved_layers(file)
            if len(saved) != len(wanted):
                raise ValueError(
                    f"it has {len(saved)} layers with weights, expected {len(wanted)}"
                )
            pairs = zip(wanted, saved, strict=True)
            return [(layer, _read_layer(layer, group)) for layer, group in pairs]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path.name} does not hold the weights of {title} ({error}). Use the "
            "official file whose name ends in “notop” or “no_top”."
        ) from error


def list_tensors(group: Any) -> list[Any]:
    """Every dataset below an HDF5 `group`; ValueError for one that lies elsewhere."""
    import h5py

    found: list[Any] = []
    for key in group:
        item = open_item(group, key)
        found += [item] if isinstance(item, h5py.Dataset) else list_tensors(item)
    return found


def open_item(group: Any, key: str) -> Any:
    """A member of an HDF5 `group`, refused when it could lead out of the file."""
    import h5py

    # External and soft links could point to any file of this computer.
    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
        raise ValueError(f"{key} is a link or is missing")
    item = group[key]
    if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
        raise ValueError("a tensor lies outside the file")
    return item


def _saved_layers(file: Any) -> list[tuple[Any, list[str]]]:
    """Each layer's group with the names of its weights, without the empty ones."""
    root = (
        open_item(file, "model_weights") if "layer_names" not in _keys(file) else file
    )
    named = [
        (group, _names(group, "weight_names"))
        for group in (open_item(root, name) for name in _names(root, "layer_names"))
    ]
    return [(group, names) for group, names in named if names]


def _keys(group: Any) -> set[str]:
    return {name.rstrip("0123456789") for name in group.attrs}


def _names(group: Any, attribute: str) -> list[str]:
    """A list of names, which long networks have in numbered pieces."""
    numbered = (f"{attribute}{at}" for at in count())
    pieces: Iterable[str] = takewhile(lambda name: name in group.attrs, numbered)
    if attribute in group.attrs:
        pieces = [attribute]
    found = [name for piece in pieces for name in group.attrs[piece]]
    return [n.decode("utf-8") if isinstance(n, bytes) else str(n) for n in found]


def _variables(layer: Any) -> list[Any]:
    # The order of Keras 2 and of its files: what is trained, then the rest.
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _read_layer(layer: Any, saved: tuple[Any, list[str]]) -> list[Array]:
    group, names = saved
    tensors = [_find(group, name) for name in names]
    expected = [tuple(variable.shape) for variable in _variables(layer)]
    found = [tuple(tensor.shape) for tensor in tensors]
    if found != expected:
        raise ValueError(f"{layer.name} has the shapes {found}, expected {expected}")
    if any(tensor.dtype.kind != "f" for tensor in tensors):
        raise ValueError(f"{layer.name} is not made of numbers")
    return [np.asarray(tensor[()], np.float32) for tensor in tensors]


def _find(group: Any, name: str) -> Any:
    for part in name.split("/"):
        group = open_item(group, part)
    return group
