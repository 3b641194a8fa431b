"""Which combination the Coverage page's panel shows, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import coverage_cell, coverage_rows

if TYPE_CHECKING:
    from mlcore import coverage
    from storage.projects import Project

# (project's name, combination key); another page may set it and come here.
CHOSEN_KEY = "coverage_chosen"
GAPS_LOOKED_AT = 500


def chosen_key(
    project: Project, data: dict[str, Any], gaps: Sequence[coverage.Combination]
) -> str:
    """Return the combination key chosen in this project; at first the largest gap.

    Rather one that the map shows.
    """
    name, key = st.session_state.get(CHOSEN_KEY, ("", ""))
    if name == project.name:
        return str(key)
    if not gaps:
        return ""
    shown = {label["id"] for label in [*data["rows"], *data["columns"]]}
    near = gaps[:GAPS_LOOKED_AT]
    first = next((gap for gap in near if shown.issuperset(gap.label_ids)), near[0])
    # kept, so that the panel stays with its cell when that cell is no gap any more
    st.session_state[CHOSEN_KEY] = (project.name, first.key)
    return first.key


def find_cell(
    found: coverage.Coverage, pairs: coverage.PairMap, key: str
) -> coverage_cell.Cell | None:
    """Return what is known of a combination key; None for one that is gone."""
    label_ids = coverage_rows.parse_key(key)
    known = found.find(label_ids)
    if known:
        return as_cell(known, found)
    places = {label.label_id: at for at, label in enumerate(pairs.labels)}
    at = [places[label_id] for label_id in label_ids if label_id in places]
    if not at or len(at) != len(label_ids) or len(at) > 2:
        return None
    first, last = at[0], at[-1]
    totals = int(pairs.counts[first, first]) * int(pairs.counts[last, last])
    return coverage_cell.Cell(
        label_ids,
        tuple(pairs.labels[place].name for place in at),
        int(pairs.counts[first, last]),
        totals / max(1, found.images),
        impossible=False,
        aim=found.thin_below,
    )


def as_cell(
    combination: coverage.Combination, found: coverage.Coverage
) -> coverage_cell.Cell:
    """Return a combination as the panel shows it."""
    names = {x.label_id: g.name for g in found.groups for x in g.labels}
    own = [names[i] for i in combination.label_ids if i in names]
    return coverage_cell.Cell(
        combination.label_ids,
        combination.names,
        combination.count,
        combination.expected,
        combination.tier == "impossible",
        found.thin_below,
        groups=tuple(own) if len(own) == len(combination.label_ids) else (),
    )
