"""Draw predicted labels on the picture, to take away and show around. Pillow only."""

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mlcore.images import open_rgb
from mlcore.predictions import Prediction, write_share

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SHORT_SIDE_PX = 320
LONG_SIDE_PX = 1600
CHARACTERS_AT_MOST = 40
STRIP = (238, 241, 240)
CHIP = (17, 24, 22)
CHIP_DOUBTFUL = (180, 83, 9)
INK = (255, 255, 255)
DOUBTFUL = "! doubtful"
# Pillow's own font has Latin letters only; these are tried for all others.
FALLBACKS = (
    *("DejaVuSans.ttf", "NotoSansCJK-Regular.ttc", "NotoSans-Regular.ttf"),
    *("msyh.ttc", "arialuni.ttf", "Arial Unicode.ttf", "PingFang.ttc"),
)


def draw_labels(
    path: Path | str | bytes,
    prediction: Prediction,
    saved: Sequence[str] | None = None,
) -> bytes:
    """Return a JPEG of the picture with its labels on a strip below it.

    `saved` are the labels a person gave; they stand there in place of what was read.
    Else a doubtful reading is marked as such, in amber. Small pictures are enlarged
    so that the text can be read. Raises `BadImage` for an unreadable file.
    """
    picture = _fit(open_rgb(path))
    size_px = max(13, round(min(picture.size) * 0.05))
    texts = _texts(prediction) if saved is None else _saved_texts(saved)
    colour = CHIP
    if saved is None and prediction.is_doubtful:
        texts = [DOUBTFUL, *texts]
        colour = CHIP_DOUBTFUL
    strip = _draw_strip(picture.width, texts, size_px, colour)
    whole = Image.new("RGB", (picture.width, picture.height + strip.height))
    whole.paste(picture)
    whole.paste(strip, (0, picture.height))
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def _fit(picture: Image.Image) -> Image.Image:
    """Scale so that the short side can hold text and the long side stays bounded."""
    scale = max(1.0, SHORT_SIDE_PX / min(picture.size))
    scale = min(scale, LONG_SIDE_PX / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _texts(prediction: Prediction) -> list[str]:
    if not prediction.labels:
        return ["no label"]
    return [
        f"{_shorten(name)} {write_share(prediction.probabilities[name])}"
        for name in prediction.labels
    ]


def _saved_texts(saved: Sequence[str]) -> list[str]:
    return [_shorten(name) for name in saved] or ["no label"]


def _shorten(name: str) -> str:
    if len(name) <= CHARACTERS_AT_MOST:
        return name
    return name[: CHARACTERS_AT_MOST - 1] + "…"


def _draw_strip(
    width: int, texts: Sequence[str], size_px: int, colour: tuple[int, int, int]
) -> Image.Image:
    """Return a strip with the chips in as many rows as they need."""
    gap = size_px // 2
    high = round(size_px * 1.7)
    rows = _rows([_chip_width(t, size_px) for t in texts], width - 2 * gap, gap)
    strip = Image.new("RGB", (width, gap + len(rows) * (high + gap)), STRIP)
    pen = ImageDraw.Draw(strip)
    top = gap
    for row in rows:
        left = gap
        for index, wide in row:
            box = (left, top, left + wide, top + high)
            pen.rounded_rectangle(box, radius=high // 2, fill=colour)
            middle = (left + wide / 2, top + high / 2)
            font = pick_font(texts[index], size_px)
            pen.text(middle, texts[index], fill=INK, font=font, anchor="mm")
            left += wide + gap
        top += high + gap
    return strip


def _chip_width(text: str, size_px: int) -> int:
    return round(pick_font(text, size_px).getlength(text)) + 2 * size_px


def _rows(widths: Sequence[int], room: int, gap: int) -> list[list[tuple[int, int]]]:
    """Return rows of (index, width); a chip wider than the room is cut to it."""
    rows: list[list[tuple[int, int]]] = [[]]
    used = 0
    for index, wide in enumerate(min(w, room) for w in widths):
        if rows[-1] and used + wide > room:
            rows.append([])
            used = 0
        rows[-1].append((index, wide))
        used += wide + gap
    return rows


@lru_cache(maxsize=256)
def pick_font(text: str, size_px: int) -> Font:
    """Return the first font that has every letter of the text, else Pillow's own."""
    own = ImageFont.load_default(size_px)
    return next((f for f in _fonts(size_px) if _can_write(f, text)), own)


@lru_cache(maxsize=16)
def _fonts(size_px: int) -> tuple[Font, ...]:
    found: list[Font] = [ImageFont.load_default(size_px)]
    for name in FALLBACKS:
        try:
            found.append(ImageFont.truetype(name, size_px))
        except OSError:
            continue
    return tuple(found)


def _can_write(font: Font, text: str) -> bool:
    # A font draws the same box for every letter it lacks.
    box = bytes(font.getmask("\uffff"))
    return all(c.isspace() or bytes(font.getmask(c)) != box for c in set(text))
