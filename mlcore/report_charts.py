"""The charts of a report as data, and how high each is."""

from dataclasses import dataclass
from textwrap import wrap

Interval = tuple[float, float]

ROW_PX, HIGH_ROW_PX, BAR_AXIS_PX = 24.0, 34.0, 24.0
NAME_PX, LONG_NAME_PX = 170.0, 250.0
LINE_HEIGHT_PX = 250.0
CELL_PX, LOW_CELL_PX, MANY_ROWS = 30.0, 23.0, 8
NAME_AT_MOST = 23
LETTER_PX = 6.6


@dataclass(frozen=True, slots=True)
class Bar:
    """A share 0..1 with its likely range and a note; None where it is not known.

    `colour` is a label's own "#rrggbb".
    """

    name: str
    value: float | None
    likely: Interval | None = None
    note: str = ""
    is_marked: bool = False
    colour: str = ""


@dataclass(frozen=True, slots=True)
class BarChart:
    """Shares below each other; `has_long_names` gives names two lines of more room."""

    bars: tuple[Bar, ...]
    has_long_names: bool = False

    @property
    def height(self) -> float:
        return sum(map(self.row_px, self.bars)) + BAR_AXIS_PX

    def row_px(self, bar: Bar) -> float:
        """Return how high a bar's row is."""
        return HIGH_ROW_PX if len(self.name_lines(bar)) > 1 else ROW_PX

    @property
    def name_px(self) -> float:
        return LONG_NAME_PX if self.has_long_names else NAME_PX

    def name_lines(self, bar: Bar) -> list[str]:
        """Return a bar's name in the lines it is written in."""
        if not self.has_long_names:
            return [shorten(bar.name)]
        letters = int(self.name_px / LETTER_PX)
        return wrap(bar.name, letters, max_lines=2, placeholder=" …") or [""]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart; with `sizes` (0..1) points of that size instead."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    sizes: tuple[float, ...] = ()
    colour: str = ""
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over two axes; `is_share` axes reach from 0 to 100 %."""

    x_title: str
    y_title: str
    lines: tuple[Line, ...]
    has_diagonal: bool = False
    is_share: bool = True
    x_is_share: bool = True

    @property
    def height(self) -> float:
        return LINE_HEIGHT_PX


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts of rows by columns, shaded by their part of the row or of the largest."""

    row_title: str
    column_title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    marks_nothing: bool = False

    @property
    def height(self) -> float:
        longest = max((len(shorten(name)) for name in self.columns), default=0)
        return self.row_px * len(self.rows) + longest * LETTER_PX * 0.7 + 44

    @property
    def row_px(self) -> float:
        return CELL_PX if len(self.rows) <= MANY_ROWS else LOW_CELL_PX


Chart = BarChart | LineChart | Matrix


def shorten(name: str) -> str:
    """Return a name that has room beside a chart."""
    return name if len(name) <= NAME_AT_MOST else f"{name[: NAME_AT_MOST - 1]}…"
