"""Pictures one under the other with what was said of each; clicks on their thumbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.prediction_cards import clicks_done

# The name of a label, how sure, and whether the runs differ in it.
Said = tuple[str, str, bool]

_COMPONENT = st.components.v2.component(
    "unseen_picture_rows",
    html='<ul class="rows">\n</ul>',
    css=join_sources("picture_rows.css"),
    js=join_sources("dom.js", "picture_rows.js"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """What one run said of a picture."""

    head: str
    said: Sequence[Said]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One picture; `thumb` is right, wrong or "", and None where none is asked for.

    Without `url` there is no picture to show, and `gone` says why. All texts are shown
    literally.
    """

    id: int
    url: str
    title: str
    lines: Sequence[str] = ()
    careful: str = ""
    columns: Sequence[Column] = ()
    thumb: str | None = None
    gone: str = "The picture is not in the project, so it is not kept"


def picture_rows(rows: Sequence[PictureRow], *, key: str) -> None:
    """Draw the rows; `prediction_cards.take_clicks(key)` returns clicks on thumbs."""
    _COMPONENT(
        key=key,
        data={"done": clicks_done(key), "rows": [asdict(row) for row in rows]},
        on_log_change=lambda: None,
    )
