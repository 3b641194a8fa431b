"""Why something is on the shopping list and how far it is, as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.parts.text import counted, number

if TYPE_CHECKING:
    from mlcore.shopping_items import Item

# How wrong models are is said with its interval, in a line of its own.
SAID_ELSEWHERE = {"error"}


def reason_words(item: Item) -> str:
    """Return why: "black appears only with jeans; none so far, about 115 expected"."""
    piece = item.advice
    if item.is_done:
        return ""
    if piece is None:
        return "on your list"
    reasons = [reason for reason in piece.reasons if reason.kind not in SAID_ELSEWHERE]
    return "; ".join(reason.words() for reason in reasons)


def progress_words(item: Item) -> str:
    """Return "12 more since it came onto the list", "" without any."""
    if item.is_done:
        return f"Done: {counted(item.have, 'picture')}"
    gained = item.have - item.had
    if item.is_kept and gained > 0:
        return f"{number(gained)} more since it came onto the list"
    return ""
