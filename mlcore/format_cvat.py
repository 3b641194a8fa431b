"""CVAT for images 1.1: XML with tags of whole pictures, read as a stream. Pure.

A picture with tags is answered as a whole, one without says nothing. Shapes say
that their label is there. A choice among an attribute's values is a group.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from mlcore.annotations import Annotation, split_named
from mlcore.entries import Refused, clean_path
from mlcore.errors import BadTable
from mlcore.format_fields import names
from mlcore.format_groups import GroupBook
from mlcore.table_text import Opens, explained
from storage.errors import LabelError

PIECE_BYTES = 2**18
MAX_TEXT = 1_000
SHAPES = {"tag", "box", "polygon", "polyline", "points", "ellipse", "cuboid", "mask"}
CHOICES = {"select", "radio"}


@dataclass(slots=True)
class _Shown:
    """The picture that is being read."""

    name: str
    line: int
    split: str | None
    yes: list[str] = field(default_factory=list)
    no: list[str] = field(default_factory=list)
    shapes: int = 0
    losses: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Cvat:
    """Where in the file the parser is, and what it has found since last asked."""

    name: str
    book: GroupBook
    found: list[Annotation | Refused] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: str = ""
    picture: _Shown | None = None
    attribute: str = ""
    declared: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    pictures: int = 0

    def start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        if not self.path and tag != "annotations":
            raise BadTable(f"“{self.name}” is no CVAT file: it begins with <{tag}>.")
        if tag == "track":
            raise BadTable(
                f"“{self.name}” is “CVAT for video”. Export “CVAT for images 1.1”."
            )
        self.path.append(tag)
        self.text = ""
        if tag == "image":
            subset = split_named(attributes.get("subset", ""))
            self.picture = _Shown(attributes.get("name", ""), line, subset)
        elif self.picture and tag in SHAPES:
            self.picture.yes.append(attributes.get("label", ""))
            self.picture.shapes += tag != "tag"
        elif self.picture and tag == "attribute":
            self.attribute = attributes.get("name", "")

    def end(self, tag: str) -> None:
        self.path.pop()
        text, self.text = self.text.strip(), ""
        if tag == "image" and self.picture:
            self._finish(self.picture)
            self.picture = None
        elif self.picture and tag == "attribute":
            self._take_attribute(self.picture, text)
        elif self.path[-1:] == ["attribute"] and "meta" in self.path:
            self.declared[tag] = text
        elif tag == "attribute" and "meta" in self.path:
            self._declare_attribute()
        elif tag == "name" and self.path[-1:] == ["label"]:
            self.book.mention([text])

    def _declare_attribute(self) -> None:
        name = self.declared.get("name", "")
        kind = self.kinds[name] = self.declared.get("input_type", "")
        if kind in CHOICES:
            values = self.declared.get("values", "").splitlines()
            self.book.mention(value.strip() for value in values)
        elif kind == "checkbox":
            self.book.mention([name])
        self.declared = {}

    def _take_attribute(self, picture: _Shown, value: str) -> None:
        kind = self.kinds.get(self.attribute, "")
        if kind in CHOICES and value and not value.startswith("__"):
            label = names([value], self.attribute)[0]
            self.book.declare(self.attribute, label)
            picture.yes.append(label)
        elif kind == "checkbox":
            said = picture.yes if value.casefold() == "true" else picture.no
            said.append(self.attribute)
        elif value:
            name = f"{self.attribute} ({kind or 'text'})"
            picture.losses.append(("answers", name, 1))

    def _finish(self, picture: _Shown) -> None:
        self.pictures += 1
        place = f"{self.name}, line {picture.line}"
        try:
            if not picture.name:
                raise BadTable("The picture has no “name”.")
            yes = names(picture.yes, "label")
        except (BadTable, LabelError) as error:
            self.found.append(Refused(place, str(error)))
            return
        if yes:
            self.book.count(yes)
        if picture.shapes:
            picture.losses.append(("shapes", picture.name, picture.shapes))
        no = tuple(dict.fromkeys(x for x in picture.no if x not in yes))
        path = clean_path(picture.name)
        losses = tuple(picture.losses)
        said = Annotation(path, yes, no, bool(yes), picture.split, place, losses=losses)
        self.found.append(said)


def read_cvat(
    opens: Opens, name: str, book: GroupBook
) -> Iterator[Annotation | Refused]:
    """Yield what the pictures are tagged with; raises `BadTable` naming the line."""
    cvat = _Cvat(name, book)
    parser = _parser(cvat)
    with explained(name), opens() as file:
        while True:
            data = file.read(PIECE_BYTES)
            try:
                parser.Parse(data, not data)
            except expat.ExpatError as error:
                raise BadTable(
                    f"“{name}” is no right XML: line {error.lineno:,}, column"
                    f" {error.offset + 1:,}: {expat.ErrorString(error.code)}. Export it"
                    " again."
                ) from error
            yield from cvat.found
            cvat.found = []
            if not data:
                break
    if not cvat.pictures:
        raise BadTable(f"“{name}” names no pictures: it has no <image>.")


def _parser(cvat: _Cvat) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse_doctype(*_: object) -> None:
        # Entities declared there can grow a small file to gigabytes.
        raise BadTable(
            f"“{cvat.name}” declares a document type (line"
            f" {parser.CurrentLineNumber:,}), which CVAT never does. It was not read."
        )

    def take_text(text: str) -> None:
        if len(cvat.text) < MAX_TEXT:
            cvat.text += text

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = lambda tag, attributes: cvat.start(
        tag, attributes, parser.CurrentLineNumber
    )
    parser.EndElementHandler = cvat.end
    parser.CharacterDataHandler = take_text
    return parser
