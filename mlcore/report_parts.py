"""What a report is made of. Every string is plain text; who draws it shields it."""

from dataclasses import dataclass

from mlcore.report_charts import Chart


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; `is_large` for what comes first, `is_quiet` for a remark, `is_head`
    for a heading within a section.
    """

    text: str
    is_head: bool = False
    is_large: bool = False
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each item is what to stress and the rest."""

    items: tuple[tuple[str, str], ...]
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; the first column is the row's name.

    `is_small` for what only a few will look up.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart under a title, with a caption."""

    title: str
    chart: Chart
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG with what the run said and what it is labelled."""

    jpeg: bytes
    said: str
    labelled: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Pictures:
    """Examples beside each other."""

    pictures: tuple[Picture, ...]


Block = Words | Items | Table | Figure | Pictures


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]

    def texts(self) -> list[str]:
        """Return every string in it, to choose letters by."""
        found = [self.title, self.subtitle]
        for section in self.sections:
            found.append(section.title)
            for block in section.blocks:
                found.append(repr(block) if not isinstance(block, Pictures) else "")
                if isinstance(block, Pictures):
                    found += [f"{p.said}{p.labelled}" for p in block.pictures]
        return found
