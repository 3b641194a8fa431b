"""Names for exported pictures: their own, made safe and unique. Pure."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator

from storage.image_names import Place

# Forbidden on Windows, and the slash everywhere.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
NAME_LIMIT = 150
FOLDER_LIMIT = 60
# Windows takes 259 signs, and the export lies in a folder of its own.
PATH_LIMIT = 200
MARK_CHARACTERS = 8
IMAGES = "images"


def safe_name(name: str) -> str:
    """Return `name` so that every system takes it as the name of one file."""
    cleaned = _FORBIDDEN.sub("_", name).strip().rstrip(".") or "unnamed"
    if cleaned.startswith(".") or _RESERVED.fullmatch(cleaned):
        cleaned = f"_{cleaned}"
    return cleaned


def safe_path(place: Place) -> str:
    """Return the path a picture came from, every part made safe, with an ending.

    Of a very long one the folders furthest up go, and so does `images/`: an export
    puts all pictures into such a folder, the export of an imported export as well.
    """
    stem, dot, ending = safe_name(place.name).rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = safe_name(place.name), place.ext
    parts = [f"{stem[:NAME_LIMIT]}.{ending}"]
    left = PATH_LIMIT - len(parts[0])
    folders = place.source.split("/")[:-1]
    if folders and folders[0].casefold() == IMAGES:
        folders = folders[1:]
    for folder in reversed(folders):
        part = safe_name(folder[:FOLDER_LIMIT])
        left -= len(part) + 1
        if left < 0:
            break
        if folder:
            parts.append(part)
    return "/".join(reversed(parts))


def export_paths(places: Iterable[Place]) -> dict[int, str]:
    """Return the path of every picture of a project, below the folder of an export.

    It does not depend on which of them are exported: an import finds a picture by
    it. Several that came from one path all get the beginning of their content's
    hash. Equal means equal on a disk that does not tell large letters from small.
    """
    paths = [(place, safe_path(place)) for place in places]
    counts = Counter(path.casefold() for _, path in paths)
    folders = {f.casefold() for _, path in paths for f in _folders_of(path)}
    taken = {path for path, count in counts.items() if count == 1} | folders
    found: dict[int, str] = {}
    for place, path in paths:
        folded = path.casefold()
        if counts[folded] > 1 or folded in folders:
            path = tell_apart(path, place.sha256, taken)
            taken.add(path.casefold())
        found[place.image_id] = path
    return found


def _folders_of(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def tell_apart(path: str, mark: str, taken: Container[str]) -> str:
    """Return `path` with the beginning of a mark before its ending, or all of it if
    that is taken."""
    stem, _, ending = path.rpartition(".")
    short = f"{stem}-{mark[:MARK_CHARACTERS]}.{ending}"
    return short if short.casefold() not in taken else f"{stem}-{mark}.{ending}"
