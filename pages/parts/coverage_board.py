"""What the map shows for a wish: the same for the page, its pictures and its JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from mlcore.coverage import pair_map
from pages.parts.coverage_cut import Wish, cut
from pages.parts.coverage_map import map_data
from pages.parts.coverage_matrix import build_matrix
from pages.parts.text import number
from storage import label_sets, labels
from storage.home import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pages.parts.coverage_cut import Cut
    from storage.projects import Project
    from storage.records import Group

SPLITS = {"train": "Training", "validation": "Validation", "test": "Test"}
ORDERS = {
    "own": "As you ordered them",
    "gaps": "Most gaps first",
    "alike": "Alike together",
}


def read_board(project: Project, wish: Wish) -> dict[str, Any]:
    """Return the map as the browser draws it, with its title and what was left out."""
    groups = labels.list_groups(project)
    sets = label_sets.label_sets(project, split=wish.split)
    thin_below = load_settings().thin_below
    matrix = build_matrix(
        pair_map(sets, groups, labels.free_labels(project)),
        groups,
        images=sum(found.count for found in sets),
        thin_below=thin_below,
        impossible=label_sets.list_impossible(project),
    )
    shown = cut(matrix, wish)
    names = {group.group_id: group.name for group in groups}
    return {
        **map_data(matrix, shown, names, thin_below=thin_below),
        "title": title_of(wish, groups),
        "left_out": cut_words(shown),
        "empty": empty_words(wish),
        "files": file_addresses(project.name, wish),
    }


def title_of(wish: Wish, groups: Sequence[Group]) -> str:
    """Return "colour × garment · Training", plain text."""
    names = {group.group_id: group.name for group in groups}
    which = "All labels"
    if wish.between:
        which = " × ".join(names.get(group_id, "") for group_id in wish.between)
    return f"{which} · {SPLITS[wish.split]} pictures" if wish.split else which


def cut_words(shown: Cut) -> str:
    """Say how many labels are not shown, "" when all are."""
    if not shown.is_cut:
        return ""
    parts = [
        f"the worst {number(len(kept))} of {number(of)} {noun}"
        for kept, of, noun in (
            (shown.rows, shown.of_rows, "rows"),
            (shown.columns, shown.of_columns, "columns"),
        )
        if len(kept) < of
    ]
    return f"Shown are {' and '.join(parts)}; the search finds the others."


def empty_words(wish: Wish) -> str:
    """Say why the map is empty."""
    if wish.find.strip():
        return f"No label here is called “{wish.find.strip()}”."
    if wish.only_problems:
        return "No problems here: every combination is on enough pictures."
    return "There are no labels to show."


def file_addresses(project_name: str, wish: Wish) -> dict[str, str]:
    """Return where this map is as SVG and JSON, and what a saved picture is called."""
    base = f"/api/{quote(project_name)}/coverage/map"
    query = to_query(wish)
    ending = f"?{query}" if query else ""
    return {
        "svg": f"{base}.svg{ending}",
        "json": f"{base}.json{ending}",
        "name": f"{project_name}-coverage",
    }


def to_query(wish: Wish) -> str:
    """Return the wish as an address has it; `from_query` reads it."""
    parts = {
        "between": ",".join(map(str, wish.between or ())),
        "order": "" if wish.order == "own" else wish.order,
        "problems": "1" if wish.only_problems else "",
        "find": wish.find,
        "split": wish.split or "",
    }
    return urlencode({name: value for name, value in parts.items() if value})


def from_query(query: Mapping[str, str]) -> Wish:
    """Return the wish of an address; what it cannot mean counts as not said."""
    ids = [int(x) for x in query.get("between", "").split(",") if x.isdecimal()]
    order, split = query.get("order", "own"), query.get("split", "")
    return Wish(
        between=(ids[0], ids[1]) if len(ids) == 2 else None,
        order=order if order in ORDERS else "own",
        only_problems=query.get("problems") == "1",
        find=query.get("find", "")[:200],
        split=split if split in SPLITS else None,
    )
