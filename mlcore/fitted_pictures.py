"""A picture from outside, as a network is fed it."""

from pathlib import Path

from mlcore.dataset import Pixels, fit_image
from mlcore.decoding import check_size, read_image
from mlcore.errors import BadImage
from storage.home import Settings


def read_fitted(
    path: Path, size_px: int, limits: Settings, data: bytes | None = None
) -> Pixels:
    """Return uint8 (size, size, 3) of the file, or of its bytes if they are at hand.

    BadImage says why there are none: too large, no picture, not readable.
    """
    try:
        if data is None:
            check_size(path.stat().st_size, limits.max_image_bytes)
            data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise BadImage(f"The file cannot be read: {reason}.") from error
    found = read_image(
        data, max_bytes=limits.max_image_bytes, max_pixels=limits.max_image_pixels
    )
    return fit_image(found.pixels, size_px)
