"""Light, sharpness and structure of a picture, measured on its small gray copy."""

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures

Floats = npt.NDArray[np.float32]

# At most so many pixels a side, near what a network sees.
JUDGED_PX = 256
# Spread: half a gray level is nothing; from 5 levels on there is something to see.
NOTHING_BELOW, CLEAR_FROM = 0.002, 0.02
# Between them noise is told from a night picture by the means of 8 x 8 pixels: of
# pure noise they keep 1/8 of the spread, of 10,855 photos at a tenth of their light
# more than this; 20 even fields seen from the air keep less.
FIELD_PX = 8
NOISE_BELOW = 0.16
BURNT_OUT_FROM = 250 / 255
# A side of a light background, as product photos have it: this light, nearly all over.
BACKGROUND_FROM = 235 / 255
BACKGROUND_SHARE = 0.9
SIDE_SHARE = 50


def shrink_gray(picture: Pictures.Image) -> Floats:
    """The picture in gray, 0 to 1, at most 256 pixels a side."""
    gray = picture.convert("L")
    gray.thumbnail((JUDGED_PX, JUDGED_PX), Pictures.Resampling.BOX)
    return np.asarray(gray, np.float32) / np.float32(255)


def sharpness_of(gray: Floats) -> float:
    """The variance of the Laplacian: small where nothing has an edge."""
    if min(gray.shape) < 3:
        return 0.0
    inner = gray[1:-1, 1:-1]
    around = gray[:-2, 1:-1] + gray[2:, 1:-1] + gray[1:-1, :-2] + gray[1:-1, 2:]
    return float((around - 4 * inner).var())


def has_shape(gray: Floats) -> bool:
    """Whether there is anything but noise, however dark the picture is."""
    spread = float(gray.std())
    if not NOTHING_BELOW <= spread < CLEAR_FROM:
        return spread >= CLEAR_FROM
    fields = Pictures.fromarray(gray).reduce(FIELD_PX)
    return float(np.asarray(fields).std()) >= NOISE_BELOW * spread


def glare_of(gray: Floats) -> float:
    """The share of burnt-out pixels; 0 if two sides or more are a light background."""
    depth = max(1, min(gray.shape) // SIDE_SHARE)
    sides = (gray[:depth], gray[-depth:], gray[:, :depth], gray[:, -depth:])
    light = [(side >= BACKGROUND_FROM).mean() >= BACKGROUND_SHARE for side in sides]
    return 0.0 if sum(light) >= 2 else float((gray >= BURNT_OUT_FROM).mean())
