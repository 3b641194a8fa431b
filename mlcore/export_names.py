"""Names for exported pictures: their own, made safe and unique. Pure."""

import re
from collections.abc import Iterable

from storage.records import Image

# Forbidden on Windows, and the slash everywhere.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
NAME_LIMIT = 150
HASH_CHARACTERS = 8


def safe_name(name: str) -> str:
    """Return `name` so that every system takes it as the name of one file."""
    cleaned = _FORBIDDEN.sub("_", name).strip().rstrip(".") or "unnamed"
    if cleaned.startswith(".") or _RESERVED.fullmatch(cleaned):
        cleaned = f"_{cleaned}"
    return cleaned


def file_name(image: Image) -> str:
    """Return the picture's own name, made safe, with an ending."""
    stem, dot, ending = safe_name(image.name).rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = safe_name(image.name), image.ext
    return f"{stem[:NAME_LIMIT]}.{ending}"


def unique_names(images: Iterable[Image]) -> dict[int, str]:
    """Return a file name for every image id; of equal names all but the first get
    the beginning of their content's hash.

    Equal means equal on a disk that does not tell large letters from small.
    """
    taken: set[str] = set()
    names: dict[int, str] = {}
    for image in images:
        name = file_name(image)
        if name.casefold() in taken:
            name = _told_apart(name, image.sha256, taken)
        taken.add(name.casefold())
        names[image.image_id] = name
    return names


def _told_apart(name: str, sha256: str, taken: set[str]) -> str:
    stem, _, ending = name.rpartition(".")
    short = f"{stem}-{sha256[:HASH_CHARACTERS]}.{ending}"
    return short if short.casefold() not in taken else f"{stem}-{sha256}.{ending}"
