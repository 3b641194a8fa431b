"""Letters for a report's PDF: its own where they suffice, else a font of this computer.

A PDF's built-in fonts know Western European letters only.
"""

import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

BUILT_IN = ("Helvetica", "Helvetica-Bold")
# Tried in this order: the first that knows all letters, else the one that knows most.
WANTED = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("Arial Unicode.ttf", "Arial Unicode.ttf"),
    ("arialuni.ttf", "arialuni.ttf"),
    ("segoeui.ttf", "segoeuib.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("msyh.ttc", "msyhbd.ttc"),
)
# Known to every viewer, kept in none: Chinese, and most of what is Japanese.
CHINESE = "STSong-Light"
PLACES = {
    "win32": (Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",),
    "darwin": (Path("/System/Library/Fonts"), Path("/Library/Fonts")),
}
UNIX = (Path("/usr/share/fonts"), Path.home() / ".local/share/fonts")


def choose_fonts(texts: Iterable[str]) -> tuple[str, str]:
    """Return the names of a plain and a bold font that know most of these letters."""
    letters = {c for text in texts for c in text if c.isprintable()}
    strange = {c for c in letters if not _is_western(c)}
    if not strange:
        return BUILT_IN
    best, most = BUILT_IN, 0
    for plain, bold in WANTED:
        known = _register(plain)
        count = len(strange & known)
        if count > most and _register(bold):
            best, most = (plain, bold), count
        if count == len(strange):
            return best
    if any("\u3000" <= c <= "\u9fff" for c in strange) and most < len(strange):
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
        return CHINESE, CHINESE
    return best


def _is_western(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=32)
def _register(name: str) -> frozenset[str]:
    """Make a font known by its file name; return the letters it knows, none without."""
    path = _find(name)
    if path is None:
        return frozenset()
    try:
        font = TTFont(name, str(path))
    except (TTFError, OSError):
        # Outlines of another kind, which reportlab cannot put into a file.
        return frozenset()
    pdfmetrics.registerFont(font)
    return frozenset(chr(code) for code in font.face.charToGlyph if code < 0x110000)


def _find(name: str) -> Path | None:
    for folder in PLACES.get(sys.platform, UNIX):
        found = next(folder.rglob(name), None) if folder.is_dir() else None
        if found:
            return found
    return None
