"""Which picture a name in a file of labels means: of the source, or of the project.

The source comes first; the project is only listed when a name is not in it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from mlcore.annotations import SPLITS
from mlcore.entries import PICTURE_ENDINGS, Entry, clean_path

SHOWN_RIVALS = 3
# How the reason of a name begins that belongs to no picture.
NOT_HERE = "No picture called"
# Where our exports put pictures, above the folders these came from.
OUR_FOLDERS = {"images", "unassigned", *SPLITS}
# A picture of the source by its path, one of the project by its id.
Key = str | int
# Image id, file name, and where it came from.
Known = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class _Picture:
    key: Key
    path: str
    is_alias: bool = False


_Shelf = dict[str, list[_Picture]]


@dataclass(slots=True)
class PictureIndex:
    """Pictures by name; `known` lists those of the project when it is needed.

    `aliases` are further names of those, which count where no picture has the name.
    """

    entries: Iterable[Entry]
    known: Callable[[], Iterable[Known]] = tuple
    aliases: Callable[[], Iterable[Known]] = tuple
    _source: _Shelf | None = field(default=None, init=False)
    _project: _Shelf | None = field(default=None, init=False)

    def find(self, names: Sequence[str]) -> list[_Picture]:
        """Return the pictures the names may mean; the first name that fits counts."""
        if self._source is None:
            self._source = _shelve(
                (e.path, e.name, e.inner)
                for e in self.entries
                if e.ending in PICTURE_ENDINGS or not e.ending
            )
        found = _first_fit(names, self._source)
        if not found:
            if self._project is None:
                self._project = _shelve(self.known())
                _add(self._project, self.aliases(), is_alias=True)
            found = _first_fit(names, self._project, is_here=True)
        return found


def _shelve(pictures: Iterable[tuple[Key, str, str]]) -> _Shelf:
    """Pictures by file name and by file name without ending."""
    shelf: _Shelf = defaultdict(list)
    _add(shelf, pictures)
    return shelf


def _add(
    shelf: _Shelf, pictures: Iterable[tuple[Key, str, str]], *, is_alias: bool = False
) -> None:
    for key, name, path in pictures:
        picture = _Picture(key, path, is_alias)
        folded = _fold(name)
        for spelling in {folded, _without_ending(folded)}:
            shelf[spelling].append(picture)


def _first_fit(
    names: Sequence[str], shelf: _Shelf, *, is_here: bool = False
) -> list[_Picture]:
    for name in names:
        found = shelf.get(_file_name(name))
        if found:
            if len(found) > 1:
                found = _narrow(found, _fold(clean_path(name)), is_here)
            # What a picture is called now comes before what a copy of one was called.
            found = [picture for picture in found if not picture.is_alias] or found
            return list({picture.key: picture for picture in reversed(found)}.values())
    return []


def _file_name(path: str) -> str:
    # Tables have millions of lines: plain paths need no cleaning.
    if "\\" in path or not (path.isascii() and path.isprintable()):
        path = clean_path(path)
    return _fold(path.rpartition("/")[2])


def _narrow(found: list[_Picture], wanted: str, is_here: bool) -> list[_Picture]:
    """Those that lie where the name says: exactly, else as far as both reach."""
    spellings = {wanted}
    first, _, rest = wanted.partition("/")
    if is_here and first in OUR_FOLDERS:
        spellings.add(rest)
    paths = [(picture, _fold(picture.path)) for picture in found]
    return (
        [p for p, path in paths if path in spellings]
        # CVAT calls a picture by its path below images/.
        or [p for p, path in paths if not is_here and path == f"images/{wanted}"]
        or [p for p, path in paths if any(_ends_alike(path, x) for x in spellings)]
        or found
    )


def _ends_alike(path: str, wanted: str) -> bool:
    is_path = "/" in wanted
    for shown in (path, _without_ending(path)):
        if shown == wanted:
            return True
        # One of the two may begin further up: an absolute path, a packed folder.
        longer, shorter = sorted((shown, wanted), key=len, reverse=True)
        if is_path and "/" in shorter and longer.endswith(f"/{shorter}"):
            return True
    return False


def explain(name: str, found: Sequence[_Picture]) -> str:
    """Return why a name means no picture: none is called so, or several are."""
    if not found:
        return f"{NOT_HERE} “{name}” was found."
    rivals = ", ".join(picture.path for picture in found[:SHOWN_RIVALS])
    more = len(found) - SHOWN_RIVALS
    rivals += f" and {more} more" if more > 0 else ""
    return f"“{name}” could be {len(found)} files: {rivals}. Write its folder too."


def _fold(text: str) -> str:
    # macOS packs names decomposed: the same é would not match without NFC.
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).casefold()


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending in PICTURE_ENDINGS else name
