"""“Save as a recipe”: what the form holds, under a name, for this project."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mlcore.errors import MLError
from mlcore.own_recipes import save_as_recipe
from mlcore.recipes import Recipe
from pages.parts import session
from pages.parts.text import escape
from pages.parts.train_fields import form_config, set_fields
from pages.parts.train_recipes import put_recipe
from storage.errors import StorageError
from storage.projects import open_project
from storage.saved_recipes import MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS

MENU = "train_save_menu"
NAME = "train_save_name"
ABOUT = "train_save_about"
PROBLEM = "train_save_problem"


def saving(recipe: Recipe) -> None:
    """Draw the button and, once pressed, the fields for a name and a description."""
    menu = st.popover(
        "Save as a recipe",
        icon=":material/bookmark_add:",
        type="tertiary",
        key=MENU,
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu:
        if recipe.kind == "saved":
            # Saved again under its own name, a recipe is replaced.
            st.session_state.setdefault(NAME, recipe.name)
            st.session_state.setdefault(ABOUT, recipe.description)
        st.text_input("Name", key=NAME, max_chars=MAX_NAME_CHARACTERS)
        st.text_area(
            "What it is for",
            key=ABOUT,
            height=80,
            max_chars=MAX_DESCRIPTION_CHARACTERS,
            placeholder="Not needed, but others will be glad of it.",
        )
        st.button(
            "Save",
            type="primary",
            key="train_save",
            on_click=_save,
            args=(session.current_project_name(), recipe),
        )
        if problem := st.session_state.pop(PROBLEM, ""):
            st.error(escape(problem))


def _save(project_name: str, recipe: Recipe) -> None:
    """Keep the form's settings; the new recipe is then the chosen one."""
    state: Any = st.session_state
    try:
        config = form_config(recipe)
        with open_project(project_name) as project:
            saved = save_as_recipe(
                project,
                state.get(NAME) or "",
                state.get(ABOUT) or "",
                config,
                made_from=recipe,
                who=session.who(),
            )
    except (MLError, StorageError) as error:
        state[PROBLEM] = str(error)
        return
    # An earlier recipe of that name may have left its values in the form.
    set_fields(saved, saved.config.as_json())
    put_recipe(saved.name)
    state[MENU] = False
    del state[NAME], state[ABOUT]
    session.flash(f"Saved as “{escape(saved.name)}”.")
