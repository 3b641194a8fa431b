"""One finding: what it is, its pictures, and what one click does about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from mlcore import data_health, health_acts
from mlcore.health_queues import PREFIX
from pages.parts import group_breaks, health_done, health_pictures, session
from pages.parts.text import counted, number
from storage.dismissals import dismiss, restore

if TYPE_CHECKING:
    from mlcore.data_health import Finding
    from mlcore.duplicate_families import Family
    from storage.projects import Project

PER_PAGE = {"family": 12, "picture": 60}
REPAIRS_PER_PAGE = 12
ICONS = {"delete": "orange", "look": "orange", "split": "red", "copies": "orange"}


def was_acted_on(project: Project, finding: Finding) -> bool:
    """Whether the last act on this finding can still be undone here."""
    return health_done.read(project, finding.check.key) is not None


def show(project: Project, finding: Finding) -> None:
    """Draw the line of a finding; its pictures are read only when it is open."""
    key = finding.check.key
    opened = f"health_open_{key}"
    # With another count the title is another widget, closed unless told otherwise.
    st.session_state[opened] = bool(st.session_state.get(opened))
    box = st.expander(
        title_of(finding), icon=":material/warning:", key=opened, on_change="rerun"
    )
    if not box.open:
        return
    with box:
        show_body(project, finding)


def show_body(project: Project, finding: Finding) -> None:
    """Draw what a finding is, its pictures, and what can be done about them."""
    key = finding.check.key
    st.caption(finding.check.explanation)
    toolbar = st.container(
        horizontal=True, vertical_alignment="center", key=f"health_tools_{key}"
    )
    shown = show_page(finding)
    chosen: list[Family] = []
    act = None
    if key == group_breaks.CHECK:
        group_breaks.show_repairs(project, [image_id for (image_id,) in shown])
    else:
        chosen, act = health_pictures.show(project, finding, shown)
    with toolbar:
        show_tools(project, finding, chosen)
    # Pictures are settled one after the other: the way back stays in sight above.
    place = toolbar if key == group_breaks.CHECK else st.container()
    with place:
        health_done.show(project, key)
        if key == group_breaks.CHECK and not was_acted_on(project, finding):
            group_breaks.show_no_way_back()
    if act is not None:
        carry_out(project, finding, act)


def title_of(finding: Finding) -> str:
    """Return "Near copies · 15 families, 32 pictures"."""
    pictures = counted(len(finding.image_ids), "picture")
    if finding.check.noun == "picture":
        return f"**{finding.check.title}** · {pictures}"
    families = counted(len(finding.families), "family", "families")
    return f"**{finding.check.title}** · {families}, {pictures}"


def show_page(finding: Finding) -> list[Family]:
    """Draw the page numbers where one page is not enough; return its families."""
    is_repair = finding.check.key == group_breaks.CHECK
    per_page = REPAIRS_PER_PAGE if is_repair else PER_PAGE[finding.check.noun]
    pages = math.ceil(len(finding.families) / per_page)
    page = 1
    if pages > 1:
        key = f"health_page_{finding.check.key}_{pages}"
        page = min(st.pagination(pages, key=key), pages)
    return finding.families[(page - 1) * per_page : page * per_page]


def show_tools(project: Project, finding: Finding, chosen: list[Family]) -> None:
    """Draw what can be done with the chosen ones, or with all of the finding."""
    families = chosen or finding.families
    if not families:
        st.caption("Nothing left of this.")
        return
    which = f"{number(len(chosen))} selected" if chosen else "all"
    if finding.check.action in ("delete", "copies"):
        show_delete(project, finding, families, which)
    elif finding.check.action == "split":
        show_split(project, finding)
    elif finding.check.key == group_breaks.CHECK:
        group_breaks.show_for_all(project, finding.image_ids)
    if st.button(
        "Open in Label",
        icon=":material/sell:",
        key=f"health_label_{finding.check.key}",
    ):
        open_in_label(project, finding)
    st.button(
        f"Dismiss {which}",
        icon=":material/visibility_off:",
        type="tertiary",
        help="Never shown again here; the pictures stay as they are.",
        key=f"health_dismiss_{finding.check.key}",
        on_click=dismiss_families,
        args=(project.name, finding.check.key, families),
    )


def show_delete(
    project: Project, finding: Finding, families: list[Family], which: str
) -> None:
    """Draw the button that deletes; it asks once and says what stays."""
    key = finding.check.key
    if finding.check.action == "copies":
        surplus = health_acts.surplus_copies(project, families)
        title = f"Delete {counted(len(surplus), 'copy', 'copies')}"
        words = (
            "Of each family the picture with the most answers stays, of equal ones "
            "the largest. Families with different labels are left as they are."
        )
    else:
        surplus = [image_id for family in families for image_id in family]
        title = f"Delete {which}"
        words = f"This deletes {counted(len(surplus), 'picture')}."
    with st.popover(title, icon=":material/delete:", disabled=not surplus):
        st.markdown(f"{words} It can be undone.")
        if st.button("Yes, delete", type="primary", key=f"health_yes_{key}"):
            done = health_acts.delete(project, surplus, who=session.who())
            health_done.keep(project, key, f"{deleted(done.images)}", done.batch_ids)
            st.rerun()


def show_split(project: Project, finding: Finding) -> None:
    """Draw the button that moves every family into the split most of it is in."""
    moves = health_acts.plan_one_split(project, finding.families)
    if st.button(
        f"Move {counted(len(moves), 'picture')} to the rest of the family",
        icon=":material/move_item:",
        help="Each family goes into the split in which most of it is already. "
        "Earlier runs keep their own.",
        key="health_split",
    ):
        move(project, finding.check.key, finding.families)


def deleted(count: int) -> str:
    """Return "3 pictures deleted"."""
    return f"{counted(count, 'picture')} deleted"


def move(project: Project, key: str, families: list[Family]) -> None:
    """Move families into one split each and draw the page again."""
    done = health_acts.into_one_split(project, families, who=session.who())
    words = f"{counted(done.images, 'picture')} moved"
    health_done.keep(project, key, words, done.batch_ids)
    st.rerun()


def carry_out(project: Project, finding: Finding, act: health_pictures.Act) -> None:
    """Do what was clicked on one family."""
    key = finding.check.key
    if act.do == "dismiss":
        dismiss_families(project.name, key, [act.family])
    elif act.do == "split":
        move(project, key, [act.family])
    elif act.do == "keep":
        others = [i for i in act.family if i != act.keep]
        done = health_acts.delete(project, others, who=session.who())
        health_done.keep(project, key, deleted(done.images), done.batch_ids)
    st.rerun()


def dismiss_families(project_name: str, key: str, families: list[Family]) -> None:
    """Never show these families under this finding again."""
    with session.open_current() as project:
        ids = [image_id for family in families for image_id in family]
        dismiss(project, key, ids, who=session.who())
        words = f"{counted(len(ids), 'picture')} will not be shown again"
        health_done.keep(project, key, words, (), tuple(ids))


def show_dismissed(project: Project, findings: list[Finding]) -> None:
    """Draw one line on what was dismissed, with a button that shows it again."""
    hidden = [finding for finding in findings if finding.dismissed]
    if not hidden:
        return
    count = sum(finding.dismissed for finding in hidden)
    with st.container(horizontal=True, vertical_alignment="center"):
        titles = ", ".join(finding.check.title.lower() for finding in hidden)
        st.caption(f"{number(count)} dismissed: {titles}.", width="content")
        if st.button("Show again", type="tertiary", key="health_restore"):
            for finding in hidden:
                restore(project, finding.check.key)
                health_done.forget(finding.check.key)
            st.rerun()


def open_in_label(project: Project, finding: Finding) -> None:
    """Go to the Label page with the finding as its queue."""
    is_few = finding.check.key in (data_health.LEAKS, "unlike", "rules")
    st.switch_page(
        "label.py",
        query_params={
            "project": project.name,
            "view": "one" if is_few else "grid",
            "state": "all",
            "queue": PREFIX + finding.check.key,
        },
    )
