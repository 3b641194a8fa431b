"""Every pixel format Pillow can hand out becomes plain 8-bit RGB here. Pure."""

from functools import cache

import numpy as np
from PIL import Image, ImageCms

WHITE = (255, 255, 255, 255)
HIGHEST_16_BIT = 65_535
ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_rgb(image: Image.Image) -> Image.Image:
    """Return `image` as RGB: deep pixels scaled, not clipped; alpha on white."""
    if image.mode.startswith(("I", "F")):
        return _scale_to_bytes(image).convert("RGB")
    if image.mode == "LAB":
        return _mix_lab(image)
    if image.has_transparency_data:
        return _put_on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` as its EXIF orientation (1 to 8) wants it shown."""
    turn = TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _mix_lab(image: Image.Image) -> Image.Image:
    # convert("RGB") refuses LAB: only a colour profile knows what it looks like.
    picture = ImageCms.applyTransform(image, _lab_to_srgb())
    assert picture is not None  # only a change in place returns nothing
    return picture


@cache
def _lab_to_srgb() -> ImageCms.ImageCmsTransform:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")


def _put_on_white(image: Image.Image) -> Image.Image:
    picture = image.convert("RGBA")
    page = Image.new("RGBA", picture.size, WHITE)
    page.alpha_composite(picture)
    return page.convert("RGB")


def _scale_to_bytes(image: Image.Image) -> Image.Image:
    # convert("L") clips everything above 255: a 16-bit picture would turn white.
    values = np.asarray(image)
    if values.dtype == np.uint16:
        return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype("u1"))
    values = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = _value_range(values, is_whole=image.mode == "I")
    scaled = (values - low) * (255.0 / (high - low))
    return Image.fromarray(np.clip(scaled + 0.5, 0, 255).astype("u1"))


def _value_range(values: np.ndarray, *, is_whole: bool) -> tuple[float, float]:
    """The range that becomes 0 to 255: the usual one if it fits, else its own."""
    low, high = float(values.min()), float(values.max())
    usual = (HIGHEST_16_BIT,) if is_whole else (1.0, 255.0, HIGHEST_16_BIT)
    for top in usual:
        if low >= 0 and high <= top:
            return 0.0, float(top)
    return low, high if high > low else low + 1.0
