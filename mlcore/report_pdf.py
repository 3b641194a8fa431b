"""A report as a PDF to send or print. Imports reportlab: only where a PDF is made."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Image as PdfImage
from reportlab.platypus import Table as PdfTable

from mlcore.report_fonts import choose_fonts
from mlcore.report_parts import (
    Block,
    Figure,
    Items,
    Picture,
    Pictures,
    Report,
    Section,
    Table,
    Words,
)
from mlcore.report_pdf_charts import INK, MARGIN, PAGE_WIDTH, QUIET, ChartOfPage
from mlcore.report_pdf_tables import column_widths, make_grid

PICTURES_A_ROW = 4
# A paragraph of so many letters stands for itself, also away from what it is above.
LONG_WORDS = 200
# A table of so many rows stays whole; of a longer one so many stay together at its
# beginning and at its end.
WHOLE_ROWS, LEAST_ROWS = 10, 3
# More than this is not asked to stay together: it might never fit.
MOST_ROOM = 0.8 * (A4[1] - 2 * MARGIN)
SIZES = {"body": 10, "large": 15, "quiet": 9, "h1": 21, "h2": 14, "h3": 10.5}


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


@dataclass(frozen=True, slots=True)
class _Laid:
    """A block as reportlab lays it out, and the height its beginning needs."""

    parts: list[Any]
    room: float

    @staticmethod
    def whole(*parts: Any) -> "_Laid":
        """Parts that all stay together."""
        return _Laid(list(parts), sum(_height(part) for part in parts))


def _height(part: Any) -> float:
    height: float = part.wrap(PAGE_WIDTH, A4[1])[1]
    return height


def _leads(block: Block, following: Block) -> bool:
    """Whether a block only makes sense above the one that follows."""
    if not isinstance(block, Words) or block.is_head:
        return isinstance(block, Words)
    return len(block.text) < LONG_WORDS and not isinstance(following, Words)


class _Writer:
    """Turns blocks into what reportlab lays out, in one pair of fonts."""

    def __init__(self, fonts: tuple[str, str]) -> None:
        self.plain, self.bold = fonts
        body: dict[str, Any] = {
            "fontName": self.plain,
            "textColor": INK,
            "allowWidows": 0,
            "allowOrphans": 0,
        }
        # without a break a long name without spaces would leave the page
        body |= {
            "splitLongWords": 1,
            "wordWrap": "CJK" if "Light" in fonts[0] else None,
        }
        self.styles = {
            name: ParagraphStyle(name, fontSize=size, leading=size * 1.35, **body)
            for name, size in SIZES.items()
        }
        self.styles["quiet"].textColor = QUIET
        self.styles["cell"] = ParagraphStyle("cell", fontSize=8, leading=10, **body)
        self.styles["small"] = ParagraphStyle("small", fontSize=6.5, leading=8, **body)
        self.styles["item"] = ParagraphStyle(
            "item",
            self.styles["body"],
            leftIndent=12,
            firstLineIndent=-12,
            spaceAfter=4,
        )
        for name in ("large", "h1", "h2", "h3"):
            self.styles[name].fontName = self.bold

    def story(self, report: Report) -> list[Any]:
        found: list[Any] = [
            self.say(report.title, "h1"),
            self.say(report.subtitle, "quiet"),
        ]
        for section in report.sections:
            found += self.section(section)
        return found

    def section(self, section: Section) -> list[Any]:
        """Return a section; a heading is never the last of its page."""
        head = [Spacer(0, 14), self.say(section.title, "h2"), Spacer(0, 4)]
        laid = [self.block(block) for block in section.blocks]
        rooms = [one.room for one in laid]
        for at in reversed(range(len(laid) - 1)):
            if _leads(section.blocks[at], section.blocks[at + 1]):
                rooms[at] += rooms[at + 1]
        first = sum(_height(part) for part in head) + rooms[0]
        found = [CondPageBreak(min(first, MOST_ROOM)), *head]
        for one, room in zip(laid, rooms, strict=True):
            found += [CondPageBreak(min(room, MOST_ROOM)), *one.parts]
        return found

    def say(self, text: str, style: str = "body") -> Paragraph:
        return Paragraph(self.shield(text), self.styles[style])

    def shield(self, text: str) -> str:
        """Return text as reportlab's own markup shows it literally."""
        return escape("".join(c for c in text if c.isprintable()))

    def block(self, block: Block) -> _Laid:
        match block:
            case Words():
                if block.is_head:
                    return _Laid.whole(
                        Spacer(0, 6), self.say(block.text, "h3"), Spacer(0, 3)
                    )
                look = "large" if block.is_large else "body"
                look = "quiet" if block.is_quiet else look
                return _Laid.whole(self.say(block.text, look), Spacer(0, 5))
            case Items():
                items = self.items(block)
                return _Laid(items, sum(_height(item) for item in items[:1]))
            case Table():
                return self.table(block)
            case Figure():
                caption = self.say(block.caption, "quiet") if block.caption else None
                title = self.say(block.title, "h3")
                chart = ChartOfPage(title, block.chart, caption, self.plain)
                return _Laid([chart, Spacer(0, 10)], chart.least_height())
            case Pictures():
                table = self.pictures(block.pictures)
                row = self.pictures(block.pictures[:PICTURES_A_ROW])
                return _Laid([table, Spacer(0, 6)], _height(row))

    def items(self, block: Items) -> list[Paragraph]:
        found = []
        for at, (first, rest) in enumerate(block.items, start=1):
            mark = f"{at}." if block.is_numbered else "•"
            words = f'<font name="{self.bold}">{self.shield(first)}</font> '
            text = f"{mark} {words}{self.shield(rest)}"
            found.append(Paragraph(text, self.styles["item"]))
        return found

    def table(self, block: Table) -> _Laid:
        widths = column_widths(block)
        style, padding = ("small", 0.8) if block.is_small else ("cell", 2.0)
        rows = [
            [self.say(cell, style) for cell in row] for row in (block.head, *block.rows)
        ]
        count = len(block.rows)
        kept = count if count <= WHOLE_ROWS else LEAST_ROWS
        room = _height(make_grid(rows[: kept + 1], widths, 0, padding))
        # more than a page of very long cells cannot stay together
        kept = kept if room < MOST_ROOM else 0
        return _Laid([make_grid(rows, widths, kept, padding), Spacer(0, 8)], room)

    def pictures(self, pictures: Sequence[Picture]) -> PdfTable:
        side = PAGE_WIDTH / PICTURES_A_ROW
        cells: list[Any] = [self.picture(one, side - 8) for one in pictures]
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
