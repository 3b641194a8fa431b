"""Thumbnails in a grid, drawn by the browser from `/img` addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """One thumbnail: `url` of the picture, words below it, a small mark on it."""

    url: str
    caption: str = ""
    badge: str = ""


def image_url(project_name: str, sha256: str, *, large: bool = False) -> str:
    """Return the address of an image's thumbnail, or of its large preview."""
    size = "large" if large else "thumb"
    return f"/img/{quote(project_name)}/{sha256}?size={size}"


_component = st.components.v2.component(
    "unseen_gallery",
    html=(HERE / "gallery.html").read_text(),
    css=(HERE / "gallery.css").read_text(),
    js=(HERE / "gallery.js").read_text(),
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
    result: Any = _component(
        data={
            "project": project_name,
            "items": [asdict(item) for item in items],
            "size_px": size_px,
            "selectable": selectable,
        },
        key=key,
        default={"selected": []},
        on_selected_change=lambda: None,
    )
    chosen = result.selected or []
    return [int(place) for place in chosen if 0 <= int(place) < len(items)]
