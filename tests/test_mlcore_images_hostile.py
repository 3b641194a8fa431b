"""Hostile bytes: whatever comes, the answer is a picture or one kind of error."""

import io

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mlcore.errors import BadImage
from mlcore.images import read_image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
MODES = ("RGB", "L", "P", "1")


def seed_files() -> list[bytes]:
    values = np.random.default_rng(3).integers(0, 255, (12, 12, 3), dtype="u1")
    files = []
    for format in FORMATS:
        for mode in MODES:
            if (format, mode) == ("JPEG", "P"):
                continue
            file = io.BytesIO()
            picture = Image.fromarray(values).convert(mode)
            exif = Image.Exif()
            exif[0x0112] = 6
            picture.save(file, format, exif=exif)
            files.append(file.getvalue())
    return files


SEEDS = seed_files()
CHANGES = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=12
)
QUICK = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def is_picture(data: bytes) -> bool:
    try:
        read = read_image(data, max_bytes=10**6, max_pixels=10**6)
    except BadImage as error:
        assert str(error).endswith((".", "(see Settings)."))
        return False
    assert read.pixels.mode == "RGB"
    assert read.pixels.size == (read.width_px, read.height_px)
    return True


def test_the_unchanged_files_are_pictures() -> None:
    assert all(is_picture(data) for data in SEEDS)


@QUICK
@given(st.sampled_from(SEEDS), CHANGES)
def test_changed_bytes_never_raise_anything_but_bad_image(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    is_picture(bytes(damaged))


@QUICK
@given(st.sampled_from(SEEDS), st.binary(max_size=200), st.integers(0, 2000))
def test_a_true_beginning_with_a_false_rest_never_raises_anything_else(
    data: bytes, rest: bytes, kept: int
) -> None:
    is_picture(data[:kept] + rest)
