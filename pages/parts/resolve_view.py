"""Resolve: images on which two people disagree, settled one by one."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from mlcore.agreement import Agreement, describe_kappa, measure_agreement
from pages.parts import layout, resolve_undo, session
from pages.parts.gallery import image_url
from pages.parts.text import counted, escape
from storage.errors import StorageError
from storage.images import get_images
from storage.labels import list_groups, list_labels
from storage.opinions import (
    Opinion,
    disputed_images,
    double_share,
    opinions_of,
    resolve_image,
    second_wanted,
)
from storage.projects import Project
from storage.records import Group, Image, Label

SAID = {True: "yes", False: "no", None: "not said"}
PASSED = "resolve_passed"
PICTURE_STYLE = "width:100%;height:min(60vh,480px,80vw);object-fit:contain"


def is_wanted(project: Project) -> bool:
    """Whether the view has a use: double labeling is on, something is disputed, or
    was settled here a moment ago and may be taken back.
    """
    if double_share(project) or disputed_images(project):
        return True
    return bool(resolve_undo.settled_in(project).done)


def show(project: Project) -> None:
    """Show the next disputed image and what was said of it, then the agreement."""
    disputed = disputed_images(project)
    passed: set[int] = st.session_state.setdefault(PASSED, set())
    waiting = [image_id for image_id in disputed if image_id not in passed] or disputed
    returned = resolve_undo.settled_in(project).shown
    if returned in disputed:
        waiting = [returned]
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
    ):
        wanted = len(second_wanted(project, session.who()))
        st.caption(words_for(len(disputed), wanted), width="content")
        resolve_undo.show(project)
    images = get_images(project, waiting[:1])
    if images:
        show_image(project, images[0], passed)
    else:
        layout.empty_state(
            ":material/handshake:",
            "Nothing to resolve",
            "Where two people answer the same picture differently, it appears here.",
            key="resolve_empty",
        )
    show_agreement(measure_agreement(project))


def words_for(disputed: int, wanted: int) -> str:
    """Return how much there is to resolve, and to answer a second time."""
    second = f" · {counted(wanted, 'picture')} wait for your second opinion"
    return f"{counted(disputed, 'picture')} to resolve{second if wanted else ''}"


def show_image(project: Project, image: Image, passed: set[int]) -> None:
    """Show one image and the questions on which people differ."""
    opinions = opinions_of(project, [image.image_id])
    picture, questions = st.columns([3, 2], gap="medium")
    with picture:
        # The address holds a percent-encoded name and a hash: nothing to escape.
        url = image_url(project.name, image.sha256, large=True)
        st.html(f'<img src="{url}" alt="" style="{PICTURE_STYLE}">')
        st.caption(escape(image.name))
    with questions, st.form(f"resolve_{image.image_id}", border=True):
        said: dict[int, bool] = {}
        for group in list_groups(project):
            if group.rule != "any":
                said |= ask_group(group, image.image_id, opinions)
        for label in single_labels(project):
            said |= ask_label(label, image.image_id, opinions)
        with st.container(horizontal=True):
            settled = st.form_submit_button("Settle", type="primary", key="resolve_ok")
            later = st.form_submit_button("Later", key="resolve_later")
    if later:
        passed.add(image.image_id)
        resolve_undo.settled_in(project).shown = None
        st.rerun()
    if settled:
        settle(project, image, said)


def single_labels(project: Project) -> list[Label]:
    """Return the labels that no other label excludes."""
    excluding = {g.group_id for g in list_groups(project) if g.rule != "any"}
    return [label for label in list_labels(project) if label.group_id not in excluding]


def ask_group(group: Group, image_id: int, opinions: list[Opinion]) -> dict[int, bool]:
    """Show who chose what, in a group filled differently; return what counts."""
    said = {x.who: chosen_in(group, x) for x in opinions}
    if len(set(said.values())) < 2:
        return {}
    names = {label.label_id: label.name for label in group.labels}
    chosen = st.segmented_control(
        escape(group.name),
        list(names),
        format_func=lambda label_id: escape(names[label_id]),
        key=f"resolve_{image_id}_group_{group.group_id}",
    )
    show_sayings({who: names.get(i, "nothing") for who, i in said.items()})
    return {} if chosen is None else {chosen: True}


def chosen_in(group: Group, opinion: Opinion) -> int | None:
    """Return the label of the group to which this person said yes."""
    yes = (x.label_id for x in group.labels if opinion.values.get(x.label_id))
    return next(yes, None)


def ask_label(label: Label, image_id: int, opinions: list[Opinion]) -> dict[int, bool]:
    """Show who said what of a label on which people differ; return what counts."""
    said = {x.who: x.values.get(label.label_id) for x in opinions}
    if len(set(said.values())) < 2:
        return {}
    chosen = st.segmented_control(
        escape(label.name),
        [True, False],
        format_func=SAID.__getitem__,
        key=f"resolve_{image_id}_{label.label_id}",
    )
    show_sayings({who: SAID[value] for who, value in said.items()})
    return {} if chosen is None else {label.label_id: chosen}


def show_sayings(said: dict[str, str]) -> None:
    """Show one line: each person and what they said."""
    parts = [
        f"{escape(who) or 'no name'}: {escape(what)}" for who, what in said.items()
    ]
    st.caption(" · ".join(parts))


def settle(project: Project, image: Image, decided: dict[int, bool]) -> None:
    """Keep what was decided, or say why it cannot be."""
    if not decided:
        st.warning("Choose what is right first.")
        return
    batch_id = uuid.uuid4().hex
    try:
        resolve_image(
            project,
            image.image_id,
            decided,
            who=session.who(),
            batch_id=batch_id,
        )
    except StorageError as error:
        st.error(str(error))
        return
    resolve_undo.remember(project, batch_id, image.image_id)
    session.flash("Settled.")
    st.rerun()


def show_agreement(found: list[Agreement]) -> None:
    """Show a table of how far people agree on each label."""
    if not found:
        return
    st.subheader("Agreement", anchor=False)
    st.caption(
        "Cohen's kappa: 1 is full agreement, 0 what chance would give. Below 0.4 the "
        "label may need a clearer description."
    )
    st.dataframe(
        [row_of(agreement) for agreement in found],
        hide_index=True,
    )


def row_of(agreement: Agreement) -> dict[str, Any]:
    """Return one line of the table."""
    kappa = agreement.kappa
    return {
        "label": agreement.label.name,
        "answered twice": agreement.images,
        "agreed": agreement.agreed,
        "kappa": "–" if kappa is None else f"{kappa:.2f}",
        "that is": describe_kappa(kappa),
    }
