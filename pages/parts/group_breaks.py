"""Pictures against the rule of a group: each with the labels to choose from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.rule_repairs import find_repairs, settle
from pages.parts import health_done, session
from pages.parts.component_source import join_sources
from pages.parts.gallery import image_url
from pages.parts.text import counted, number

if TYPE_CHECKING:
    from mlcore.rule_repairs import Repair
    from storage.projects import Project

# The check of the Health half that finds these pictures.
CHECK = "rules"

_component = st.components.v2.component(
    "unseen_group_breaks",
    # a lone line would be read as a path to a file
    html='<div class="breaks">\n</div>',
    css=join_sources("group_breaks.css"),
    js=join_sources("dom.js", "group_breaks.js"),
)


def show_repairs(project: Project, image_ids: Sequence[int]) -> None:
    """Draw these pictures, and settle the one that is clicked."""
    repairs = find_repairs(project, image_ids)
    result: Any = _component(
        data={"repairs": [describe(project.name, repair) for repair in repairs]},
        key=f"group_breaks_{project.name}",
        on_act_change=lambda: None,
    )
    chosen = read_act(result.act, repairs)
    if chosen is not None:
        settle_all(project, [chosen])


def describe(project_name: str, repair: Repair) -> dict[str, Any]:
    """Return what the browser needs to draw one picture with its choices."""
    return {
        "image": repair.image.image_id,
        "name": repair.image.name,
        "url": image_url(project_name, repair.image.sha256),
        "large": image_url(project_name, repair.image.sha256, large=True),
        "group": repair.group.name,
        "crowded": repair.is_crowded,
        "choices": [
            {
                "id": choice.label_id,
                "name": choice.name,
                "newest": choice.is_newest,
                "probability": choice.probability,
            }
            for choice in repair.choices
        ],
    }


def read_act(value: object, repairs: Collection[Repair]) -> tuple[int, int] | None:
    """Return (image, label) of a click, unless nobody could have made it."""
    if not isinstance(value, Mapping):
        return None
    act = (value.get("image"), value.get("label"))
    known = {(r.image.image_id, c.label_id) for r in repairs for c in r.choices}
    return next((pair for pair in known if pair == act), None)


def show_for_all(project: Project, image_ids: Sequence[int]) -> None:
    """Draw a button for the newest answers and one for what a model is sure of."""
    repairs = find_repairs(project, image_ids)
    newest = [(r.image.image_id, r.newest) for r in repairs if r.newest is not None]
    sure = [(r.image.image_id, r.sure) for r in repairs if r.sure is not None]
    offer(project, "Keep the newest answers", newest, "newest")
    offer(project, "Keep what the model is sure of", sure, "sure")


def show_no_way_back() -> None:
    """Draw what stands where the undo will be, so that no picture moves."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Click the label that is right.", width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            disabled=True,
            key="group_breaks_undo",
        )


def offer(
    project: Project, title: str, chosen: list[tuple[int, int]], key: str
) -> None:
    """Draw a button that settles all of these, where there is one to settle."""
    if chosen and st.button(
        f"{title} ({number(len(chosen))})", key=f"group_breaks_{key}"
    ):
        settle_all(project, chosen)


def settle_all(project: Project, chosen: list[tuple[int, int]]) -> None:
    """Say yes to the chosen labels, keep the way back, and draw the page again."""
    done = settle(project, chosen, who=session.who())
    words = f"{counted(done.images, 'picture')} settled"
    health_done.keep(project, CHECK, words, done.batch_ids)
    st.rerun()
