"""The shopping list on the Coverage page: what to collect, why, and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from mlcore.shopping import fewest_new
from mlcore.shopping_items import ADVISED, list_items
from mlcore.shopping_targets import WANTED_AT_MOST, list_targets, set_target
from pages.parts import group_offer
from pages.parts.component_source import join_sources
from pages.parts.coverage_likeness import NAME, likeness_words
from pages.parts.coverage_rows import make_key, parse_key
from pages.parts.session import flash
from pages.parts.shopping_words import progress_words, reason_words
from pages.parts.text import counted, escape, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.coverage import Coverage
    from mlcore.left_out import LeftOutStudy
    from mlcore.shopping_items import Item
    from storage.projects import Project

LIST_KEY = "coverage_shopping_list"
LIMIT_KEY = "coverage_shopping_limit"
NOT_INSIDE = " Pairs inside a group that is offered above are not asked for."
# Which items of which project were done when the list was last drawn.
DONE_KEY = "coverage_shopping_done"

_component = st.components.v2.component(
    "unseen_shopping_list",
    # a lone line would be read as a path to a file
    html='<div class="list">\n</div>',
    css=join_sources("coverage_list.css", "coverage_shopping.css"),
    js=join_sources("coverage_shopping.js"),
)


def take_list_act() -> dict[str, Any] | None:
    """Return what was done in the list and not yet obeyed, else None."""
    act = (st.session_state.get(LIST_KEY) or {}).get("act")
    if not act or st.session_state.get(f"{LIST_KEY}_handled") == act["at"]:
        return None
    st.session_state[f"{LIST_KEY}_handled"] = act["at"]
    return dict(act)


def obey_list(project: Project, act: dict[str, Any]) -> None:
    """Carry out a changed number, or take a combination off the list."""
    label_ids = parse_key(str(act["key"]))
    if act["do"] == "drop":
        set_target(project, label_ids, None)
    elif act["do"] == "target" and isinstance(act.get("wanted"), int):
        set_target(project, label_ids, min(max(1, act["wanted"]), WANTED_AT_MOST))


def show_shopping_list(
    project: Project, found: Coverage, study: LeftOutStudy | None
) -> None:
    """Show the list with its files to take away; a line when there is nothing to do."""
    limit = st.session_state.get(LIMIT_KEY, ADVISED)
    offers = group_offer.offers_of(project)
    offers = offers if group_offer.is_offered(project, offers) else []
    items = list_items(project, found, advised=limit, study=study, offers=offers)
    more = sum(item.advice is not None for item in items) == limit
    with st.container(border=True, key="coverage_shopping", gap="small"):
        st.markdown("## Shopping list")
        if not items:
            st.markdown(
                ":green[:material/check_circle:] Nothing to collect: every combination "
                "is on enough pictures."
            )
            return
        st.caption(summary(items) + (NOT_INSIDE if offers else ""))
        st.caption(expected_words(found))
        needed = fewest_new(found)
        if needed:
            st.caption(needed_words(needed))
        _component(
            data={"items": [as_row(item, study) for item in items]},
            key=LIST_KEY,
            on_act_change=lambda: None,
        )
        _show_foot(project, more=more, limit=limit)
    _celebrate(project, items)


def summary(items: Sequence[Item]) -> str:
    """Say how much is left to collect, and how many are done."""
    left = sum(item.left for item in items)
    done = sum(item.is_done for item in items)
    words = f"{counted(left, 'picture')} to collect, what helps a model most first."
    if not left:
        words = "All collected."
    elif done:
        words += f" {number(done)} of {number(len(items))} are done."
    return f"{words} Even five pictures of one, from different places, help a lot."


def expected_words(found: Coverage) -> str:
    """Say what "expected" means in the rows."""
    names = [group.name for group in found.groups if group.rule != "any"]
    mixed = " and ".join(f"*{escape(name)}*" for name in names)
    return (
        "“Expected” is how many one would find if "
        f"{mixed if len(names) == 2 else 'labels'} were mixed evenly."
    )


def needed_words(needed: int) -> str:
    """Say how many combinations are needed before all others can be worked out."""
    verb = "is" if needed == 1 else "are"
    return (
        f"At least {counted(needed, 'new combination')} {verb} needed before "
        f"{NAME} (recipe) can work out all the others; the list starts with such."
    )


def as_row(item: Item, study: LeftOutStudy | None) -> dict[str, Any]:
    """Return what the browser draws of one item."""
    return {
        "key": item.key,
        "names": list(item.names),
        "have": item.have,
        "wanted": item.wanted,
        "kept": item.is_kept,
        "done": item.is_done,
        "reason": reason_words(item),
        "progress": progress_words(item),
        "expect": "" if item.have else _expect(study, item),
    }


def _expect(study: LeftOutStudy | None, item: Item) -> str:
    return likeness_words(study, item.label_ids, item.names)


def _show_foot(project: Project, *, more: bool, limit: int) -> None:
    base = f"/api/{quote(project.name)}/coverage"
    with st.container(horizontal=True, key="coverage_shopping_foot"):
        if more:
            st.button(
                "Show more",
                key="coverage_shopping_more",
                icon=":material/expand_more:",
                on_click=_raise_limit,
                args=(2 * limit,),
            )
        st.link_button(
            "Sheet to print", f"{base}/sheet?advised={limit}", icon=":material/print:"
        )
        st.link_button(
            "CSV", f"{base}/list.csv?advised={limit}", icon=":material/download:"
        )


def _raise_limit(limit: int) -> None:
    st.session_state[LIMIT_KEY] = limit


def _celebrate(project: Project, items: Sequence[Item]) -> None:
    """Say once, in a corner, what was completed since the list was last looked at."""
    done = {item.key: item for item in items if item.is_done}
    name, before = st.session_state.get(DONE_KEY, ("", frozenset()))
    st.session_state[DONE_KEY] = (project.name, frozenset(done))
    if name != project.name:
        return
    for key, item in done.items():
        if key not in before:
            st.toast(
                f"**{escape(' '.join(item.names))}**: all {number(item.wanted)} "
                "collected.",
                icon=":material/celebration:",
            )


def add_button(
    project: Project, label_ids: Sequence[int], wanted: int, *, key: str
) -> None:
    """Show the button that puts a combination on the list, or that it is on it."""
    if make_key(label_ids) in {target.key for target in list_targets(project)}:
        st.button("On the list", icon=":material/check:", key=key, disabled=True)
    elif st.button(
        "Add to the shopping list", icon=":material/add_shopping_cart:", key=key
    ):
        set_target(project, label_ids, wanted)
        flash("On the shopping list.")
        st.rerun()
