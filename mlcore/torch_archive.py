"""Tensors of a PyTorch .pth file as numpy arrays, without torch and without running it.

Such a file holds a pickle that says which part of which raw storage is which tensor.
The pickle is read by an interpreter that knows four names and no others: what it
asks for beyond them is refused before anything happens. Two layouts are known: a zip
(since 2020) and, before that, five pickles in a row followed by the storages.
"""

import io
import math
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from mlcore.errors import WeightsError

Array = npt.NDArray[Any]

MOST_BYTES = 2**30
MOST_PICKLE_BYTES = 16 * 2**20
# A pickle that puts something at place two billion makes Python fill that memory.
MOST_MEMO = 1_000_000
MEMO_STEPS = ("PUT", "BINPUT", "LONG_BINPUT")
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}
# What hostile bytes make the pickle and zip readers raise.
READ_ERRORS = (
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Which part of which storage a tensor is, in elements."""

    storage: _Storage
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _StorageKind(str):
    """The name of a storage type; a text cannot be called or given attributes."""

    __slots__ = ()


class _Rebuild:
    """Stands for torch._utils._rebuild_tensor_v2; without slots to write into."""

    __slots__ = ()

    def __call__(
        self, storage: Any, start: Any, shape: Any, strides: Any, *_: Any
    ) -> Any:
        if not isinstance(storage, _Storage):
            raise ValueError("a tensor has no storage")
        numbers = (start, *shape, *strides)
        if any(type(number) is not int or number < 0 for number in numbers):
            raise ValueError("a tensor has a shape that is not made of numbers")
        return _Tensor(storage, start, tuple(shape), tuple(strides))


class _Reader(pickle.Unpickler):
    """An unpickler for which only tensors exist."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Rebuild()
        if module == "torch" and name in STORAGES:
            return _StorageKind(name)
        raise WeightsError(
            f"The weights file asks for {module}.{name}, which is no part of plain "
            "weights; it was refused and nothing of it was run."
        )

    def persistent_load(self, pid: Any) -> _Storage:
        tag, kind, key, _place, count, *view = pid
        if tag != "storage" or not isinstance(kind, _StorageKind) or any(view):
            raise ValueError("it refers to something that is no storage")
        if type(key) is not str or type(count) is not int or count < 0:
            raise ValueError("a storage has no name or size")
        return _Storage(key, str(kind), count)


def read_tensors(data: bytes | Path) -> dict[str, Array]:
    """The tensors of a .pth file (a dict of them saved by torch.save) by name.

    WeightsError for a damaged file and for one that asks for anything but tensors.
    """
    name = data.name if isinstance(data, Path) else "The weights file"
    try:
        with io.BytesIO(data) if isinstance(data, bytes) else data.open("rb") as file:
            _check_size(file)
            tensors, storages = _read_parts(file)
        return {key: _gather(tensor, storages) for key, tensor in tensors.items()}
    except READ_ERRORS as error:
        raise WeightsError(
            f"{name} is damaged or is no file of PyTorch weights ({error}). Get it "
            "again where it came from."
        ) from error


def _read_parts(file: BinaryIO) -> tuple[dict[str, _Tensor], Mapping[str, Array]]:
    if file.read(2) == b"PK":
        return _read_zip(file)
    file.seek(0)
    return _read_legacy(file)


def _check_size(file: BinaryIO) -> None:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_BYTES:
        raise ValueError(f"it has {size:,} bytes, at most {MOST_BYTES:,} are read")


def _read_zip(file: BinaryIO) -> tuple[dict[str, _Tensor], Mapping[str, Array]]:
    with zipfile.ZipFile(file) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        [index] = [name for name in entries if name.endswith("/data.pkl")]
        folder = index.removesuffix("data.pkl")
        order = entries.get(folder + "byteorder")
        if order is not None and _read_entry(archive, order) != b"little":
            _refuse_byte_order()
        tensors = _tensors(_load(io.BytesIO(_read_entry(archive, entries[index]))))
        storages = {
            storage.key: _as_array(
                _read_entry(archive, entries[f"{folder}data/{storage.key}"]), storage
            )
            for storage in {tensor.storage for tensor in tensors.values()}
        }
    return tensors, storages


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # torch stores without compression: a packed entry could be a bomb.
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > MOST_BYTES:
        raise ValueError(f"{entry.filename} is compressed")
    return archive.read(entry)


def _read_legacy(file: BinaryIO) -> tuple[dict[str, _Tensor], Mapping[str, Array]]:
    if _load(file) != LEGACY_MAGIC or _load(file) != LEGACY_PROTOCOL:
        raise ValueError("it does not begin as such a file does")
    if not _load(file)["little_endian"]:
        _refuse_byte_order()
    tensors = _tensors(_load(file))
    by_key = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    storages: dict[str, Array] = {}
    for key in _load(file):
        storage = by_key[key]
        if int.from_bytes(_read_exactly(file, 8), "little") != storage.count:
            raise ValueError(f"storage {key} has another size than announced")
        size = storage.count * np.dtype(STORAGES[storage.kind]).itemsize
        storages[key] = _as_array(_read_exactly(file, size), storage)
    return tensors, storages


def _refuse_byte_order() -> NoReturn:
    raise ValueError("its numbers are in the byte order of another kind of processor")


def _load(file: BinaryIO) -> Any:
    """The next object of `file`, read once as a list of steps and then for good."""
    start = file.tell()
    for step, argument, at in pickletools.genops(file):
        memo = int(argument or 0) if step.name in MEMO_STEPS else 0
        if (at or 0) - start > MOST_PICKLE_BYTES or memo > MOST_MEMO:
            raise ValueError("its table of contents is too large")
    end = file.tell()
    file.seek(start)
    # Read from a copy of its own: the unpickler reads ahead of what it needs.
    return _Reader(io.BytesIO(_read_exactly(file, end - start))).load()


def _tensors(content: Any) -> dict[str, _Tensor]:
    if not isinstance(content, dict):
        raise ValueError("it does not hold named tensors")
    found = {str(k): v for k, v in content.items() if isinstance(v, _Tensor)}
    if len(found) < len(content) or not found:
        raise ValueError("it does not hold named tensors alone")
    return found


def _read_exactly(file: BinaryIO, count: int) -> bytes:
    # A length beyond the end gives what there is, never a huge buffer.
    data = file.read(min(count, MOST_BYTES))
    if len(data) != count:
        raise EOFError(f"{count - len(data):,} bytes are missing at its end")
    return data


def _as_array(data: bytes, storage: _Storage) -> Array:
    array: Array = np.frombuffer(data, STORAGES[storage.kind])
    if len(array) != storage.count:
        raise ValueError(f"storage {storage.key} has another size than announced")
    return array


def _gather(tensor: _Tensor, storages: Mapping[str, Array]) -> Array:
    values = storages[tensor.storage.key]
    if len(tensor.shape) != len(tensor.strides) or len(tensor.shape) > 8:
        raise ValueError("a tensor has a shape without strides")
    pairs = zip(tensor.shape, tensor.strides, strict=True)
    last = tensor.start + sum((size - 1) * stride for size, stride in pairs)
    # Bounds first: as_strided would read whatever lies behind the storage.
    if math.prod(tensor.shape) > len(values) or not 0 <= last < len(values):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [stride * values.itemsize for stride in tensor.strides]
    view = np.lib.stride_tricks.as_strided(
        values[tensor.start :], tensor.shape, strides, writeable=False
    )
    return np.array(view)
