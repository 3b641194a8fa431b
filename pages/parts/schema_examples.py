"""Choosing the example pictures of a label among those that show it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.parts import schema_acts, session
from pages.parts.gallery import GalleryItem, gallery, image_url, sign
from pages.parts.schema_asking import EXAMPLES, PICKED
from pages.parts.text import escape
from storage.images import get_images, list_images
from storage.label_details import MAX_EXAMPLES
from storage.labels import describe_label
from storage.projects import Project
from storage.records import Filter, Image, Label

OFFERED = 18


def show(label: Label) -> None:
    """Draw the chosen pictures and others to choose from."""
    state: Any = st.session_state
    picked, offset = state.setdefault(PICKED, (list(label.examples), 0))
    with session.open_current() as project:
        pictures, more = offer(project, label, picked, offset)
    st.caption(
        f"Choose up to {MAX_EXAMPLES} pictures that show what is meant. Everybody "
        "sees them when labeling."
    )
    if not pictures:
        st.info("No picture shows this label yet.", icon=":material/image:")
        return
    chosen = choose(project.name, pictures, picked)
    with st.container(horizontal=True, gap="small"):
        wanted = st.button("Save examples", type="primary", key="label_examples_save")
        if more or offset:
            st.button(
                "Other pictures",
                icon=":material/autorenew:",
                key="label_examples_more",
                on_click=go_on,
                args=(chosen, offset + OFFERED if more else 0),
            )
    if wanted:
        schema_acts.do(
            f"Chose examples of **{escape(label.name)}**",
            lambda project: describe_label(
                project, label.label_id, examples=chosen, who=session.who()
            ),
        )


def offer(
    project: Project, label: Label, picked: list[int], offset: int
) -> tuple[list[Image], bool]:
    """Return the picked pictures and some others, and whether there are still more."""
    known = {image.image_id: image for image in get_images(project, picked)}
    wanted = Filter(label_ids=(label.label_id,))
    found = list_images(project, wanted, offset=offset, limit=OFFERED + 1)
    others = [image for image in found[:OFFERED] if image.image_id not in known]
    first = [known[image_id] for image_id in picked if image_id in known]
    return first + others, len(found) > OFFERED


def choose(project_name: str, pictures: list[Image], picked: list[int]) -> list[int]:
    """Draw the pictures, the picked ones chosen; return the ids chosen now."""
    items = [GalleryItem(image_url(project_name, x.sha256)) for x in pictures]
    of = sign(project_name, items)
    state: Any = st.session_state
    # The gallery begins with what the session holds for it: the examples so far.
    if ((state.get(EXAMPLES) or {}).get("selected") or {}).get("of") != of:
        places = [n for n, x in enumerate(pictures) if x.image_id in picked]
        state[EXAMPLES] = {"selected": {"of": of, "places": places}}
    chosen = gallery(project_name, items, key=EXAMPLES, size_px=96, selectable=True)
    return [pictures[place].image_id for place in chosen]


def go_on(chosen: list[int], offset: int) -> None:
    """Keep what is chosen and offer the next pictures."""
    st.session_state[PICKED] = (chosen, offset)
