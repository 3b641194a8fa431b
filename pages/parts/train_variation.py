"""How training varies the pictures: sliders, and what they do to eight of them."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import streamlit as st
from PIL import Image

from mlcore.augmentation_preview import PICTURES, preview
from mlcore.config import FIELDS
from mlcore.errors import ConfigError
from pages.parts.component_source import join_sources
from pages.parts.text import escape
from pages.parts.train_fields import (
    changed_fields,
    draw_fields,
    form_config,
    form_values,
)
from storage.projects import open_project

if TYPE_CHECKING:
    from mlcore.dataset import Pixels
    from mlcore.recipes import Recipe

GROUP = "Augmentation"
SEED_KEY = "train_variation_seed"
# Below this a JPEG shows more of its own blocks than of the picture.
JPEG_FROM_PX = 64

_component = st.components.v2.component(
    "unseen_variation",
    html='<ul class="variation" aria-label="Pictures as training varies them"></ul>',
    css=join_sources("train_variation.css"),
    js=join_sources("train_variation.js"),
)


def variation(project_name: str, recipe: Recipe) -> None:
    """Draw the sliders and the preview, folded away; nothing for frozen features."""
    values = form_values(recipe)
    fields = [f for f in FIELDS if f.group == GROUP and f.applies_to(values)]
    if not fields:
        return
    names = {field.name for field in fields}
    changed = [name for name in changed_fields(recipe) if name in names]
    # With another title it would be another expander, and closed.
    folded = st.expander(
        "Vary the pictures, with a preview",
        icon=":material/auto_awesome_motion:",
        key="train_variation",
        on_change="rerun",
    )
    if folded.open:
        with folded:
            _sliders_and_preview(project_name, recipe, changed)


# By itself, so that a slider draws eight pictures and not the whole page.
@st.fragment
def _sliders_and_preview(
    project_name: str, recipe: Recipe, known_changed: list[str]
) -> None:
    values = form_values(recipe)
    _show_preview(project_name, recipe)
    fields = [f for f in FIELDS if f.group == GROUP and f.applies_to(values)]
    draw_fields(recipe, fields, sliders=True)
    names = {field.name for field in fields}
    if [name for name in changed_fields(recipe) if name in names] != known_changed:
        st.rerun()  # the page counts what was changed, and marks it


def _show_preview(project_name: str, recipe: Recipe) -> None:
    state: Any = st.session_state
    seed = state.get(SEED_KEY, 0)
    try:
        config = form_config(recipe)
    except ConfigError as error:
        st.caption(f":red[{escape(str(error))}]")
        return
    # A fragment runs without the page, so it opens the project itself.
    with open_project(project_name) as project:
        found = preview(project, config, seed)
    pairs = [
        {"name": v.name, "before": _address(v.before), "after": _address(v.after)}
        for v in found
    ]
    _component(key="train_preview", data={"pictures": pairs, "places": PICTURES})
    st.caption(
        "Above each picture as it is, below one change of many: every time a picture "
        "is shown to the network, it is changed anew."
    )
    st.button(
        "Other examples",
        icon=":material/casino:",
        key="train_other",
        on_click=_show_others,
    )


def _show_others() -> None:
    state: Any = st.session_state
    state[SEED_KEY] = state.get(SEED_KEY, 0) + 1


def _address(pixels: Pixels) -> str:
    """Return a picture as an address that holds the picture itself."""
    kind = "jpeg" if len(pixels) >= JPEG_FROM_PX else "png"
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, quality=85)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"
