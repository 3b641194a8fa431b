"""The board of proposed groups: what the browser is told, and what it reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.group_proposals import Fit, breaking_sets, measure_fit
from pages.parts.component_source import join_sources
from pages.parts.first_labels import RULE_WORDS
from pages.parts.gallery import image_url
from storage.groups import RULES
from storage.images import list_images
from storage.label_sets import label_sets, make_key
from storage.labels import free_labels, label_counts
from storage.records import Filter, Label, LabelSet

if TYPE_CHECKING:
    from mlcore.group_offers import GroupOffer
    from storage.projects import Project

Wanted = tuple[str, str, tuple[int, ...]]
LONGEST_NAME = 200
BREAKING_SHOWN = 5
# Where more break a group it is no group yet: a handful of them says nothing.
BREAKING_AT_MOST = 0.1

_component = st.components.v2.component(
    "unseen_group_board",
    # a lone line would be read as a path to a file
    html='<div class="board">\n</div>',
    css=join_sources("group_board.css"),
    js=join_sources("dom.js", "group_board.js", "group_board_moves.js"),
)


def group_board(
    project: Project, offers: Sequence[GroupOffer], *, signature: str, key: str
) -> tuple[str, list[Wanted]] | None:
    """Draw the board; return a click, make or dismiss, with the groups as they stand.

    `signature` tells one offer from another: what a person moved and named is kept
    while it stays.
    """
    free = free_labels(project)
    known = {label.label_id for label in free}
    told = (st.session_state.get(key) or {}).get("groups")
    groups = read_groups(told, signature, known)
    if groups is None:
        groups = [(offer.name, offer.rule, offer.label_ids) for offer in offers]
    result: Any = _component(
        data=describe(project, groups, free) | {"signature": signature},
        key=key,
        default={"groups": None},
        on_groups_change=lambda: None,
        on_act_change=lambda: None,
    )
    return read_act(result.act, signature, known)


def describe(
    project: Project, groups: Sequence[Wanted], free: Sequence[Label]
) -> dict[str, Any]:
    """Return what the browser needs to draw these groups and the labels in none."""
    counts = label_counts(project)
    sets = label_sets(project)
    return {
        "groups": [{"name": n, "rule": r, "ids": list(ids)} for n, r, ids in groups],
        "labels": {
            str(label.label_id): {
                "name": label.name,
                "colour": label.colour,
                "count": counts.get(label.label_id, 0),
            }
            for label in free
        },
        # the most used first: the browser draws only so many
        "rest": sorted((x.label_id for x in free), key=lambda i: -counts.get(i, 0)),
        "rules": [{"value": r, "title": f"Shows {RULE_WORDS[r]}"} for r in RULES],
        "fits": {make_key(ids): describe_fit(project, sets, ids) for *_, ids in groups},
    }


def describe_fit(
    project: Project, sets: Sequence[LabelSet], label_ids: tuple[int, ...]
) -> dict[str, Any]:
    """Return how many images fit a group, and pictures of some that do not."""
    fit = measure_fit(sets, label_ids)
    pictures = []
    if 0 < fit.several + fit.none <= BREAKING_AT_MOST * fit.total:
        pictures = breaking_pictures(project, sets, label_ids)
    return fit_counts(fit) | {"pictures": pictures}


def fit_counts(fit: Fit) -> dict[str, Any]:
    """Return the counts under the names that the browser reads."""
    return {
        "one": fit.one,
        "none": fit.none,
        "several": fit.several,
        "total": fit.total,
    }


def breaking_pictures(
    project: Project, sets: Sequence[LabelSet], label_ids: tuple[int, ...]
) -> list[dict[str, str]]:
    """Return the first pictures that break a group: two of its labels, then none."""
    found: list[dict[str, str]] = []
    for label_set in breaking_sets(sets, label_ids)[:BREAKING_SHOWN]:
        wanted = Filter(state="labelled", set_key=label_set.key)
        for image in list_images(project, wanted, limit=BREAKING_SHOWN):
            yes = len(set(label_ids).intersection(label_set.label_ids))
            words = f"{image.name}: {'several of these' if yes else 'none of these'}"
            url = image_url(project.name, image.sha256)
            found.append({"url": url, "words": words})
    return found[:BREAKING_SHOWN]


def read_act(
    value: object, signature: str, known: Collection[int]
) -> tuple[str, list[Wanted]] | None:
    """Return a click on one of the two buttons, if it is of this offer."""
    groups = read_groups(value, signature, known)
    if groups is None or not isinstance(value, Mapping):
        return None
    do = value.get("do")
    return (str(do), groups) if do in ("make", "dismiss") else None


def read_groups(
    value: object, signature: str, known: Collection[int]
) -> list[Wanted] | None:
    """Return the groups that the browser reports; None when they cannot be right."""
    if not isinstance(value, Mapping) or value.get("of") != signature:
        return None
    rows = value.get("groups")
    if not isinstance(rows, list) or not all(isinstance(x, Mapping) for x in rows):
        return None
    groups = [
        (str(row.get("name", ""))[:LONGEST_NAME], row.get("rule"), row.get("ids"))
        for row in rows
    ]
    ids = [i for *_, part in groups for i in (part if isinstance(part, list) else [0])]
    is_right = (
        all(isinstance(i, int) and i in known for i in ids)
        and len(set(ids)) == len(ids)
        and all(rule in RULES for _, rule, _ in groups)
    )
    return (
        [(n, str(r), tuple(part or ())) for n, r, part in groups] if is_right else None
    )
