"""Suggestions: one label or combination at a time, untick the wrong, confirm the rest.

Confirming is an ordinary answer of a person; until then nothing suggested counts as
a label anywhere.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.scoring import scoring_status
from pages.parts import layout, suggestion_status
from pages.parts.component_source import join_sources
from pages.parts.grid import TILE_SOURCES
from pages.parts.label_data import describe_groups
from storage.images import progress
from storage.label_sets import parse_key
from storage.labels import free_labels, list_groups
from storage.scores import suggested_sets, suggestion_counts

if TYPE_CHECKING:
    from mlcore.scoring import ScoringStatus
    from storage.projects import Project
    from storage.records import Label

SETS_AT_MOST = 40
_component = st.components.v2.component(
    "unseen_confirm",
    html='<div class="room confirm" tabindex="0" role="application"\n'
    ' aria-label="Confirm what the model suggests."></div>',
    css=join_sources("label_chips.css", "tiles.css", "confirm.css"),
    js=join_sources(*TILE_SOURCES, "confirm_keys.js", "confirm_look.js", "confirm.js"),
)


def show(project: Project) -> None:
    """Show how far the suggestions are and, where there are any, what to confirm."""
    status = scoring_status(project)
    if status.state == "none":
        show_no_run(status)
        return
    suggestion_status.show(project)
    choices = list_choices(project)
    if not choices:
        show_nothing(status)
        return
    _component(
        data={
            "project": project.name,
            "groups": describe_groups(project),
            "choices": choices,
            "progress": asdict(progress(project)),
        },
        key="label_confirm_component",
    )


def show_no_run(status: ScoringStatus) -> None:
    """Lead to the page that trains: nothing can suggest yet."""
    layout.empty_state(
        ":material/lightbulb:",
        "No suggestions yet",
        f"{status.message} Label some pictures, train, and come back: then whole "
        "pages of suggestions are confirmed at once.",
        action="Train a model",
        page="train.py",
        key="label_confirm_no_run",
    )


def show_nothing(status: ScoringStatus) -> None:
    """Say why there is nothing to confirm."""
    if status.is_moving:
        title = "Suggestions are on their way"
        text = "They appear here while the model reads the pictures."
    elif status.done < status.total:
        title = "No suggestions so far"
        text = "The model has not read all pictures; the line above says why."
    else:
        title = "Nothing to confirm"
        text = (
            "Whatever the model reads on the pictures, people have answered already. "
            "New pictures and new labels bring new suggestions."
        )
    layout.empty_state(":material/task_alt:", title, text, key="label_confirm_nothing")


def list_choices(project: Project) -> list[dict[str, Any]]:
    """Return the labels, then the combinations, that pictures wait to be confirmed for.

    Labels come in the order of their groups, combinations the most frequent first.
    """
    groups = [(group.name, group.labels) for group in list_groups(project)]
    free = "Other labels" if groups else "Labels"
    groups.append((free, tuple(free_labels(project))))
    counts = suggestion_counts(project)
    labels = {label.label_id: label for _, labels in groups for label in labels}
    single = [
        _choice(title, [label], counts[label.label_id])
        for title, members in groups
        for label in members
        if counts.get(label.label_id)
    ]
    return single + _combinations(project, labels)


def _combinations(project: Project, labels: dict[int, Label]) -> list[dict[str, Any]]:
    found = []
    for key, count in suggested_sets(project):
        members = [labels[label_id] for label_id in parse_key(key)]
        if len(members) > 1:
            found.append(_choice("Combinations", members, count))
    return found[:SETS_AT_MOST]


def _choice(title: str, labels: list[Label], count: int) -> dict[str, Any]:
    return {
        "key": ",".join(str(label.label_id) for label in labels),
        "ids": [label.label_id for label in labels],
        "title": title,
        "name": " · ".join(label.name for label in labels),
        "colour": labels[0].colour if len(labels) == 1 else "",
        "count": count,
    }
