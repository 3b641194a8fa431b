"""The numbers of the chosen recipe: a few in sight, the rest folded away."""

from __future__ import annotations

import streamlit as st

from mlcore.config import FIELDS, FIELDS_BY_NAME, Field
from mlcore.recipes import Recipe
from pages.parts.text import counted
from pages.parts.train_fields import (
    applies,
    changed_fields,
    draw_fields,
    form_values,
    reset_form,
)
from pages.parts.train_saving import saving
from pages.parts.train_variation import variation

# The numbers people change first; everything else waits in an expander.
FIRST = ("image_size_px", "epochs", "batch_size", "learning_rate", "weights_file")
FIRST_OF_FEATURES = ("image_size_px", "feature_head", "thresholds", "backbone")
GROUP_TITLES = {"Basics": "Training"}
# Augmentation has a place of its own, with pictures: see train_variation.
GROUP_ORDER = ("Network", "Basics", "Answers", "Split", "More")
TAB_KEY = "train_settings_tab"


def settings(project_name: str, recipe: Recipe) -> None:
    """Draw what people change first, then the rest, folded away by kind."""
    _form_head(recipe, changed_fields(recipe))
    first = [FIELDS_BY_NAME[name] for name in _first_fields(recipe)]
    draw_fields(recipe, first, sliders=False)
    variation(project_name, recipe)
    all_settings(recipe)


def all_settings(recipe: Recipe) -> None:
    """Draw every other setting that counts, folded away, a tab for each group."""
    groups = _groups(recipe)
    more = st.expander(
        "All settings",
        icon=":material/tune:",
        key="train_all_settings",
        on_change="rerun",
    )
    # Closed, its 25 widgets would cost the browser more than the rest of the page.
    if not more.open:
        return
    with more:
        tabs = st.tabs(list(groups), key=TAB_KEY, on_change="rerun")
        for tab, fields in zip(tabs, groups.values(), strict=True):
            if tab.open:
                with tab:
                    draw_fields(recipe, fields, sliders=False)


def rough_duration(seconds: float) -> str:
    """Return "20 seconds", "12 minutes", "2.5 hours": no finer than a guess can be."""
    if seconds < 55:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    minutes = max(1, round(seconds / 60))
    if minutes > 90:
        hours = round(minutes / 30) / 2
        return f"{hours:g} hours"
    if minutes > 20:
        minutes = 5 * round(minutes / 5)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _form_head(recipe: Recipe, changed: list[str]) -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="train_form_head",
    ):
        words = (
            f"{counted(len(changed), 'setting')} changed from the recipe"
            if changed
            else "As the recipe says"
        )
        st.markdown(f"**Settings** &nbsp; :gray[{words}]", width="content")
        with st.container(horizontal=True, gap="xsmall", width="content"):
            st.button(
                "Reset",
                key="train_reset",
                icon=":material/restart_alt:",
                type="tertiary",
                disabled=not changed,
                on_click=reset_form,
                args=(recipe,),
            )
            saving(recipe)


def _first_fields(recipe: Recipe) -> list[str]:
    """Return what is always in sight; VGG16 is nothing without its weights."""
    is_quick = form_values(recipe)["network"] == "features"
    first = FIRST_OF_FEATURES if is_quick else FIRST
    return [name for name in first if applies(recipe, name)]


def _groups(recipe: Recipe) -> dict[str, list[Field]]:
    """Return the settings that count and are not in sight already, by tab."""
    elsewhere = set(_first_fields(recipe))
    values = form_values(recipe)
    found: dict[str, list[Field]] = {}
    for group in GROUP_ORDER:
        fields = [
            field
            for field in FIELDS
            if field.group == group
            and field.name not in elsewhere
            and field.applies_to(values)
        ]
        if fields:
            found[GROUP_TITLES.get(group, group)] = fields
    return found
