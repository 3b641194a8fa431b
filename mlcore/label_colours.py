"""Colours of labels in charts: a person's own, else the one a name says, else any."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Mapping, Sequence

# Mid tones: both keep 3:1 against the white and against the dark background.
PALETTE = (
    "#12908A",
    "#D07A12",
    "#7C6BD6",
    "#C2487B",
    "#4A86C5",
    "#7D8B1F",
    "#A0623C",
    "#6B7C78",
)
DASHES = ("solid", "dash", "dot", "dashdot")
# Between these luminances a line keeps 3:1 against the white and the dark background.
DARKEST, BRIGHTEST = 0.125, 0.30
WORDS = {
    "red": "#d0312d",
    "orange": "#d07a12",
    "yellow": "#d8b400",
    "gold": "#d8b400",
    "green": "#2e8b3d",
    "turquoise": "#12908a",
    "blue": "#2f6fd0",
    "navy": "#2f4fa0",
    "purple": "#8a3fc0",
    "violet": "#8a3fc0",
    "pink": "#e0559b",
    "brown": "#8b5a2b",
    "beige": "#b09a70",
    "black": "#000000",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
}


def line_styles(
    names: Sequence[str], own: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return colour and dash of each label; `own` is "#rrggbb" by label, "" for none.

    A label called after a colour is never drawn in another, and what shares a colour
    differs in its dash.
    """
    fixed = {name: own.get(name) or word_colour(name) for name in names}
    drawn = {name: make_visible(colour) for name, colour in fixed.items() if colour}
    free = [c for c in PALETTE if not any(is_alike(c, d) for d in drawn.values())]
    styles: dict[str, tuple[str, str]] = {}
    used: dict[str, int] = {}
    turn = 0
    for name in names:
        colour = drawn.get(name)
        if colour is None:
            colour = (free or PALETTE)[turn % len(free or PALETTE)]
            turn += 1
        styles[name] = (colour, DASHES[used.get(colour, 0) % len(DASHES)])
        used[colour] = used.get(colour, 0) + 1
    return styles


def word_colour(name: str) -> str:
    """Return the colour a label's name says, "" where it says none or several."""
    said = {
        WORDS[word] for word in re.findall(r"[a-z]+", name.lower()) if word in WORDS
    }
    return said.pop() if len(said) == 1 else ""


def make_visible(colour: str) -> str:
    """Return the colour, lightened or darkened until both themes show it."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    low, high = 0.0, 1.0
    if luminance(colour) < DARKEST:
        low = lightness
    elif luminance(colour) > BRIGHTEST:
        high = lightness
    else:
        return colour
    # by halves: luminance only grows with lightness
    for _ in range(12):
        lightness = (low + high) / 2
        colour = _as_text(colorsys.hls_to_rgb(hue, lightness, saturation))
        if luminance(colour) < DARKEST:
            low = lightness
        elif luminance(colour) > BRIGHTEST:
            high = lightness
        else:
            break
    return colour


def is_alike(one: str, other: str) -> bool:
    """Whether two lines of these colours would be taken for each other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) < 0.05


def luminance(colour: str) -> float:
    """Return the relative luminance, 0 for black and 1 for white."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _as_text(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in channels)
