"""A report as a PDF to send or print. Imports reportlab: only where a PDF is made."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Circle, Drawing, Group, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Image as PdfImage
from reportlab.platypus import Table as PdfTable

from mlcore.report_charts import WIDTH, Chart, draw_chart
from mlcore.report_fonts import choose_fonts
from mlcore.report_parts import (
    Block,
    Figure,
    Items,
    Picture,
    Pictures,
    Report,
    Table,
    Words,
)

MARGIN = 18 * mm
# What is left of the page beside the margins, and the frame's own padding.
PAGE_WIDTH = A4[0] - 2 * MARGIN - 12
SCALE = PAGE_WIDTH / WIDTH
PICTURES_A_ROW = 4
# A heading and what follows it: a row of pictures, a few lines.
HEAD_ROOM = 170
# A column is as wide as its longest cell, within bounds.
FEWEST_LETTERS, MOST_LETTERS = 9, 48
INK, QUIET, LINE = HexColor("#1b2625"), HexColor("#586564"), HexColor("#d9e0df")
TEAL, AMBER, TRACK = HexColor("#12908a"), HexColor("#b45309"), HexColor("#eaefee")
ROLES = {
    "ink": INK, "quiet": QUIET, "grid": LINE, "bar": TEAL, "warn": AMBER,
    "track": TRACK, "range": INK, "guess": QUIET, "c0": TEAL, "c1": HexColor("#d07a12"),
    "c2": HexColor("#7c6bd6"), "c3": HexColor("#c2487b"), "c4": HexColor("#4a86c5"),
    "c5": HexColor("#7d8b1f"),
}  # fmt: skip
THICKNESS = {"grid": 0.7, "range": 1.2, "guess": 0.9}


def write_pdf(report: Report, path: Path) -> None:
    """Write the report; label names are text in it, never markup."""
    writer = _Writer(choose_fonts(report.texts()))
    document = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=report.title,
        author="Unseen",
    )
    document.build(
        writer.story(report), onFirstPage=writer.foot, onLaterPages=writer.foot
    )


class _Writer:
    """Turns blocks into what reportlab lays out, in one pair of fonts."""

    def __init__(self, fonts: tuple[str, str]) -> None:
        self.plain, self.bold = fonts
        body: dict[str, Any] = {
            "fontName": self.plain,
            "textColor": INK,
        }
        # without a break a long name without spaces would leave the page
        body |= {
            "splitLongWords": 1,
            "wordWrap": "CJK" if "Light" in fonts[0] else None,
        }
        sizes = {"body": 10, "large": 15, "quiet": 9, "h1": 21, "h2": 14, "h3": 10.5}
        self.styles = {
            name: ParagraphStyle(name, fontSize=size, leading=size * 1.35, **body)
            for name, size in sizes.items()
        }
        self.styles["quiet"].textColor = QUIET
        self.styles["cell"] = ParagraphStyle("cell", fontSize=8, leading=10, **body)
        for name in ("large", "h1", "h2", "h3"):
            self.styles[name].fontName = self.bold

    def story(self, report: Report) -> list[Any]:
        found: list[Any] = [
            self.say(report.title, "h1"),
            self.say(report.subtitle, "quiet"),
        ]
        for section in report.sections:
            # a heading never stands alone at the end of a page
            first = section.blocks[0]
            room = first.chart.height * SCALE if isinstance(first, Figure) else 0
            found += [CondPageBreak(room + 110), Spacer(0, 14)]
            found += [self.say(section.title, "h2"), Spacer(0, 4)]
            found += [made for block in section.blocks for made in self.block(block)]
        return found

    def say(self, text: str, style: str = "body") -> Paragraph:
        return Paragraph(self.shield(text), self.styles[style])

    def shield(self, text: str) -> str:
        """Return text as reportlab's own markup shows it literally."""
        return escape("".join(c for c in text if c.isprintable()))

    def block(self, block: Block) -> list[Any]:
        match block:
            case Words():
                if block.is_head:
                    return [
                        CondPageBreak(HEAD_ROOM),
                        Spacer(0, 6),
                        self.say(block.text, "h3"),
                        Spacer(0, 3),
                    ]
                look = "large" if block.is_large else "body"
                look = "quiet" if block.is_quiet else look
                return [self.say(block.text, look), Spacer(0, 5)]
            case Items():
                return self.items(block)
            case Table():
                return [self.table(block), Spacer(0, 8)]
            case Figure():
                return self.figure(block)
            case Pictures():
                return [self.pictures(block), Spacer(0, 6)]

    def items(self, block: Items) -> list[Any]:
        found = []
        for at, (first, rest) in enumerate(block.items, start=1):
            mark = f"{at}." if block.is_numbered else "•"
            words = f'<font name="{self.bold}">{self.shield(first)}</font> '
            found.append(
                Paragraph(
                    f"{mark} {words}{self.shield(rest)}",
                    ParagraphStyle(
                        "item",
                        self.styles["body"],
                        leftIndent=12,
                        firstLineIndent=-12,
                        spaceAfter=4,
                    ),
                )
            )
        return found

    def table(self, block: Table) -> PdfTable:
        rows = [[self.say(cell, "cell") for cell in row] for row in block.rows]
        head = [self.say(cell, "cell") for cell in block.head]
        wanted = [
            min(MOST_LETTERS, max(FEWEST_LETTERS, *map(len, column)))
            for column in zip(block.head, *block.rows, strict=True)
        ]
        widths = [PAGE_WIDTH * letters / sum(wanted) for letters in wanted]
        look = [
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("BACKGROUND", (0, 0), (-1, 0), TRACK),
        ]
        return PdfTable([head, *rows], widths, repeatRows=1, style=look)

    def figure(self, block: Figure) -> list[Any]:
        drawing = draw_pdf(block.chart, self.plain)
        parts = [self.say(block.title, "h3"), drawing, self.say(block.caption, "quiet")]
        return [CondPageBreak(drawing.height + 50), *parts, Spacer(0, 8)]

    def pictures(self, block: Pictures) -> PdfTable:
        side = PAGE_WIDTH / PICTURES_A_ROW
        cells: list[Any] = [self.picture(one, side - 8) for one in block.pictures]
        cells += [""] * (-len(cells) % PICTURES_A_ROW)
        rows = [
            cells[at : at + PICTURES_A_ROW]
            for at in range(0, len(cells), PICTURES_A_ROW)
        ]
        look = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ]
        return PdfTable(rows, [side] * PICTURES_A_ROW, style=look)

    def picture(self, one: Picture, side: float) -> list[Any]:
        image = PdfImage(io.BytesIO(one.jpeg))
        scale = min(side / image.imageWidth, side / image.imageHeight)
        image.drawWidth, image.drawHeight = (
            image.imageWidth * scale,
            image.imageHeight * scale,
        )
        image.hAlign = "LEFT"
        words = one.said if one.is_right else f"said {one.said}; is {one.labelled}"
        return [image, self.say(words, "cell")]

    def foot(self, canvas: Any, document: Any) -> None:
        """Write the page's number; reportlab calls it for every page."""
        canvas.setFont(self.plain, 8)
        canvas.setFillColor(QUIET)
        canvas.drawRightString(A4[0] - MARGIN, 10 * mm, str(document.page))


def draw_pdf(chart: Chart, font: str) -> Drawing:
    """Return a chart as wide as the page."""
    drawing = Drawing(PAGE_WIDTH, chart.height * SCALE)
    canvas = _PdfCanvas(chart.height, font)
    draw_chart(chart, canvas)
    canvas.group.scale(SCALE, SCALE)
    drawing.add(canvas.group)
    return drawing


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
                fillColor=None if is_gap else ROLES[role],
                strokeColor=AMBER if is_gap else None,
                strokeDashArray=[4, 3] if is_gap else None,
            )
        )

    def shade(self, place: tuple[float, float, float, float], strength: float) -> None:
        x, y, width, height = place
        tone = Color(TEAL.red, TEAL.green, TEAL.blue, alpha=0.7 * strength)
        bottom = self.height - y - height
        self.group.add(Rect(x, bottom, width, height, fillColor=tone, strokeColor=None))

    def line(self, points: Sequence[tuple[float, float]], role: str) -> None:
        flat = [v for x, y in points for v in (x, self.height - y)]
        if len(points) > 1:
            self.group.add(
                PolyLine(
                    flat,
                    strokeColor=ROLES[role],
                    strokeWidth=THICKNESS.get(role, 1.8),
                    strokeDashArray=[4, 4] if role == "guess" else None,
                )
            )

    def dot(self, x: float, y: float, radius: float, role: str) -> None:
        colour = {"fillColor": ROLES[role], "strokeColor": None}
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
                fillColor=ROLES[role],
                textAnchor=anchor,
            )
        )

    def turned(self, x: float, y: float, words: str) -> None:
        inner = _PdfCanvas(0, self.font)
        inner.text(0, 0, words)
        inner.group.translate(x, self.height - y)
        inner.group.rotate(40)
        self.group.add(inner.group)
