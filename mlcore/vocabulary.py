"""Which labels a source knows: only of those does it say no by saying nothing."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from mlcore.annotations import Annotation
from mlcore.entries import Entry, Refused
from mlcore.errors import BadImage, BadTable
from mlcore.format_fields import an_object, field, names
from mlcore.group_naming import fold
from storage.errors import LabelError

INTERFACE_NAME = "label_config.xml"
TAGS_NAME = "tags.json"
MAX_COMPANION_BYTES = 2**20
_UNREADABLE = (
    *(BadImage, BadTable, LabelError),
    *(ValueError, RecursionError, expat.ExpatError),
)
# A table with a text of its own in every line must not fill the memory.
KEPT_SPELLINGS = 20_000


class Vocabulary:
    """Collects the labels that a source names, of the ones in `wanted`.

    `folded` holds them as `fold` writes them. Names of pictures that are not here
    count too: what a file knows does not depend on which pictures came along.
    """

    def __init__(self, wanted: Iterable[str]) -> None:
        self.folded: set[str] = set()
        self._wanted = frozenset(map(fold, wanted))
        self._heard: set[tuple[str, ...]] = set()

    def hear(self, spelled: tuple[str, ...]) -> None:
        """Take names in."""
        if not spelled or spelled in self._heard:
            return
        if len(self._heard) < KEPT_SPELLINGS:
            self._heard.add(spelled)
        self.folded |= self._wanted.intersection(map(fold, spelled))

    def listen(
        self, said: Iterable[Annotation | Refused]
    ) -> Iterator[Annotation | Refused]:
        """Pass on what a file says, taking in every label it names."""
        for item in said:
            if isinstance(item, Annotation):
                self.hear(item.yes)
                self.hear(item.no)
                self.hear(item.unknown)
            yield item


def names_beside(kind: str, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the labels listed in what a tool lays beside its file of labels.

    One that cannot be read says nothing: labels it lists then stay open.
    """
    readers = {
        "label-studio": (INTERFACE_NAME, read_interface),
        "custom-vision": (TAGS_NAME, read_tags),
    }
    file_name, read = readers.get(kind, ("", read_tags))
    found: tuple[str, ...] = ()
    for entry in entries:
        if entry.name.casefold() == file_name:
            try:
                found += read(entry.read(MAX_COMPANION_BYTES))
            except _UNREADABLE:
                continue
    return found


def read_tags(data: bytes) -> tuple[str, ...]:
    """Return the names in the answer of Custom Vision's GetTags."""
    tags = json.loads(data)
    if not isinstance(tags, list):
        raise BadTable("A list of tags was expected.")
    return names([field(an_object(tag), "name", str) for tag in tags], "name")


def read_interface(data: bytes) -> tuple[str, ...]:
    """Return the choices of a Label Studio interface, as its exports call them.

    A choice of two blocks is two labels, told apart by their block.
    """
    pairs: list[tuple[str, str]] = []
    block = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal block
        if "toName" in attributes:
            block = attributes.get("name", "")
        elif tag in ("Choice", "Label"):
            choice = attributes.get("alias") or attributes.get("value", "")
            pairs.append((block, choice))

    def refuse_doctype(*_: object) -> None:
        # Entities declared there can grow a small file to gigabytes.
        raise BadTable("A labeling interface declares no document type.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.Parse(data, True)
    counts = Counter(fold(choice) for _, choice in dict.fromkeys(pairs))
    return names([f"{b}: {x}" if counts[fold(x)] > 1 else x for b, x in pairs], "value")
