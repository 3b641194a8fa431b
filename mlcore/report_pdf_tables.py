"""The tables of a report in a PDF: widths of columns, rows that stay together."""

from typing import Any

from reportlab.platypus import Table as PdfTable

from mlcore.report_parts import Table
from mlcore.report_pdf_charts import LINE, PAGE_WIDTH, TRACK

# A column is as wide as its longest cell, within bounds; one with fewer letters than
# `SHORT_LETTERS` keeps its cells on one line.
FEWEST_LETTERS, MOST_LETTERS, SHORT_LETTERS = 7, 48, 16
LETTER_WIDTH = 4.4


def column_widths(block: Table) -> list[float]:
    """Return the width of each column; all together they fill the page."""
    columns = zip(block.head, *block.rows, strict=True)
    letters = [
        min(MOST_LETTERS, max(FEWEST_LETTERS, *map(len, column))) for column in columns
    ]
    wanted = [count * LETTER_WIDTH + 10 for count in letters]
    is_long = [count > SHORT_LETTERS for count in letters]
    fixed = sum(w for w, long in zip(wanted, is_long, strict=True) if not long)
    if sum(wanted) <= PAGE_WIDTH or not any(is_long) or fixed > 0.8 * PAGE_WIDTH:
        return [PAGE_WIDTH * width / sum(wanted) for width in wanted]
    rest = (PAGE_WIDTH - fixed) / (sum(wanted) - fixed)
    return [
        width * rest if long else width
        for width, long in zip(wanted, is_long, strict=True)
    ]


def make_grid(
    rows: list[list[Any]], widths: list[float], kept: int, padding: float = 2.0
) -> PdfTable:
    """Return a table whose head is repeated; so many rows stay at either end of it."""
    look: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding + 1),
        ("BACKGROUND", (0, 0), (-1, 0), TRACK),
    ]
    if kept:
        look += [
            ("NOSPLIT", (0, 0), (-1, kept)),
            ("NOSPLIT", (0, -min(kept, len(rows) - 1)), (-1, -1)),
        ]
    return PdfTable(rows, widths, repeatRows=1, style=look)
