"""The map as a picture: SVG drawn from the same data as the map in the browser.

Always light, to be put into a document; every name is escaped.
"""

from __future__ import annotations

import html
from itertools import groupby
from typing import Any

CELL_PX, ROW_PX = 44, 30
MARGIN_PX = 20
LETTER_PX = 7.2
NAME_AT_MOST = 26
INK, QUIET, LINE, TEAL, AMBER = "#1f2a2a", "#5d6b6a", "#d5dddc", "#0f766e", "#b45309"
FILLS = {
    "u": "#fdf3e7",
    "r": "#ffffff",
    "t": "#ecf4f3",
    "h": "#d4e8e6",
    "f": "#aed4d0",
    "d": "#eef1f1",
    "i": "#ffffff",
    "x": "#e3e8e7",
}
LEGEND = (("u", "unseen"), ("t", "1–4"), ("h", "thin"), ("f", "fine"))
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def draw_map(data: dict[str, Any], *, heading: str) -> str:
    """Return the map as an SVG document."""
    rows, columns = data["rows"], data["columns"]
    left = MARGIN_PX + _widest(rows)
    top = MARGIN_PX + 62 + _widest(columns)
    legend_px = 560
    width = max(left + CELL_PX * len(columns), legend_px) + MARGIN_PX
    height = top + ROW_PX * len(rows) + 56 + MARGIN_PX
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" '
        f'height="{height:.0f}" font-family="{FONT}" font-size="13" fill="{INK}">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(MARGIN_PX, MARGIN_PX + 14, heading, 'font-size="17" font-weight="600"'),
        _text(MARGIN_PX, MARGIN_PX + 34, data["title"], f'fill="{QUIET}"'),
        *_column_names(columns, left, top),
        *_row_names(rows, left, top),
        *_cells(data, left, top),
        *_legend(data, MARGIN_PX, top + ROW_PX * len(rows) + 24),
        "</svg>",
    ]
    return "\n".join(parts)


def _widest(labels: list[dict[str, Any]]) -> float:
    longest = max((len(_short(label["name"])) for label in labels), default=0)
    return longest * LETTER_PX + 14


def _short(name: str) -> str:
    return name if len(name) <= NAME_AT_MOST else f"{name[: NAME_AT_MOST - 1]}…"


def _text(x: float, y: float, words: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{shield(words)}</text>'


def shield(words: str) -> str:
    """Return text safe inside XML: escaped, without characters XML does not know."""
    known = (c for c in words if c.isprintable() or c == " ")
    return html.escape("".join(known))


def _column_names(columns: list[dict[str, Any]], left: float, top: float) -> list[str]:
    parts = []
    for place, label in enumerate(columns):
        x, y = left + CELL_PX * (place + 0.5) + 5, top - 8
        turn = f'transform="rotate(-90 {x:.1f} {y:.1f})"'
        parts.append(_text(x, y, _short(label["name"]), turn))
    at = left
    for group, members in groupby(columns, key=lambda label: label["group"]):
        width = CELL_PX * len(list(members))
        fits = max(1, int(width / LETTER_PX))
        words = group if len(group) <= fits else f"{group[: fits - 1]}…"
        y = top - _widest(columns) - 6
        parts.append(_text(at + 2, y, words, f'fill="{QUIET}" font-size="12"'))
        at += width
    return parts


def _row_names(rows: list[dict[str, Any]], left: float, top: float) -> list[str]:
    return [
        _text(
            left - 8,
            top + ROW_PX * (place + 0.5) + 4,
            _short(label["name"]),
            'text-anchor="end"',
        )
        for place, label in enumerate(rows)
    ]


def _cells(data: dict[str, Any], left: float, top: float) -> list[str]:
    return [
        _cell(left + CELL_PX * column, top + ROW_PX * row, kind, count)
        for row, (kinds, counts) in enumerate(
            zip(data["kinds"], data["counts"], strict=True)
        )
        for column, (kind, count) in enumerate(zip(kinds, counts, strict=True))
    ]


def _cell(x: float, y: float, kind: str, count: int) -> str:
    edge = f'stroke="{LINE}"'
    if kind == "u":
        edge = f'stroke="{AMBER}" stroke-width="1.5" stroke-dasharray="4 2"'
    box = (
        f'<rect x="{x + 1.5:.1f}" y="{y + 1.5:.1f}" width="{CELL_PX - 3}" '
        f'height="{ROW_PX - 3}" rx="4" fill="{FILLS[kind]}" {edge}/>'
    )
    if kind == "x":
        return box
    words = "–" if kind == "i" else _count_words(count)
    look = {"u": f'fill="{AMBER}" font-weight="700"', "d": f'fill="{QUIET}"'}
    centred = f'text-anchor="middle" {look.get(kind, "")}'
    return box + _text(x + CELL_PX / 2, y + ROW_PX / 2 + 4.5, words, centred)


def _count_words(count: int) -> str:
    if count < 10_000:
        return f"{count:,}"
    return f"{count / 1e3:.0f}k" if count < 1e6 else f"{count / 1e6:.1f}M"


def _legend(data: dict[str, Any], x: float, y: float) -> list[str]:
    parts = []
    thin = data["thin_below"]
    words = {
        "h": f"5–{thin - 1} thin",
        "f": f"{thin} or more, fine",
        "t": "1–4 a trace",
    }
    for kind, name in LEGEND:
        parts.append(_cell(x, y - 20, kind, 0) if kind == "u" else _swatch(x, y, kind))
        label = words.get(kind, name)
        parts.append(_text(x + CELL_PX + 5, y, label, f'fill="{QUIET}"'))
        x += CELL_PX + 24 + len(label) * LETTER_PX
    if data["left_out"]:
        parts.append(_text(MARGIN_PX, y + 26, data["left_out"], f'fill="{QUIET}"'))
    return parts


def _swatch(x: float, y: float, kind: str) -> str:
    return (
        f'<rect x="{x + 1.5:.1f}" y="{y - 18.5:.1f}" width="{CELL_PX - 3}" '
        f'height="{ROW_PX - 3}" rx="4" fill="{FILLS[kind]}" stroke="{LINE}"/>'
    )
