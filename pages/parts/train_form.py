"""Choosing a recipe and changing its numbers; every widget comes from FIELDS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from mlcore.config import FIELDS, FIELDS_BY_NAME, Field, TrainConfig
from mlcore.recipes import DEFAULT_RECIPE, RECIPES, Recipe
from pages.parts.text import counted, escape

RECIPE_KEY = "train_recipe"
# The numbers people change first; everything else waits in the expander.
FIRST = ("image_size_px", "epochs", "batch_size", "learning_rate")
GROUP_TITLES = {"Basics": "Training"}
GROUP_ORDER = ("Network", "Basics", "Answers", "Augmentation", "Split")


def chosen_recipe() -> Recipe:
    """Return the recipe chosen in this session, else the first a person meets."""
    return RECIPES.get(st.session_state.get(RECIPE_KEY, ""), RECIPES[DEFAULT_RECIPE])


def recipe_cards() -> None:
    """Show one card per recipe; the button on a card chooses it."""
    chosen = chosen_recipe()
    with st.grid(min_column_width=280, gap="small"):
        for recipe in RECIPES.values():
            _recipe_card(recipe, recipe.name == chosen.name)


def train_form() -> TrainConfig:
    """Draw the numbers people change first; ConfigError when they do not fit."""
    recipe = chosen_recipe()
    _form_head(recipe, changed_fields(recipe))
    _fields(recipe, (FIELDS_BY_NAME[name] for name in _first_fields(recipe)))
    return recipe.config.with_changes(**form_values(recipe))


def all_settings() -> None:
    """Draw every other setting of the chosen recipe, folded away."""
    recipe = chosen_recipe()
    first = _first_fields(recipe)
    others = [name for name in changed_fields(recipe) if name not in first]
    title = "All settings" + (f" ({len(others)} changed)" if others else "")
    more = st.expander(
        title, icon=":material/tune:", key="train_all_settings", on_change="rerun"
    )
    # Closed, its 25 widgets would cost the browser more than the rest of the page.
    if more.open:
        with more:
            _groups_of_fields(recipe, first)


def rough_duration(seconds: float) -> str:
    """Return "a minute", "12 minutes", "2.5 hours": no finer than a guess can be."""
    minutes = max(1, round(seconds / 60))
    if minutes > 90:
        hours = round(minutes / 30) / 2
        return f"{hours:g} hours"
    if minutes > 20:
        minutes = 5 * round(minutes / 5)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def _groups_of_fields(recipe: Recipe, first: tuple[str, ...]) -> None:
    for group in _groups():
        st.markdown(f"**{GROUP_TITLES.get(group, group)}**")
        rest = (f for f in FIELDS if f.group == group and f.name not in first)
        _fields(recipe, (f for f in rest if _applies(recipe, f.name)))


def form_values(recipe: Recipe) -> dict[str, Any]:
    """Return what the form holds now; an emptied number is the recipe's own."""
    return {field.name: _value(recipe, field) for field in FIELDS}


def changed_fields(recipe: Recipe) -> list[str]:
    """Return the names of settings that differ from the recipe."""
    values = form_values(recipe)
    return [name for name in values if values[name] != getattr(recipe.config, name)]


def _recipe_card(recipe: Recipe, is_chosen: bool) -> None:
    config = recipe.config
    with st.container(
        border=True,
        height="stretch",
        gap="xsmall",
        key=f"train_recipe_card_{recipe.name}",
    ):
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
        ):
            mark = " :primary[:material/check_circle:]" if is_chosen else ""
            st.markdown(f"**{escape(recipe.plain)}**{mark}", width="content")
            st.button(
                "Chosen" if is_chosen else "Use this",
                key=f"train_choose_{recipe.name}",
                disabled=is_chosen,
                on_click=_choose,
                args=(recipe.name,),
            )
        st.markdown(escape(recipe.description))
        st.caption(
            f"{escape(recipe.title)} · {config.image_size_px} px"
            f" · {counted(config.epochs, 'epoch')} · batch {config.batch_size}"
        )


def _choose(name: str) -> None:
    st.session_state[RECIPE_KEY] = name


def _form_head(recipe: Recipe, changed: list[str]) -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        height=44,
        border=False,
    ):
        words = (
            f"{counted(len(changed), 'setting')} changed from the recipe"
            if changed
            else "As the recipe says"
        )
        st.markdown(f"**Settings** &nbsp; :gray[{words}]", width="content")
        st.button(
            "Reset",
            key="train_reset",
            icon=":material/restart_alt:",
            type="tertiary",
            disabled=not changed,
            on_click=_reset,
            args=(recipe.name,),
        )


def _reset(recipe_name: str) -> None:
    recipe = RECIPES[recipe_name]
    for field in FIELDS:
        st.session_state[_key(recipe, field)] = _shown_default(recipe, field)


def _first_fields(recipe: Recipe) -> tuple[str, ...]:
    """Return what is always in sight; VGG16 is nothing without its weights."""
    return (*FIRST, "weights_file") if _applies(recipe, "weights_file") else FIRST


def _applies(recipe: Recipe, field_name: str) -> bool:
    return FIELDS_BY_NAME[field_name].applies_to(form_values(recipe))


def _groups() -> list[str]:
    found = dict.fromkeys(field.group for field in FIELDS)
    rest = [group for group in found if group not in GROUP_ORDER]
    return [group for group in GROUP_ORDER if group in found] + rest


def _fields(recipe: Recipe, fields: Iterable[Field]) -> None:
    grid = st.grid(min_column_width=170, gap="small")
    for field in fields:
        # a path needs the whole row
        with grid.cell(column_span="all" if field.kind == "file" else 1):
            _field(recipe, field)


def _field(recipe: Recipe, field: Field) -> None:
    key = _key(recipe, field)
    if key not in st.session_state:
        st.session_state[key] = _shown_default(recipe, field)
    with st.container(gap="xxsmall"):
        _widget(field, key)
        default = f"Recipe: {_default_words(recipe, field)}."
        if _value(recipe, field) != getattr(recipe.config, field.name):
            default = f":orange[**Changed.** {default}]"
        st.caption(f"{escape(field.help)} {default}")


def _widget(field: Field, key: str) -> None:
    title = escape(field.title)
    shared: dict[str, Any] = {"key": key, "persist_state": "session"}
    match field.kind:
        case "int":
            low, high = int(field.minimum or 0), int(field.maximum or 0)
            st.number_input(title, low, high, step=int(field.step or 1), **shared)
        case "float":
            st.number_input(
                title,
                float(field.minimum or 0),
                float(field.maximum or 0),
                step=field.step,
                format="%g",
                **shared,
            )
        case "bool":
            st.segmented_control(
                title, ("on", "off"), required=True, width="stretch", **shared
            )
        case "choice":
            st.selectbox(title, field.choices, **shared)
        case _:
            st.text_input(title, max_chars=400, **shared)


def _value(recipe: Recipe, field: Field) -> Any:
    default = getattr(recipe.config, field.name)
    shown = st.session_state.get(_key(recipe, field), _shown_default(recipe, field))
    match field.kind:
        case "bool":
            return shown == "on"
        case "int" | "float":
            return default if shown is None else shown
        case "file":
            return shown.strip() or None
        case _:
            return shown


def _shown_default(recipe: Recipe, field: Field) -> Any:
    """Return the recipe's value as the field's widget holds it."""
    value = getattr(recipe.config, field.name)
    if field.kind == "bool":
        return "on" if value else "off"
    return "" if value is None else value


def _default_words(recipe: Recipe, field: Field) -> str:
    shown = _shown_default(recipe, field)
    if isinstance(shown, float):
        return f"{shown:g}"
    return escape(str(shown)) or "empty"


def _key(recipe: Recipe, field: Field) -> str:
    return f"train_{recipe.name}_{field.name}"
