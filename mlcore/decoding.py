"""Decode pictures strictly: wholly, within limits, and with reasons in words.

Only the content decides what a file is, never its name. Everything Pillow is
known to raise on hostile files becomes `BadImage` with a sentence.
"""

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mlcore.errors import BadImage
from mlcore.file_kinds import describe_other
from mlcore.picture_modes import ORIENTATION_TAG, to_rgb, turn_upright

# Pillow names what it opens; a phone's JPEG with a second picture is an MPO.
ENDINGS = {
    "JPEG": "jpg",
    "MPO": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "BMP": "bmp",
    "GIF": "gif",
    "TIFF": "tif",
}
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
# The list of Pillow's own fuzz tests, and what its plugins let through besides.
DECODER_ERRORS = (
    OSError,
    SyntaxError,
    MemoryError,
    ValueError,
    NotImplementedError,
    OverflowError,
    EOFError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
DAMAGED = "The picture is damaged or cut off: it cannot be read to its end."
# Pillow also warns (of broken EXIF, of sizes above its own limit): where warnings
# are errors they are caught above, elsewhere they would only litter the terminal.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True, slots=True)
class Verified:
    """A picture read to its last pixel; width and height as it is shown."""

    sha256: str
    ext: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class ReadImage:
    """A verified picture with its pixels: RGB, 8 bit, upright."""

    sha256: str
    ext: str
    width_px: int
    height_px: int
    pixels: Image.Image


def verify_image(data: bytes, *, max_bytes: int, max_pixels: int) -> Verified:
    """Decode `data` wholly and describe it; raises `BadImage` with the reason."""
    image, verified = _verify(data, max_bytes, max_pixels)
    image.close()
    return verified


def read_image(data: bytes, *, max_bytes: int, max_pixels: int) -> ReadImage:
    """Verify `data` and return it with upright RGB pixels; raises `BadImage`."""
    image, verified = _verify(data, max_bytes, max_pixels)
    pixels = upright_rgb(image)
    return ReadImage(
        verified.sha256, verified.ext, verified.width_px, verified.height_px, pixels
    )


def open_rgb(source: Path | str | bytes) -> Image.Image:
    """Return a picture as upright 8-bit RGB; of an animation, the first frame."""
    return upright_rgb(open_strictly(read_bytes(source)))


def read_bytes(source: Path | str | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        return Path(source).read_bytes()
    except OSError as error:
        reason = error.strerror or "unknown error"
        raise BadImage(f"The file cannot be read: {reason}.") from error


def _verify(
    data: bytes, max_bytes: int, max_pixels: int
) -> tuple[Image.Image, Verified]:
    check_size(len(data), max_bytes)
    image = open_strictly(data)
    _check_pixels(image, max_pixels)
    _check_checksums(image, data)
    ending = ENDINGS[image.format or ""]
    _load(image)
    _check_colours(image)
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    sha256 = hashlib.sha256(data).hexdigest()
    return image, Verified(sha256, ending, width, height)


def check_size(size_bytes: int, max_bytes: int) -> None:
    """Raise `BadImage` for an empty file or one above the limit of the settings."""
    if size_bytes == 0:
        raise BadImage("The file is empty.")
    if size_bytes > max_bytes:
        raise BadImage(
            f"The file has {size_bytes / 2**20:.1f} MB; at most"
            f" {max_bytes / 2**20:g} MB are accepted (see Settings)."
        )


def open_strictly(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BadImage("The picture has far too many pixels to be opened.") from error
    except DECODER_ERRORS as error:
        raise BadImage(describe_other(data)) from error


def _check_pixels(image: Image.Image, max_pixels: int) -> None:
    # The header alone says the size: nothing has been decoded yet.
    width, height = image.size
    if width * height > max_pixels:
        raise BadImage(
            f"The picture has {width:,} x {height:,} pixels"
            f" ({width * height / 1e6:.1f} megapixels); at most"
            f" {max_pixels / 1e6:g} megapixels are accepted (see Settings)."
        )


def _check_checksums(image: Image.Image, data: bytes) -> None:
    # load() stops at the last pixel and skips the checksums that PNG carries.
    if image.format != "PNG":
        return
    try:
        Image.open(io.BytesIO(data), formats=("PNG",)).verify()
    except DECODER_ERRORS as error:
        raise BadImage(DAMAGED) from error


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except DECODER_ERRORS as error:
        raise BadImage(DAMAGED) from error


def _check_colours(image: Image.Image) -> None:
    # What is taken in must be shown later; one pixel tells whether it can be.
    try:
        to_rgb(image.crop((0, 0, 1, 1)))
    except DECODER_ERRORS as error:
        raise _unshowable(image) from error


def upright_rgb(image: Image.Image) -> Image.Image:
    _load(image)
    orientation = _orientation(image)
    try:
        return turn_upright(to_rgb(image), orientation)
    except DECODER_ERRORS as error:
        raise _unshowable(image) from error


def _unshowable(image: Image.Image) -> BadImage:
    kind = f"{image.format} with {image.mode} colours"
    return BadImage(f"This kind of picture ({kind}) cannot be shown.")


def _orientation(image: Image.Image) -> int:
    # Read after load(): TIFF turns itself there and forgets its tag. A picture
    # with broken EXIF is still a picture, so broken means "upright".
    try:
        return int(image.getexif().get(ORIENTATION_TAG, 1))
    except DECODER_ERRORS:
        return 1
