"""Combinations as designed rows: count, names, expected number, pictures, actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts.component_source import join_sources
from pages.parts.coverage_likeness import likeness_note
from pages.parts.gallery import image_url
from pages.parts.text import number
from storage.label_sets import images_of_combination

if TYPE_CHECKING:
    from mlcore.coverage import Combination
    from mlcore.left_out import LeftOutStudy
    from storage.projects import Project

PICTURES_PER_ROW = 4
MISSING_ACTIONS = (("add", "Add pictures"), ("impossible", "This cannot exist"))
THIN_ACTIONS = (("show", "Show pictures"), ("add", "Add pictures"))
IMPOSSIBLE_ACTIONS = (("possible", "It can exist after all"),)

_component = st.components.v2.component(
    "unseen_coverage_rows",
    # a lone line would be read as a path to a file
    html='<div class="list">\n</div>',
    css=join_sources("coverage_list.css", "coverage_rows.css"),
    js=join_sources("coverage_rows.js"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the browser needs to draw one combination."""

    key: str
    names: tuple[str, ...]
    tier: str
    count: int
    shown: str
    expected: float
    aim: int
    words: str
    pictures: tuple[dict[str, str], ...]
    note: str = ""


def combination_rows(
    rows: Sequence[Row], actions: Sequence[tuple[str, str]], *, key: str
) -> None:
    """Draw the rows; a click is read in the next run by `take_act(key)`."""
    _component(
        data={
            "rows": [asdict(row) for row in rows],
            "actions": [{"do": do, "title": title} for do, title in actions],
        },
        key=key,
        on_act_change=lambda: None,
    )


def take_act(key: str) -> tuple[str, tuple[int, ...]] | None:
    """Return (what to do, label ids) of a click not yet acted on, else None.

    The component's state stays after the click, so its time stamp tells a new
    click from one that an earlier run has handled.
    """
    act = (st.session_state.get(key) or {}).get("act")
    if not act or st.session_state.get(f"{key}_handled") == act["at"]:
        return None
    st.session_state[f"{key}_handled"] = act["at"]
    return str(act["do"]), parse_key(str(act["key"]))


def parse_key(key: str) -> tuple[int, ...]:
    """Return the label ids of a combination key such as "3,7"."""
    return tuple(int(part) for part in key.split(",") if part.isdigit())


def make_key(label_ids: Sequence[int]) -> str:
    """Return the combination key of label ids: ascending, joined by commas."""
    return ",".join(str(label_id) for label_id in sorted(label_ids))


def missing_rows(
    project: Project,
    missing: Sequence[Combination],
    *,
    aim: int,
    study: LeftOutStudy | None = None,
) -> list[Row]:
    """Return rows of missing combinations with pictures of each of their labels."""
    shelf: dict[int, tuple[dict[str, str], ...]] = {}
    return [
        Row(
            **_facts(combination, aim),
            words=f"about {number(round(combination.expected))} if mixed evenly",
            pictures=_nearest_pictures(project, combination, shelf),
            note=likeness_note(study, combination.label_ids),
        )
        for combination in missing
    ]


def thin_rows(project: Project, thin: Sequence[Combination], *, aim: int) -> list[Row]:
    """Return rows of thin combinations with pictures of themselves."""
    return [
        Row(
            **_facts(combination, aim),
            words=f"{number(aim - combination.count)} more to be fine",
            pictures=_pictures(
                project, combination.label_ids, combination.names, PICTURES_PER_ROW
            ),
        )
        for combination in thin
    ]


def impossible_rows(marked: Sequence[Combination]) -> list[Row]:
    """Return rows of combinations that a person marked as impossible."""
    return [
        Row(
            **{**_facts(combination, 1), "tier": "impossible", "shown": "–"},
            words="left out of every count",
            pictures=(),
        )
        for combination in marked
    ]


def _facts(combination: Combination, aim: int) -> dict[str, Any]:
    return {
        "key": combination.key,
        "names": tuple(combination.names),
        "tier": combination.tier,
        "count": combination.count,
        "shown": number(combination.count),
        "expected": float(combination.expected),
        "aim": aim,
    }


def _nearest_pictures(
    project: Project,
    combination: Combination,
    shelf: dict[int, tuple[dict[str, str], ...]],
) -> tuple[dict[str, str], ...]:
    each = max(1, PICTURES_PER_ROW // len(combination.label_ids))
    found: list[dict[str, str]] = []
    for label_id, name in zip(combination.label_ids, combination.names, strict=True):
        if label_id not in shelf:
            shelf[label_id] = _pictures(project, (label_id,), (name,), each)
        found.extend(shelf[label_id])
    return tuple(found)


def _pictures(
    project: Project, label_ids: Sequence[int], names: Sequence[str], limit: int
) -> tuple[dict[str, str], ...]:
    caption = " + ".join(names)
    return tuple(
        {"url": image_url(project.name, image.sha256), "caption": caption}
        for image in images_of_combination(project, tuple(label_ids), limit=limit)
    )
