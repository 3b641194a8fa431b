"""A report as one HTML file: nothing from elsewhere, no script, light or dark."""

import base64
from pathlib import Path

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
from mlcore.report_svg import chart_svg, shield

SHORT = 20
STYLE = Path(__file__).with_name("report.css")


def report_html(report: Report) -> str:
    """Return the whole file."""
    contents = "".join(
        f'<li><a href="#s{at}">{shield(section.title)}</a></li>'
        for at, section in enumerate(report.sections)
    )
    body = "".join(_section(at, one) for at, one in enumerate(report.sections))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # nothing may be fetched or run, whatever a label is called
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "img-src data:; style-src 'unsafe-inline'\">"
        f"<title>{shield(report.title)}</title>"
        f"<style>{STYLE.read_text('utf-8')}</style></head><body><main>"
        f"<h1>{shield(report.title)}</h1>"
        f'<p class="quiet">{shield(report.subtitle)}</p>'
        f"<nav><ol>{contents}</ol></nav>{body}</main></body></html>\n"
    )


def _section(at: int, section: Section) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    title = shield(section.title)
    return f'<section id="s{at}"><h2>{title}</h2>{blocks}</section>'


def _block(block: Block) -> str:
    match block:
        case Words():
            if block.is_head:
                return f"<h3>{shield(block.text)}</h3>"
            look = "large" if block.is_large else "quiet" if block.is_quiet else ""
            return f'<p class="{look}">{shield(block.text)}</p>'
        case Items():
            return _items(block)
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
        case Pictures():
            shown = "".join(_picture(picture) for picture in block.pictures)
            return f'<div class="pictures">{shown}</div>'


def _items(block: Items) -> str:
    tag = "ol" if block.is_numbered else "ul"
    items = "".join(
        f"<li><b>{shield(first)}</b> {shield(rest)}</li>" for first, rest in block.items
    )
    return f"<{tag}>{items}</{tag}>"


def _table(block: Table) -> str:
    head = "".join(f'<th scope="col">{shield(cell)}</th>' for cell in block.head)
    rows = "".join(
        f'<tr><th scope="row">{shield(row[0])}</th>'
        + "".join(_cell(cell) for cell in row[1:])
        + "</tr>"
        for row in block.rows
    )
    look = ' class="small"' if block.is_small else ""
    return (
        f'<div class="wide"><table{look}><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: str) -> str:
    """A figure with its range stays on one line."""
    look = ' class="short"' if len(cell) <= SHORT else ""
    return f"<td{look}>{shield(cell)}</td>"


def _figure(block: Figure) -> str:
    return (
        f"<figure><h3>{shield(block.title)}</h3>"
        f'<div class="wide">{chart_svg(block.chart, block.title)}</div>'
        f"<figcaption>{shield(block.caption)}</figcaption></figure>"
    )


def _picture(picture: Picture) -> str:
    data = base64.b64encode(picture.jpeg).decode()
    look = "right" if picture.is_right else "wrong"
    said, labelled = shield(picture.said), shield(picture.labelled)
    caption = f"<b>{said}</b>" + ("" if picture.is_right else f"<br>is {labelled}")
    return (
        f'<figure class="{look}"><img alt="{labelled}" '
        f'src="data:image/jpeg;base64,{data}"><figcaption>{caption}</figcaption></figure>'
    )
