"""A report's charts in a PDF: drawn as wide as the page, long ones over several."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Group, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph

from mlcore.report_charts import BAR_AXIS_PX, Bar, BarChart, Chart, LineChart
from mlcore.report_strokes import DASHES, WIDTH, draw_chart

MARGIN = 18 * mm
# What is left of the page beside the margins, and the frame's own padding.
PAGE_WIDTH = A4[0] - 2 * MARGIN - 12
SCALE = PAGE_WIDTH / WIDTH
# A chart of so many bars stays whole; a piece of a longer one has at least so many.
WHOLE_BARS, LEAST_BARS = 12, 6
# A chart that nearly fits the rest of a page is drawn so much smaller at most.
LEAST_SCALE = 0.75
INK, QUIET, LINE = HexColor("#1b2625"), HexColor("#586564"), HexColor("#d9e0df")
TEAL, AMBER, TRACK = HexColor("#12908a"), HexColor("#b45309"), HexColor("#eaefee")
ROLES = {
    "ink": INK, "quiet": QUIET, "grid": LINE, "bar": TEAL, "warn": AMBER,
    "track": TRACK, "range": INK, "guess": QUIET, "c0": TEAL, "c1": HexColor("#d07a12"),
    "c2": HexColor("#7c6bd6"), "c3": HexColor("#c2487b"), "c4": HexColor("#4a86c5"),
    "c5": HexColor("#7d8b1f"),
}  # fmt: skip
THICKNESS = {"grid": 0.7, "range": 1.2, "guess": 0.9}


class ChartOfPage(Flowable):  # type: ignore[misc]
    """A chart between its title and its caption; only bars go over to the next page."""

    def __init__(
        self,
        title: Paragraph,
        chart: Chart,
        caption: Paragraph | None,
        font: str,
        part: float = 1.0,
    ) -> None:
        super().__init__()
        self.title, self.chart, self.caption, self.font = title, chart, caption, font
        self.part = part

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.title_height = self.title.wrap(width, height)[1] + 4
        self.caption_height = self.caption.wrap(width, height)[1] if self.caption else 0
        self.chart_height = self.chart.height * SCALE * self.part
        return width, self.title_height + self.chart_height + self.caption_height

    @property
    def least_scale(self) -> float:
        """Curves are compared with each other: all are drawn in one size."""
        return 1.0 if isinstance(self.chart, LineChart) else LEAST_SCALE

    def least_height(self) -> float:
        """Return the height that the first piece needs."""
        _, whole = self.wrap(PAGE_WIDTH, A4[1])
        least = whole - (1 - self.least_scale) * self.chart_height
        if isinstance(self.chart, BarChart) and _list_bars(self.chart):
            bars = replace(self.chart, bars=self.chart.bars[:LEAST_BARS]).height
            least = self.title_height + SCALE * bars
        return float(least)

    def split(self, width: float, height: float) -> list[Flowable]:
        bars = _list_bars(self.chart)
        _, whole = self.wrap(width, height)
        if not isinstance(self.chart, BarChart) or not bars:
            part = 1 - (whole - height) / self.chart_height
            return [self.shrunk(part)] if self.least_scale <= part < 1 else []
        room = (height - self.title_height) / SCALE - BAR_AXIS_PX
        ends = accumulate(map(self.chart.row_px, bars))
        count = min(sum(end <= room for end in ends), len(bars) - LEAST_BARS)
        if count < LEAST_BARS:
            return []
        first = replace(self.chart, bars=bars[:count])
        rest = replace(self.chart, bars=bars[count:])
        return [
            ChartOfPage(self.title, first, None, self.font),
            ChartOfPage(self.title, rest, self.caption, self.font),
        ]

    def shrunk(self, part: float) -> "ChartOfPage":
        return ChartOfPage(self.title, self.chart, self.caption, self.font, part - 0.01)

    def draw(self) -> None:
        drawing = draw_pdf(self.chart, self.font, self.part)
        self.title.drawOn(self.canv, 0, self.caption_height + drawing.height + 4)
        drawing.drawOn(self.canv, 0, self.caption_height)
        if self.caption:
            self.caption.drawOn(self.canv, 0, 0)


def _list_bars(chart: Chart) -> tuple[Bar, ...]:
    """Return the bars that may be spread over pages; none where all stay together."""
    if isinstance(chart, BarChart) and len(chart.bars) > WHOLE_BARS:
        return chart.bars
    return ()


def draw_pdf(chart: Chart, font: str, part: float = 1.0) -> Drawing:
    """Return a chart as wide as the page, or as a part of it."""
    scale = SCALE * part
    drawing = Drawing(WIDTH * scale, chart.height * scale)
    canvas = _PdfCanvas(chart.height, font)
    draw_chart(chart, canvas)
    canvas.group.scale(scale, scale)
    drawing.add(canvas.group)
    return drawing


def _tone(role: str) -> Any:
    """A role's colour, or the very colour where a label has one."""
    return HexColor(role) if role.startswith("#") else ROLES[role]


class _PdfCanvas:
    """Strokes upside down: a PDF's y grows upwards."""

    def __init__(self, height: float, font: str) -> None:
        self.height, self.font, self.group = height, font, Group()

    def box(self, place: tuple[float, float, float, float], role: str) -> None:
        x, y, width, height = place
        is_gap = role == "gap"
        self.group.add(
            Rect(
                x,
                self.height - y - height,
                max(width, 0),
                height,
                fillColor=None if is_gap else _tone(role),
                strokeColor=AMBER if is_gap else None,
                strokeDashArray=[4, 3] if is_gap else None,
            )
        )

    def shade(self, place: tuple[float, float, float, float], strength: float) -> None:
        x, y, width, height = place
        tone = Color(TEAL.red, TEAL.green, TEAL.blue, alpha=0.7 * strength)
        bottom = self.height - y - height
        self.group.add(Rect(x, bottom, width, height, fillColor=tone, strokeColor=None))

    def line(
        self, points: Sequence[tuple[float, float]], role: str, dash: str = "solid"
    ) -> None:
        flat = [v for x, y in points for v in (x, self.height - y)]
        pattern = DASHES["guess" if role == "guess" else dash]
        if len(points) > 1:
            self.group.add(
                PolyLine(
                    flat,
                    strokeColor=_tone(role),
                    strokeWidth=THICKNESS.get(role, 1.8),
                    strokeDashArray=list(pattern) or None,
                )
            )

    def dot(self, x: float, y: float, radius: float, role: str) -> None:
        colour = {"fillColor": _tone(role), "strokeColor": None}
        self.group.add(Circle(x, self.height - y, radius, **colour))

    def text(
        self, x: float, y: float, words: str, role: str = "ink", anchor: str = "start"
    ) -> None:
        self.group.add(
            String(
                x,
                self.height - y,
                "".join(c for c in words if c.isprintable()),
                fontName=self.font,
                fontSize=12,
                fillColor=_tone(role),
                textAnchor=anchor,
            )
        )

    def turned(self, x: float, y: float, words: str) -> None:
        inner = _PdfCanvas(0, self.font)
        inner.text(0, 0, words)
        inner.group.translate(x, self.height - y)
        inner.group.rotate(40)
        self.group.add(inner.group)
