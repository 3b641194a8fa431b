"""Combinations of which the figures of a run say nothing, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from pages.parts.text import counted, escape, number

NAMED_AT_MOST = 4


def unmeasured_sentence(names: Sequence[str]) -> str:
    """Return "3 combinations have no picture: black dress, …: not part of …"."""
    if not names:
        return ""
    shown = ", ".join(escape(one) for one in names[:NAMED_AT_MOST])
    more = len(names) - NAMED_AT_MOST
    shown += f" and {number(more)} more" if more > 0 else ""
    verb = "has" if len(names) == 1 else "have"
    return (
        f"{counted(len(names), 'combination')} {verb} no picture: {shown}: "
        "not part of this figure."
    )
