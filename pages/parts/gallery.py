"""Thumbnails in a grid, drawn by the browser from `/img` addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.component_source import join_sources


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """One thumbnail: `url` of the picture, words below it, a small mark on it.

    A click opens `href` in a new tab, if given; not in a selectable gallery.
    """

    url: str
    caption: str = ""
    badge: str = ""
    detail: str = ""
    href: str = ""


def image_url(project_name: str, sha256: str, *, large: bool = False) -> str:
    """Return the address of an image's thumbnail, or of its large preview."""
    size = "large" if large else "thumb"
    return f"/img/{quote(project_name)}/{sha256}?size={size}"


_component = st.components.v2.component(
    "unseen_gallery",
    html=join_sources("gallery.html"),
    css=join_sources("gallery.css"),
    js=join_sources("gallery.js"),
)


def gallery(
    project_name: str,
    items: Sequence[GalleryItem],
    *,
    key: str,
    size_px: int = 128,
    selectable: bool = False,
) -> list[int]:
    """Show thumbnails; return the positions a person has selected (if selectable).

    `project_name` and the addresses decide when the selection starts afresh: other
    pictures, no selection. Captions and badges are shown as text, never as markup.
    """
    signature = sign(project_name, items)
    known = (st.session_state.get(key) or {}).get("selected")
    result: Any = _component(
        data={
            "signature": signature,
            "items": [asdict(item) for item in items],
            "size_px": size_px,
            "selectable": selectable,
            "selected": read_selection(known, signature, len(items)),
        },
        key=key,
        default={"selected": None},
        on_selected_change=lambda: None,
    )
    return read_selection(result.selected, signature, len(items))


def sign(project_name: str, items: Sequence[GalleryItem]) -> str:
    """Return what tells one set of pictures from another."""
    addresses = "\n".join([project_name, *(item.url for item in items)])
    return hashlib.sha256(addresses.encode()).hexdigest()[:16]


def read_selection(value: object, signature: str, count: int) -> list[int]:
    """Return the selected positions, none when they are of other pictures.

    Right after a deletion the browser still reports positions among the pictures
    that were there: taking them would delete the next ones.
    """
    if not isinstance(value, Mapping) or value.get("of") != signature:
        return []
    places = value.get("places") or []
    return [p for p in places if isinstance(p, int) and 0 <= p < count]
