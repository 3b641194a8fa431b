"""The shopping list to take along: one page to print, and a table.

The page is whole in itself: styles and thumbnails are in it, nothing is fetched.
"""

from __future__ import annotations

import base64
import csv
import html
import io
from datetime import date
from typing import TYPE_CHECKING

from mlcore import images
from mlcore.errors import BadImage
from mlcore.result_tables import safe_cell
from pages.parts.shopping_words import reason_words
from pages.parts.text import counted, number
from storage.label_sets import images_of_combination

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcore.shopping_items import Item
    from storage.projects import Project
    from storage.records import Image

EXAMPLES = 2
STYLE = """
@page { margin: 15mm; }
body { font: 15px/1.45 system-ui, sans-serif; color: #1f2a2a; background: #fff;
  max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
p { margin: .35rem 0; }
.quiet { color: #5d6b6a; font-size: .875rem; }
.item { display: grid; grid-template-columns: 2rem 1fr auto; gap: .25rem 1rem;
  align-items: start; padding: .9rem 0; border-top: 1px solid #d5dddc;
  break-inside: avoid; }
.box { width: 1.4rem; height: 1.4rem; border: 2px solid #1f2a2a; border-radius: 3px; }
.item.done .box::after { content: "\\2713"; display: block; text-align: center;
  line-height: 1.4rem; font-weight: 700; }
h2 { font-size: 1.125rem; margin: 0; overflow-wrap: anywhere; }
.count { font-weight: 700; white-space: nowrap; }
.examples { grid-column: 2 / -1; display: flex; flex-wrap: wrap; gap: .75rem; }
figure { margin: .25rem 0 0; width: 5.5rem; }
figure img { width: 5.5rem; height: 5.5rem; object-fit: cover; border-radius: 4px; }
figcaption { font-size: .75rem; color: #5d6b6a; overflow-wrap: anywhere; }
@media (max-width: 30rem) { .item { grid-template-columns: 2rem 1fr; }
  .count { grid-column: 2; } }
@media print { body { margin: 0; padding: 0; max-width: none; } }
"""
HINTS = (
    "Take every picture somewhere else: other places, backgrounds, light, people. "
    "Five different ones help more than thirty of the same thing."
)


def sheet_html(project: Project, items: Sequence[Item]) -> str:
    """Return the sheet as one HTML document in which every name is text."""
    title = html.escape(f"{project.name}: pictures to take")
    today = date.today()
    left = sum(item.left for item in items)
    shelf: dict[int, list[str]] = {}
    body = "\n".join(_item(project, item, shelf) for item in items)
    if not items:
        body = "<p>Nothing to collect: every combination is on enough pictures.</p>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f"<h1>{title}</h1><p>{counted(left, 'picture')} to take, the most helpful "
        f"first.</p><p>{HINTS}</p>"
        f'<p class="quiet">{today.day} {today:%B %Y}</p>{body}</body></html>\n'
    )


def _item(project: Project, item: Item, shelf: dict[int, list[str]]) -> str:
    name = html.escape(" ".join(item.names))
    amount = f"{number(item.left)} more" if item.have else number(item.left)
    count = "done" if item.is_done else f"{amount} {_pictures(item.left)}"
    figures = "".join(_examples(project, item, shelf))
    return (
        f'<section class="item{" done" if item.is_done else ""}">'
        f'<div class="box"></div><div><h2>{name}</h2>'
        f'<p class="quiet">{html.escape(reason_words(item))}</p></div>'
        f'<div class="count">{count}</div>'
        f'<div class="examples">{figures}</div></section>'
    )


def _pictures(count: int) -> str:
    return "picture" if count == 1 else "pictures"


def _examples(
    project: Project, item: Item, shelf: dict[int, list[str]]
) -> Iterator[str]:
    """Pictures that show each label by itself: what is wanted shows them together."""
    for label_id, name in zip(item.label_ids, item.names, strict=True):
        if label_id not in shelf:
            found = images_of_combination(project, (label_id,), limit=EXAMPLES)
            shelf[label_id] = [
                data for data in (_embedded(project, image) for image in found) if data
            ]
        for data in shelf[label_id]:
            caption = html.escape(name)
            yield (
                f'<figure><img alt="" src="{data}">'
                f"<figcaption>{caption}</figcaption></figure>"
            )


def _embedded(project: Project, image: Image) -> str:
    """Return the thumbnail as a data address; "" for a picture nobody can read."""
    try:
        data = images.thumbnail(project, image).read_bytes()
    except (BadImage, OSError):
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def list_csv(items: Sequence[Item]) -> str:
    """Return the list as a table, with a mark that tells spreadsheets it is UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["combination", "have", "wanted", "to collect", "expected", "why"])
    for item in items:
        expected = round(item.advice.expected, 1) if item.advice else ""
        row = [" + ".join(item.names), item.have, item.wanted, item.left, expected]
        writer.writerow([safe_cell(cell) for cell in [*row, reason_words(item)]])
    return "\ufeff" + buffer.getvalue()
