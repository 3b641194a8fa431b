"""A report's charts as strokes, for every kind of paper.

A canvas draws strokes by what they mean (`bar`, `warn`, `quiet` …), not by colour: a
page on a screen may be dark. Only what stands for a label has a colour, its own.
"""

from collections.abc import Sequence
from typing import Protocol

from mlcore.report_charts import (
    LETTER_PX,
    LINE_HEIGHT_PX,
    NAME_PX,
    BarChart,
    Chart,
    Interval,
    Line,
    LineChart,
    Matrix,
    shorten,
)

WIDTH = 640.0
VALUE_PX, NAME_LINE_PX = 130.0, 13.0
COLOURS = ("c0", "c1", "c2", "c3", "c4", "c5")
# Lines that share a colour differ in these strokes and gaps.
DASHES: dict[str, tuple[float, ...]] = {
    "solid": (),
    "dash": (7, 4),
    "dot": (2, 3),
    "dashdot": (7, 3, 2, 3),
    "guess": (4, 4),
}


class Canvas(Protocol):
    """What strokes are drawn on: y grows downwards, roles say what they mean.

    A role may be a colour "#rrggbb" too; `dash` is a key of DASHES.
    """

    def box(self, place: tuple[float, float, float, float], role: str) -> None: ...
    def line(
        self, points: Sequence[tuple[float, float]], role: str, dash: str = "solid"
    ) -> None: ...
    def dot(self, x: float, y: float, radius: float, role: str) -> None: ...
    def text(
        self, x: float, y: float, words: str, role: str = "ink", anchor: str = "start"
    ) -> None: ...
    def shade(
        self, place: tuple[float, float, float, float], strength: float
    ) -> None: ...
    def turned(self, x: float, y: float, words: str) -> None: ...


def draw_chart(chart: Chart, canvas: Canvas) -> None:
    """Draw a chart on a canvas of WIDTH by its own height."""
    if isinstance(chart, BarChart):
        _draw_bars(chart, canvas)
    elif isinstance(chart, LineChart):
        _draw_lines(chart, canvas)
    else:
        _draw_matrix(chart, canvas)


def _draw_bars(chart: BarChart, canvas: Canvas) -> None:
    left, width = chart.name_px, WIDTH - chart.name_px - VALUE_PX
    for share in (0.0, 0.5, 1.0):
        x, bottom = left + share * width, chart.height - 20
        canvas.line([(x, 0), (x, bottom)], "grid")
        canvas.text(x, bottom + 14, f"{share:.0%}", "quiet", "middle")
    top = 0.0
    for bar in chart.bars:
        middle = top + chart.row_px(bar) / 2
        top += chart.row_px(bar)
        role = "warn" if bar.is_marked else "ink"
        _draw_name(canvas, (left - 8, middle + 4), chart.name_lines(bar), role)
        canvas.box((left, middle - 5, width, 10), "track")
        words = bar.note
        if bar.value is not None:
            colour = bar.colour or ("warn" if bar.is_marked else "bar")
            canvas.box((left, middle - 5, bar.value * width, 10), colour)
            words = f"{bar.value:.0%}  {bar.note}".strip()
        if bar.likely is not None:
            _draw_range(canvas, left, middle, width, bar.likely)
        canvas.text(left + width + 10, middle + 4, words, "quiet")


def _draw_name(
    canvas: Canvas, place: tuple[float, float], lines: Sequence[str], role: str
) -> None:
    """Write a name's lines around the middle of its row."""
    x, y = place
    first = y - NAME_LINE_PX * (len(lines) - 1) / 2
    for at, words in enumerate(lines):
        canvas.text(x, first + NAME_LINE_PX * at, words, role, "end")


def _draw_range(
    canvas: Canvas, left: float, middle: float, width: float, likely: Interval
) -> None:
    low, high = (left + share * width for share in likely)
    canvas.line([(low, middle), (high, middle)], "range")
    for x in (low, high):
        canvas.line([(x, middle - 4), (x, middle + 4)], "range")


def _draw_lines(chart: LineChart, canvas: Canvas) -> None:
    left, top, width, height = 56.0, 10.0, 380.0, LINE_HEIGHT_PX - 52
    x_low, x_high = _bounds(chart, of_x=True)
    y_low, y_high = _bounds(chart, of_x=False)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (x - x_low) / (x_high - x_low) * width,
            top + height - (y - y_low) / (y_high - y_low) * height,
        )

    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = x_low + part * (x_high - x_low), y_low + part * (y_high - y_low)
        canvas.line([place(x_low, y), place(x_high, y)], "grid")
        y_words = f"{y:.0%}" if chart.is_share else f"{y:.2f}"
        canvas.text(left - 6, place(x, y)[1] + 4, y_words, "quiet", "end")
        x_words = f"{x:.0%}" if chart.x_is_share else f"{x:.0f}"
        canvas.text(place(x, y)[0], top + height + 15, x_words, "quiet", "middle")
    canvas.text(left + width / 2, top + height + 32, chart.x_title, "quiet", "middle")
    canvas.text(left + width + 24, top + 8, chart.y_title, "quiet")
    if chart.has_diagonal:
        canvas.line([place(0, 0), place(1, 1)], "guess")
    for at, line in enumerate(chart.lines):
        colour = line.colour or COLOURS[at % len(COLOURS)]
        points = [place(x, y) for x, y in zip(line.x, line.y, strict=True)]
        if line.sizes:
            for (x, y), size in zip(points, line.sizes, strict=True):
                canvas.dot(x, y, 2 + 5 * size, colour)
        else:
            canvas.line(points, colour, line.dash)
        _draw_key(canvas, (left + width + 24, top + 28 + 18 * at), line, colour)


def _draw_key(
    canvas: Canvas, place: tuple[float, float], line: Line, colour: str
) -> None:
    x, y = place
    if line.dash == "solid":
        canvas.box((x, y - 8, 12, 8), colour)
    else:
        canvas.line([(x - 8, y - 4), (x + 14, y - 4)], colour, line.dash)
    canvas.text(x + 18, y, shorten(line.name))


def _bounds(chart: LineChart, *, of_x: bool) -> Interval:
    if chart.x_is_share if of_x else chart.is_share:
        return 0.0, 1.0
    values = [v for line in chart.lines for v in (line.x if of_x else line.y)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low = low if of_x else min(0.0, low)
    return low, high if high > low else low + 1


def _draw_matrix(chart: Matrix, canvas: Canvas) -> None:
    left = NAME_PX
    high = chart.row_px
    top = chart.height - high * len(chart.rows) - 4
    cell = _cell_width(chart.columns, WIDTH - left)
    canvas.text(left - 8, top - 8, f"{chart.row_title} ↓", "quiet", "end")
    canvas.text(left, 12, f"{chart.column_title} →", "quiet")
    for at, name in enumerate(chart.columns):
        canvas.turned(left + cell * (at + 0.5), top - 6, shorten(name))
    for row, (name, counts) in enumerate(zip(chart.rows, chart.counts, strict=True)):
        y = top + high * row
        canvas.text(left - 8, y + high / 2 + 4, shorten(name), "ink", "end")
        most = max(map(max, chart.counts)) if chart.marks_nothing else sum(counts)
        for at, count in enumerate(counts):
            place = (left + cell * at + 1.5, y + 1.5, cell - 3, high - 3)
            is_gap = chart.marks_nothing and not count
            if is_gap:
                canvas.box(place, "gap")
            else:
                canvas.shade(place, count / max(1, most))
            words = f"{count:,}" if count or chart.marks_nothing else ""
            role = "warn" if is_gap else "ink"
            x = left + cell * (at + 0.5)
            canvas.text(x, y + high / 2 + 4, words, role, "middle")


def _cell_width(columns: Sequence[str], width: float) -> float:
    """Return a width at which the last names, which lean over, end within it."""
    found = min(64.0, width / max(1, len(columns)))
    for at, name in enumerate(columns):
        room = width - len(shorten(name)) * LETTER_PX * 0.77
        found = min(found, room / (at + 0.5))
    return found
