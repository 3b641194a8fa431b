"""Resolve: images on which two people disagree, settled one by one."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

import streamlit as st

from mlcore.agreement import Agreement, describe_kappa, measure_agreement
from pages.parts import layout, session
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.text import counted, escape
from storage.errors import StorageError
from storage.images import get_images
from storage.labels import list_labels
from storage.opinions import (
    Opinion,
    disputed_images,
    double_share,
    opinions_of,
    resolve_image,
    second_wanted,
)
from storage.projects import Project
from storage.records import Image, Label

SAID = {True: "yes", False: "no", None: "not said"}
PASSED = "resolve_passed"
PICTURE_PX = 420


def is_wanted(project: Project) -> bool:
    """Whether the view has a use: double labeling is on, or something is disputed."""
    return bool(double_share(project)) or bool(disputed_images(project))


def show(project: Project) -> None:
    """Show the next disputed image and what was said of it, then the agreement."""
    disputed = disputed_images(project)
    passed: set[int] = st.session_state.setdefault(PASSED, set())
    waiting = [image_id for image_id in disputed if image_id not in passed] or disputed
    st.caption(words_for(len(disputed), len(second_wanted(project, session.who()))))
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
    labels = differing(list_labels(project), opinions)
    picture, questions = st.columns([3, 2], gap="medium")
    with picture:
        url = image_url(project.name, image.sha256, large=True)
        shown = [GalleryItem(url, caption=image.name)]
        gallery(project.name, shown, key="resolve_picture", size_px=PICTURE_PX)
    with questions, st.form(f"resolve_{image.image_id}", border=True):
        said = {label.label_id: ask(label, opinions) for label in labels}
        with st.container(horizontal=True):
            settled = st.form_submit_button("Settle", type="primary", key="resolve_ok")
            later = st.form_submit_button("Later", key="resolve_later")
    if later:
        passed.add(image.image_id)
        st.rerun()
    if settled:
        settle(project, image, said)


def differing(labels: list[Label], opinions: list[Opinion]) -> list[Label]:
    """Return the labels on which not everybody said the same."""
    return [
        label
        for label in labels
        if len({x.values.get(label.label_id) for x in opinions}) > 1
    ]


def ask(label: Label, opinions: list[Opinion]) -> bool | None:
    """Show who said what of a label; return what is to count."""
    lines = [
        f"{escape(x.who) or 'no name'}: {SAID[x.values.get(label.label_id)]}"
        for x in opinions
    ]
    return st.segmented_control(
        escape(label.name),
        [True, False],
        format_func=SAID.__getitem__,
        help=" · ".join(lines),
        key=f"resolve_{opinions[0].image_id}_{label.label_id}",
    )


def settle(project: Project, image: Image, said: dict[int, bool | None]) -> None:
    """Keep what was decided, or say why it cannot be."""
    decided = {label_id: value for label_id, value in said.items() if value is not None}
    if not decided:
        st.warning("Choose yes or no for each label first.")
        return
    try:
        resolve_image(
            project,
            image.image_id,
            decided,
            who=session.who(),
            batch_id=uuid.uuid4().hex,
        )
    except StorageError as error:
        st.error(str(error))
        return
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
        column_config={"kappa": st.column_config.NumberColumn(format="%.2f")},
    )


def row_of(agreement: Agreement) -> dict[str, Any]:
    """Return one line of the table."""
    numbers = asdict(agreement)
    return {
        "label": agreement.label.name,
        "answered twice": numbers["images"],
        "agreed": numbers["agreed"],
        "kappa": agreement.kappa,
        "that is": describe_kappa(agreement.kappa),
    }
