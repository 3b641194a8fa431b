"""Rows of pictures: what two runs read in each, and what people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.parts.component_source import join_sources

_component = st.components.v2.component(
    "unseen_change_rows",
    # a lone line would be read as a path to a file
    html='<div class="changes">\n</div>',
    css=join_sources("change_rows.css"),
    js=join_sources("dom.js", "change_rows.js"),
)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One picture; None for what is not known or not judged whether it is right."""

    url: str
    name: str
    before: str
    was_right: bool | None
    after: str
    is_right: bool | None
    said: str
    part: str


def change_rows(
    rows: Sequence[ChangeRow], titles: tuple[str, str, str], *, key: str
) -> None:
    """Draw the rows; `titles` stand over before, after and what people said."""
    data = {"rows": [asdict(row) for row in rows], "titles": list(titles)}
    _component(data=data, key=key)
