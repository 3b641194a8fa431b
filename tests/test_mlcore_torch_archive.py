"""Weights of PyTorch are read as numbers; whatever else a file asks for is refused."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from torch_files import Saved, as_legacy, as_zip, named, text, whole, zip_of

from mlcore.errors import WeightsError
from mlcore.torch_archive import read_tensors

TWELVE = np.arange(12, dtype="<f4")
TENSORS = {
    "weight": whole(TWELVE.reshape(3, 4)),
    "turned": Saved(TWELVE, (4, 3), (1, 4)),
    "part": Saved(TWELVE, (2, 2), (4, 1), start=5),
    "count": Saved(np.array([7], "<i8"), (), (), kind="LongStorage"),
}
SMALL = {"weight": TENSORS["weight"]}


@pytest.mark.parametrize("layout", [as_zip, as_legacy])
def test_both_layouts_give_the_tensors_as_they_were_saved(
    layout: object, tmp_path: Path
) -> None:
    data = layout(TENSORS)
    path = tmp_path / "net.pth"
    path.write_bytes(data)
    for source in (data, path):
        found = read_tensors(source)
        assert list(found) == list(TENSORS)
        np.testing.assert_array_equal(found["weight"], TWELVE.reshape(3, 4))
        np.testing.assert_array_equal(found["turned"], TWELVE.reshape(3, 4).T)
        np.testing.assert_array_equal(found["part"], [[5, 6], [9, 10]])
        assert found["count"].shape == () and found["count"] == 7
        found["weight"][0, 0] = 1  # a copy of its own, not the file's memory


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_parameter"),
        ("collections", "OrderedDict.fromkeys"),
    ],
)
def test_a_pickle_that_asks_for_anything_else_is_refused_without_effect(
    module: str, name: str, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    call = text(f"touch {victim}") + b"\x85R."
    by_line = f"c{module}\n{name}\n".encode() + call
    by_stack = text(module) + text(name) + b"\x93" + call
    for steps in (b"\x80\x02" + by_line, b"\x80\x04" + by_stack):
        # As a zip, and as the first pickle of the older layout.
        for data in (zip_of(steps, []), steps):
            with pytest.raises(WeightsError, match=rf"asks for {module}\.{name}"):
                read_tensors(data)
    assert not victim.exists()


def test_the_four_known_names_cannot_be_bent() -> None:
    rebuild = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n"
    state = b"N}" + text("__code__") + text("x") + b"s\x86b."
    for steps in (
        rebuild + state,
        rebuild + b"}" + text("a") + text("b") + b"sb.",
        b"\x80\x02ctorch\nFloatStorage\n" + text("x") + b"\x85R.",
        b"\x80\x02ccollections\nOrderedDict\n" + state,
        rebuild + b"(K\x01K\x01K\x01K\x01tR.",
    ):
        with pytest.raises(WeightsError, match="damaged or is no file of PyTorch"):
            read_tensors(zip_of(steps, []))


@pytest.mark.parametrize("layout", [as_zip, as_legacy])
def test_a_file_cut_anywhere_is_refused(layout: object) -> None:
    data = layout(SMALL)
    for end in range(0, len(data) - 1, 3):
        with pytest.raises(WeightsError, match="damaged"):
            read_tensors(data[:end])


@pytest.mark.parametrize(
    "saved",
    [
        Saved(TWELVE, (3, 5), (5, 1)),
        Saved(TWELVE, (3, 4), (4, 1), start=1),
        Saved(TWELVE, (3, 4), (4, 1), start=-1),
        Saved(TWELVE, (4, 3), (-1, 4), start=3),
        Saved(TWELVE, (1000, 1000), (0, 0)),
        Saved(TWELVE, (3, 4), (4,)),
        Saved(TWELVE, (1,) * 9, (1,) * 9),
    ],
)
def test_a_tensor_that_reaches_beyond_its_storage_is_refused(saved: Saved) -> None:
    for data in (as_zip({"a": saved}), as_legacy({"a": saved})):
        with pytest.raises(WeightsError, match="damaged"):
            read_tensors(data)


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    with pytest.raises(WeightsError, match="compressed"):
        read_tensors(as_zip(SMALL, zipfile.ZIP_DEFLATED))
    # "Put this at place 4,000,000,000" makes Python's reader fill that memory.
    with pytest.raises(WeightsError, match="too large"):
        read_tensors(zip_of(b"\x80\x02}r\x00\x28\x6b\xee.", []))
    announced = as_legacy(SMALL).replace(b"J\x0c\x00\x00\x00Nt", b"J\xff\xff\xff\x7fNt")
    with pytest.raises(WeightsError, match="another size than announced"):
        read_tensors(announced)


def test_what_is_no_set_of_tensors_is_refused() -> None:
    mixed = named(SMALL)[:-2] + text("epoch") + b"K\x07u."
    for steps in (b"\x80\x02}.", b"\x80\x02].", mixed):
        with pytest.raises(WeightsError, match="named tensors"):
            read_tensors(zip_of(steps, [SMALL["weight"]]))
    with pytest.raises(WeightsError, match="damaged"):
        read_tensors(b"PK\x03\x04 no zip")
