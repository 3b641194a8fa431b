"""PyTorch files written by hand, step by step, so that tests need no torch."""

import io
import pickle
import struct
import zipfile
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Saved:
    """One tensor of a file: its storage, and which part of it it is."""

    storage: np.ndarray
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    start: int = 0
    kind: str = "FloatStorage"


def whole(array: np.ndarray) -> Saved:
    """A tensor that is all of its storage, in C order."""
    strides = tuple(step // array.itemsize for step in array.strides)
    return Saved(array.ravel(), array.shape, strides)


def as_zip(tensors: dict[str, Saved], compression: int = zipfile.ZIP_STORED) -> bytes:
    """The layout of torch.save since 2020."""
    return zip_of(named(tensors), list(tensors.values()), compression)


def zip_of(steps: bytes, saved: list[Saved], compression: int = 0) -> bytes:
    """A zip whose pickle is `steps`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("archive/data.pkl", steps)
        archive.writestr("archive/byteorder", "little")
        for at, one in enumerate(saved):
            archive.writestr(f"archive/data/{at}", one.storage.tobytes())
    return file.getvalue()


def as_legacy(tensors: dict[str, Saved]) -> bytes:
    """The layout of torch.save before 2020: five pickles, then the storages."""
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    head = [pickle.dumps(v, 2) for v in (0x1950A86A20F9469CFC6C, 1001, system)]
    keys = pickle.dumps([str(at) for at in range(len(tensors))], 2)
    storages = [
        struct.pack("<q", one.storage.size) + one.storage.tobytes()
        for one in tensors.values()
    ]
    return b"".join([*head, named(tensors, b"N"), keys, *storages])


def named(tensors: dict[str, Saved], view: bytes = b"") -> bytes:
    """The pickle of an OrderedDict of tensors; `view` ends each storage's name."""
    pairs = [
        text(name) + _tensor(str(at), one, view)
        for at, (name, one) in enumerate(tensors.items())
    ]
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + b"".join(pairs) + b"u."


def text(value: str) -> bytes:
    """The step that pushes a text."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _tensor(key: str, one: Saved, view: bytes) -> bytes:
    storage = (
        b"(" + text("storage") + b"ctorch\n" + one.kind.encode() + b"\n" + text(key)
    )
    storage += text("cpu") + _number(one.storage.size) + view + b"tQ"
    shape = b"".join(_number(size) for size in one.shape)
    strides = b"".join(_number(step) for step in one.strides)
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + storage
        + _number(one.start)
        + b"("
        + shape
        + b"t("
        + strides
        + b"t\x89ccollections\nOrderedDict\n)RtR"
    )


def _number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)
