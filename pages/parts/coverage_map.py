"""The map of label against label, drawn as a table of buttons in the browser."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.combinations import tier_of
from pages.parts.component_source import join_sources
from pages.parts.coverage_rows import make_key

if TYPE_CHECKING:
    from mlcore.coverage import PairMap

# An empty pair with a free label is a gap only if chance alone would have filled it.
EXPECTED_FOR_A_GAP = 3.0

_component = st.components.v2.component(
    "unseen_coverage_map",
    # a lone line would be read as a path to a file
    html='<div class="map">\n</div>',
    css=join_sources("coverage_map.css"),
    js=join_sources("coverage_map.js"),
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
    pairs: PairMap,
    group_names: dict[int, str],
    *,
    images: int,
    thin_below: int,
    impossible: Collection[tuple[int, ...]] = (),
) -> dict[str, Any]:
    """Return what the browser draws: labels, counts and one letter per cell.

    Letters: x cannot go together, d the label itself, i marked impossible,
    u unseen, r none but none expected, t trace, h thin, f fine.
    """
    counts = [[int(count) for count in row] for row in pairs.counts]
    barred = {make_key(ids) for ids in impossible}
    kinds = [
        "".join(
            _kind(pairs, counts, (row, column), images, thin_below, barred)
            for column in range(len(counts))
        )
        for row in range(len(counts))
    ]
    everything = list(range(len(counts)))
    return {
        "labels": [
            {
                "id": label.label_id,
                "name": label.name,
                "group": group_names.get(label.group_id or 0, "free"),
                "total": counts[place][place],
            }
            for place, label in enumerate(pairs.labels)
        ],
        "rows": everything,
        "columns": everything,
        "counts": counts,
        "kinds": kinds,
        "total": images,
        "thin_below": thin_below,
    }


def between_groups(data: dict[str, Any], first: str, second: str) -> dict[str, Any]:
    """Return the map with the labels of one group as rows, of another as columns."""

    def members(group: str) -> list[int]:
        labels = enumerate(data["labels"])
        return [place for place, label in labels if label["group"] == group]

    return {**data, "rows": members(first), "columns": members(second)}


def _kind(
    pairs: PairMap,
    counts: list[list[int]],
    cell: tuple[int, int],
    images: int,
    thin_below: int,
    barred: set[str],
) -> str:
    row, column = cell
    if row == column:
        return "d"
    if pairs.exclusive[row][column]:
        return "x"
    labels = pairs.labels[row], pairs.labels[column]
    if make_key([label.label_id for label in labels]) in barred:
        return "i"
    if counts[row][column] == 0:
        expected = counts[row][row] * counts[column][column] / max(1, images)
        free = any(label.group_id is None for label in labels)
        return "r" if free and expected < EXPECTED_FOR_A_GAP else "u"
    return tier_letter(counts[row][column], thin_below)


def tier_letter(count: int, thin_below: int) -> str:
    """Return t, h or f for a count above zero."""
    return {"trace": "t", "thin": "h", "fine": "f"}[tier_of(count, thin_below)]
