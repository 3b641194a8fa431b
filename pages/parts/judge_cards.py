"""Cards of pictures to be judged: what is wrong, why, and a click that settles it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import streamlit as st

from pages.parts.component_source import join_sources

FIX, KEEP, UNDO, WHY = "fix", "keep", "undo", "why"


@dataclass(frozen=True, slots=True)
class JudgeCard:
    """One picture; `key` is what a click on it reports. All words are plain text.

    `caption` and `detail` say what was said and what is labelled, `reason` why.
    `buttons` are (act, words), the first the most likely; `done` says what was done
    about it, with the undo beside it.
    """

    key: int
    url: str
    href: str
    name: str
    badge: str = ""
    caption: str = ""
    detail: str = ""
    reason: str = ""
    more: str = ""
    buttons: tuple[tuple[str, str], ...] = field(default=())
    done: str = ""


_component = st.components.v2.component(
    "unseen_judge_cards",
    # a lone line would be read as a path to a file
    html='<ul class="judge">\n</ul>',
    css=join_sources("judge_cards.css"),
    js=join_sources("dom.js", "judge_cards.js"),
)


def judge_cards(
    cards: Sequence[JudgeCard],
    *,
    key: str,
    label: str,
    on_act: Callable[[int, str], None],
) -> None:
    """Draw the cards; `on_act(key, act)` is called before the page is drawn again."""
    known = {(card.key, act) for card in cards for act, _ in card.buttons}
    known |= {(card.key, act) for card in cards for act in (UNDO, WHY)}

    def tell() -> None:
        chosen = read_act((st.session_state.get(key) or {}).get("act"))
        # of cards that were in sight: a page that is gone settles nothing
        if chosen in known:
            on_act(*chosen)

    _component(
        data={"items": [asdict(card) for card in cards], "label": label},
        key=key,
        on_act_change=tell,
    )


def read_act(value: object) -> tuple[int, str]:
    """Return (key, act) of a click; (0, "") where it makes no sense."""
    if not isinstance(value, Mapping):
        return 0, ""
    found: tuple[Any, Any] = (value.get("key"), value.get("act"))
    is_click = isinstance(found[0], int) and isinstance(found[1], str)
    return found if is_click else (0, "")
