"""Words and numbers the way this app writes them."""

from __future__ import annotations

import math
import re

from mlcore.counted import counted, number

__all__ = ["counted", "duration", "escape", "number", "percent", "size"]
WORD_JOINER = "\u2060"
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def escape(name: str) -> str:
    """Return `name` so that every Markdown place of Streamlit shows it as it is.

    Widget labels, titles and toasts render Markdown; the options of a selectbox or
    a multiselect do not, pass them the plain name.
    """
    shielded = PUNCTUATION.sub(r"\\\1", " ".join(name.split()))
    # Streamlit turns `:name:` into an icon and links bare addresses after Markdown
    # has taken the backslashes away; an invisible joiner stops both.
    for trigger in ("\\:", "\\@", "www"):
        shielded = shielded.replace(trigger, trigger + WORD_JOINER)
    return shielded


def percent(share: float | None) -> str:
    """Return .667 as "67 %", .625 as "63 %"; an undefined share is a dash."""
    return "–" if share is None else f"{math.floor(share * 100 + 0.5)} %"


def duration(seconds: float) -> str:
    """Return 125 s as "2 min 5 s", under a minute with no minutes."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def size(count_bytes: float) -> str:
    """Return bytes as "512 B", "24 kB", "1.5 GB" (steps of 1,000)."""
    steps = ("B", "kB", "MB", "GB")
    power = 0
    while count_bytes >= 1000 and power < len(steps) - 1:
        count_bytes /= 1000
        power += 1
    shown = f"{count_bytes:.1f}" if power and count_bytes < 10 else f"{count_bytes:.0f}"
    return f"{shown} {steps[power]}"
