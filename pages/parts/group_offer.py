"""Where labels look like groups: offer to make them, in one click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import side_process
from mlcore.group_offers import (
    dismiss_offer,
    is_dismissed,
    make_groups,
    offer_again,
    offer_groups,
    offer_key,
    twins_of,
)
from pages.parts import group_rules, schema_acts, session
from pages.parts.group_board import Wanted, group_board
from pages.parts.text import counted, escape
from storage.labels import list_groups
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.group_offers import GroupOffer
    from storage.projects import Project

BOARD_KEY = "group_board"
# The offers as of the last write into the project: kept until the next one.
KEPT = "group_offers_kept"
MADE = "group_offer_made"
TWINS_SHOWN = 3
EXPLANATION = (
    "A group holds labels that answer one question, such as *colour* or *garment*: "
    "only then can Unseen say which combinations ought to exist and do not."
)


def show(project: Project) -> None:
    """Draw the offer, or what groups are for, or nothing where groups are there and
    no free labels look like another; then the pictures that break a group's rule."""
    show_made(project)
    show_offer_or_explanation(project)
    group_rules.show(project)


def show_offer_or_explanation(project: Project) -> None:
    """Draw the offer, or where there is none and no groups either what they are for."""
    offers = offers_of(project)
    if is_offered(project, offers):
        show_offer(project, offers)
    elif all(group.rule == "any" for group in list_groups(project)):
        show_explanation(can_offer=bool(offers))


def show_on_schema(project: Project) -> None:
    """Draw the offer above the groups, where there is one."""
    offers = offers_of(project)
    if is_offered(project, offers):
        show_offer(project, offers)


def offers_of(project: Project) -> list[GroupOffer]:
    """Return what is offered; looked for again only after somebody wrote."""
    looks = (project.name, side_process.fingerprint(project.folder / "groups"))
    kept_looks, kept = st.session_state.get(KEPT, (None, []))
    if kept_looks != looks:
        kept = offer_groups(project)
        st.session_state[KEPT] = (looks, kept)
    offers: list[GroupOffer] = kept
    return offers


def is_offered(project: Project, offers: Sequence[GroupOffer]) -> bool:
    """Whether there is an offer that nobody has dismissed."""
    return bool(offers) and not is_dismissed(project, offers)


def show_offer(project: Project, offers: Sequence[GroupOffer]) -> None:
    """Draw the proposed groups and carry out what is clicked."""
    with st.container(border=True, key="group_offer", gap="small"):
        st.markdown("## Make label groups")
        st.markdown(f"{offer_words(offers)} {EXPLANATION}")
        show_twins(twins_of(project, offers))
        signature = f"{project.name} {offer_key(offers)}"
        act = group_board(project, offers, signature=signature, key=BOARD_KEY)
        if act is not None:
            carry_out(project, offers, *act)


def offer_words(offers: Sequence[GroupOffer]) -> str:
    """Return a sentence on what was found."""
    if len(offers) == 1:
        labels = counted(len(offers[0].label_ids), "label")
        return (
            f"**{labels}** look like one group: hardly any picture shows two of them."
        )
    return (
        f"Your labels look like **{len(offers)} groups**: hardly any picture shows two "
        "labels of the same one."
    )


def show_twins(twins: Sequence[tuple[str, str]]) -> None:
    """Say of which labels the counts cannot tell in which group they belong."""
    if not twins:
        return
    pairs = [f"**{escape(a)}** and **{escape(b)}**" for a, b in twins[:TWINS_SHOWN]]
    more = len(twins) - len(pairs)
    if more > 0:
        pairs.append(counted(more, "more pair"))
    st.markdown(
        f":violet[:material/link:] {'; '.join(pairs)} are always seen together, so the "
        "counts cannot tell their groups apart: move them where they belong."
    )


def carry_out(
    project: Project, offers: Sequence[GroupOffer], do: str, wanted: Sequence[Wanted]
) -> None:
    """Make the groups or put the offer away, and draw the page again."""
    if do == "dismiss":
        dismiss_offer(project, offers)
        st.rerun()
    names = ", ".join(f"**{escape(name.strip())}**" for name, *_ in wanted)
    noun = "group" if len(wanted) == 1 else "groups"
    sentence = f"Made the {noun} {names}"
    refusal = schema_acts.carry_out(
        sentence, lambda p: make_groups(p, wanted, who=session.who())
    )
    if refusal:
        st.error(refusal)
        return
    st.session_state[MADE] = (project.name, sentence)
    group_rules.open_in_next_run()
    st.rerun()


def show_made(project: Project) -> None:
    """Say which groups were just made, with the undo, while it is the last step."""
    name, sentence = st.session_state.get(MADE, ("", ""))
    done = schema_acts.steps_of(project).done
    if name != project.name or not done or done[-1][1] != sentence:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="group_made"):
        st.markdown(f":green[:material/check:] {sentence}", width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key="group_made_undo",
            on_click=schema_acts.take_back,
        )


def show_explanation(*, can_offer: bool) -> None:
    """Say what label groups are for and where they are made by hand."""
    with st.container(border=True, key="coverage_propose", gap="small"):
        st.markdown("## Make label groups")
        st.markdown(f"{EXPLANATION} Until then every two labels count as a pair.")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "label.py", label="Label → Labels and groups", icon=":material/sell:"
            )
            if can_offer:
                st.button(
                    "Show the proposal",
                    icon=":material/auto_awesome:",
                    key="group_offer_again",
                    on_click=bring_back,
                )


def bring_back() -> None:
    """Offer again what was dismissed."""
    with session.open_current() as project:
        offer_again(project)


def tell_import(project_name: str) -> None:
    """Say after an import that labels look like groups; nothing when none do."""
    with open_project(project_name) as project:
        offers = offers_of(project)
        if not is_offered(project, offers):
            return
    names = ", ".join(f"**{escape(offer.name)}**" for offer in offers)
    st.markdown(
        f":violet[:material/category:] The labels look like "
        f"{counted(len(offers), 'group')}: {names}. Coverage makes them in one click.",
        text_alignment="center",
    )
