"""The settings of a recipe as widgets: every one comes from the table FIELDS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from mlcore.config import FIELDS, FIELDS_BY_NAME, Field, TrainConfig
from mlcore.recipes import Recipe
from mlcore.setting_words import choice_words
from pages.parts.text import escape

FIELD_ENDS = tuple(f"_{field.name}" for field in FIELDS)


def field_key(recipe: Recipe, field_name: str) -> str:
    """Return the key under which the session keeps a setting of a recipe."""
    # A saved recipe may have any name: ":" keeps its keys apart from all others.
    owner = f"own:{recipe.name}" if recipe.kind == "saved" else recipe.name
    return f"train_{owner}_{field_name}"


def form_values(recipe: Recipe) -> dict[str, Any]:
    """Return what the form holds now; an emptied number is the recipe's own."""
    return {field.name: _value(recipe, field) for field in FIELDS}


def form_config(recipe: Recipe) -> TrainConfig:
    """Return the form's settings; ConfigError when they do not fit together."""
    return recipe.config.with_changes(**form_values(recipe))


def forget_forms() -> None:
    """Let every recipe start from its own settings again."""
    for key in list(st.session_state):
        if str(key).startswith("train_") and str(key).endswith(FIELD_ENDS):
            del st.session_state[key]


def changed_fields(recipe: Recipe) -> list[str]:
    """Return the names of settings that count and differ from the recipe."""
    values = form_values(recipe)
    return [
        field.name
        for field in FIELDS
        if values[field.name] != getattr(recipe.config, field.name)
        and field.applies_to(values)
    ]


def applies(recipe: Recipe, field_name: str) -> bool:
    """Whether a setting counts for what the form holds now."""
    return FIELDS_BY_NAME[field_name].applies_to(form_values(recipe))


def reset_form(recipe: Recipe) -> None:
    """Put every setting back to what the recipe says."""
    set_fields(recipe, recipe.config.as_json())


def set_fields(recipe: Recipe, settings: Mapping[str, Any]) -> None:
    """Put settings into the form; their widgets show them from the next run on."""
    for name, value in settings.items():
        if name in FIELDS_BY_NAME:
            shown = _as_shown(FIELDS_BY_NAME[name], value)
            st.session_state[field_key(recipe, name)] = shown


def draw_fields(recipe: Recipe, fields: Iterable[Field], *, sliders: bool) -> None:
    """Draw settings side by side; `sliders` for parts and angles one tries out."""
    grid = st.grid(min_column_width=170, gap="small")
    for field in fields:
        # a path needs the whole row
        with grid.cell(column_span="all" if field.kind == "file" else 1):
            _draw_field(recipe, field, sliders)


def _draw_field(recipe: Recipe, field: Field, sliders: bool) -> None:
    key = field_key(recipe, field.name)
    if key not in st.session_state:
        st.session_state[key] = _recipe_value(recipe, field)
    with st.container(gap="xxsmall"):
        _widget(field, key, sliders)
        default = f"Recipe: {_default_words(recipe, field)}."
        if _value(recipe, field) != getattr(recipe.config, field.name):
            default = f":orange[**Changed.** {default}]"
        st.caption(f"{escape(field.help)} {default}")


def _widget(field: Field, key: str, sliders: bool) -> None:
    # Not escaped: a screen reader says the backslashes. Titles hold no Markdown.
    title = field.title
    shared: dict[str, Any] = {"key": key, "persist_state": "session"}
    match field.kind:
        case "int":
            low, high = int(field.minimum or 0), int(field.maximum or 0)
            st.number_input(title, low, high, step=int(field.step or 1), **shared)
        case "float":
            limits = float(field.minimum or 0), float(field.maximum or 0)
            draw = st.slider if sliders else st.number_input
            draw(title, *limits, step=field.step, format="%g", **shared)
        case "bool":
            st.segmented_control(
                title, ("on", "off"), required=True, width="stretch", **shared
            )
        case "choice":
            words = choice_words(field.name)
            st.selectbox(title, field.choices, format_func=words, **shared)
        case _:
            st.text_input(title, max_chars=400, **shared)


def _value(recipe: Recipe, field: Field) -> Any:
    default = getattr(recipe.config, field.name)
    key = field_key(recipe, field.name)
    shown = st.session_state.get(key, _recipe_value(recipe, field))
    match field.kind:
        case "bool":
            return shown == "on"
        case "int" | "float":
            return default if shown is None else shown
        case "file":
            return shown.strip() or None
        case _:
            return shown


def _recipe_value(recipe: Recipe, field: Field) -> Any:
    return _as_shown(field, getattr(recipe.config, field.name))


def _as_shown(field: Field, value: Any) -> Any:
    """Return a setting as its widget holds it."""
    if field.kind == "bool":
        return "on" if value else "off"
    return "" if value is None else value


def _default_words(recipe: Recipe, field: Field) -> str:
    shown = _recipe_value(recipe, field)
    if isinstance(shown, float):
        return f"{shown:g}"
    if field.kind == "choice":
        shown = choice_words(field.name)(shown)
    return escape(str(shown)) or "empty"
