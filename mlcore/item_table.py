"""Titles, prices and links of a project's pictures, from a CSV: file,title,price,link.

Every line that cannot be used is reported and stops no other. A link is an address a
person's browser will be sent to: only http and https, with a host, are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import IO
from urllib.parse import urlsplit

from mlcore.entries import Refused
from mlcore.errors import BadTable
from mlcore.picture_index import PictureIndex, explain
from mlcore.table_header import NAME_HEADERS
from mlcore.table_records import place, read_records
from mlcore.table_text import find_encoding, read_lines
from storage.image_names import image_places
from storage.projects import Project
from storage.similar_items import Item, put_items

TEXT_LIMIT, PRICE_LIMIT, LINK_LIMIT = 200, 60, 2_000
DELIMITERS = (",", ";", "\t")
WRITTEN_AT_ONCE = 2_000
REFUSED_KEPT = 2_000
FIELDS = {
    "title": ("title", "name", "product", "item"),
    "price": ("price", "cost"),
    "link": ("link", "url", "href", "address"),
}


@dataclass(slots=True)
class ItemReport:
    """How many items came in, and which lines did not, or only in part."""

    matched: int = 0
    refused: list[Refused] = field(default_factory=list)
    refused_more: int = 0

    def refuse(self, where: str, reason: str) -> None:
        """Note a line; beyond a few thousand only their number."""
        if len(self.refused) < REFUSED_KEPT:
            self.refused.append(Refused(where, reason))
        else:
            self.refused_more += 1

    def as_json(self) -> dict[str, object]:
        """Both counts and the lines that were not used."""
        return {
            "matched": self.matched,
            "refused": len(self.refused) + self.refused_more,
            "lines": [{"line": one.path, "why": one.reason} for one in self.refused],
        }


def import_items(
    project: Project, opens: Callable[[], IO[bytes]], name: str
) -> ItemReport:
    """Take in a table called `name`; a picture named twice keeps the last line.

    Pictures are matched by file name, or by as much of their folder as is written.
    Raises BadTable when the table cannot be read at all.
    """
    report = ItemReport()
    index = PictureIndex((), lambda: ((p.image_id, p.name, p.source) for p in places))
    places = [*image_places(project)]
    lines = _read_items(opens, name, index, report)
    matched: set[int] = set()
    while some := [*islice(lines, WRITTEN_AT_ONCE)]:
        put_items(project, some)
        matched.update(item.image_id for item in some)
    report.matched = len(matched)
    return report


def check_link(text: str) -> str:
    """Return the reason why a browser may not be sent to this address, "" if it may."""
    try:
        parts = urlsplit(text)
        is_plain = parts.port is None or parts.port > 0
    except ValueError:
        return "The link is no address."
    if parts.scheme not in ("http", "https"):
        return "The link does not begin with http:// or https://."
    is_clean = text.isprintable() and not any(c in text for c in ' \\"<>`')
    if not (is_plain and is_clean and parts.hostname) or len(text) > LINK_LIMIT:
        return "The link is no address."
    if "@" in parts.netloc:
        return "The link holds a name or password before its host."
    return ""


def _read_items(
    opens: Callable[[], IO[bytes]],
    name: str,
    index: PictureIndex,
    report: ItemReport,
) -> Iterator[Item]:
    encoding = find_encoding(opens, name)
    with closing(read_lines(opens, name, encoding)) as lines:
        header = next(lines, "")
        delimiter = max(DELIMITERS, key=header.count)
        columns = find_item_columns(header, delimiter, name)
        for number, cells in read_records(lines, delimiter, name):
            if isinstance(cells, Refused):
                report.refuse(cells.path, cells.reason)
                continue
            # Counted from the line after the header.
            notes = report, place(name, number + 1)
            item = _item_of(cells, columns, index, notes)
            if item is not None:
                yield item


def find_item_columns(header: str, delimiter: str, name: str) -> dict[str, int]:
    """Where file, title, price and link stand; BadTable without file or any other."""
    row = header.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").strip().split(delimiter)
    titles = [cell.strip().strip('"').casefold() for cell in row]
    known = {"file": NAME_HEADERS, **FIELDS}
    found = {
        key: titles.index(spelling)
        for key, spellings in known.items()
        for spelling in reversed(spellings)
        if spelling in titles
    }
    if "file" not in found or len(found) < 2:
        raise BadTable(
            f"“{name}” needs a column file and at least one of title, price and link "
            f"in its first line; found: {header.strip()[:80] or 'nothing'}"
        )
    return found


def _item_of(
    cells: Sequence[str],
    columns: dict[str, int],
    index: PictureIndex,
    notes: tuple[ItemReport, str],
) -> Item | None:
    report, where = notes
    said = {key: _cell(cells, at) for key, at in columns.items()}
    found = index.find((said["file"],)) if said["file"] else []
    if len(found) != 1:
        report.refuse(where, explain(said["file"], found))
        return None
    link = said.get("link", "")
    reason = check_link(link) if link else ""
    if reason:
        report.refuse(where, f"{reason} The rest of the line was taken.")
    return Item(
        int(found[0].key),
        said.get("title", "")[:TEXT_LIMIT],
        said.get("price", "")[:PRICE_LIMIT],
        "" if reason else link,
    )


def _cell(cells: Sequence[str], at: int) -> str:
    text = cells[at] if at < len(cells) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
