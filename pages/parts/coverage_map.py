"""The map of label against label, drawn as a table of buttons in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages.parts.component_source import join_sources

if TYPE_CHECKING:
    from pages.parts.coverage_cut import Cut
    from pages.parts.coverage_matrix import Matrix

FREE = "free labels"

_component = st.components.v2.component(
    "unseen_coverage_map",
    # a lone line would be read as a path to a file
    html='<div class="map">\n</div>',
    css=join_sources("coverage_map.css"),
    js=join_sources("coverage_legend.js", "coverage_map.js"),
)


def coverage_map(data: dict[str, Any], *, key: str) -> None:
    """Draw the map; a click is read in the next run by `take_pick(key)`."""
    _component(data=data, key=key, on_picked_change=lambda: None)


def take_pick(key: str) -> str | None:
    """Return the cell key of a click not yet acted on ("" = let go), else None."""
    picked = (st.session_state.get(key) or {}).get("picked")
    if not picked or st.session_state.get(f"{key}_handled") == picked["at"]:
        return None
    st.session_state[f"{key}_handled"] = picked["at"]
    return str(picked["cell"])


def map_data(
    matrix: Matrix, shown: Cut, group_names: dict[int, str], *, thin_below: int
) -> dict[str, Any]:
    """Return what the browser and the picture draw of the map.

    `rows` and `columns` are labels; `counts`, `expected` and `kinds` have a row for
    each of `rows` and in it an entry for each of `columns`.
    """
    part = np.ix_(shown.rows, shown.columns)
    return {
        "rows": [_label(matrix, place, group_names) for place in shown.rows],
        "columns": [_label(matrix, place, group_names) for place in shown.columns],
        "counts": matrix.counts[part].tolist(),
        "expected": np.round(matrix.expected[part], 1).tolist(),
        "kinds": ["".join(row) for row in matrix.letters[part].tolist()],
        "thin_below": thin_below,
    }


def _label(
    matrix: Matrix, place: np.intp, group_names: dict[int, str]
) -> dict[str, Any]:
    label = matrix.labels[place]
    return {
        "id": label.label_id,
        "name": label.name,
        "group": group_names.get(label.group_id or 0, FREE),
    }
