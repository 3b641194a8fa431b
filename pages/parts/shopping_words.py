"""Why something is on the shopping list and how far it is, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.parts.text import counted, number

if TYPE_CHECKING:
    from mlcore.shopping_items import Item


def reason_words(item: Item) -> str:
    """Return why: "black appears only with jeans; about 115 if mixed evenly"."""
    piece = item.advice
    if item.is_done:
        return ""
    if piece is None:
        return "on your list"
    parts = []
    if piece.only_with:
        label, partner = piece.only_with
        parts.append(
            f"{label} appears only with {partner}: this would teach the difference"
        )
    if piece.have:
        parts.append("present, but on too few pictures to learn from safely")
    elif piece.expected >= 1:
        parts.append(f"about {piece.expected:,.0f} pictures if all were mixed evenly")
    else:
        parts.append("never shown; its labels are rare")
    return "; ".join(parts)


def progress_words(item: Item) -> str:
    """Return "12 more since it came onto the list", "" without any."""
    if item.is_done:
        return f"Done: {counted(item.have, 'picture')}"
    gained = item.have - item.had
    if item.is_kept and gained > 0:
        return f"{number(gained)} more since it came onto the list"
    return ""
