"""Choosing a recipe: cards of ours, of the tutorials, and of those people saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.own_recipes import OwnRecipes, own_recipes
from mlcore.recipe_advice import Advice, advise
from mlcore.recipes import DEFAULT_RECIPE, RECIPES, Recipe
from pages.parts import layout, session
from pages.parts.text import counted, escape
from pages.parts.train_fields import forget_forms
from storage.errors import StorageError
from storage.projects import open_project
from storage.saved_recipes import delete_recipe, restore_recipe

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run

RECIPE_KEY = "train_recipe"
KIND_KEY = "train_recipe_kind"
PROJECT_KEY = "train_form_project"
OPEN_KEY = "train_open_form"
DELETED = "train_deleted_recipe"
OURS, TUTORIALS, SAVED = "Ours", "Tutorials", "Saved"
KINDS = {"ours": OURS, "classic": TUTORIALS, "saved": SAVED}


def choose_recipe(project: Project, runs: Sequence[Run]) -> Recipe:
    """Draw the advice and the cards; return the recipe that is chosen now.

    At first that is the recipe of the newest of `runs`, without any the advised one.
    """
    _settle(project.name)
    own = own_recipes(project)
    advice = advise(project)
    chosen = _chosen(own, advice, runs)
    _show_advice(advice)
    titles = list(KINDS.values())
    if KIND_KEY not in st.session_state:
        st.session_state[KIND_KEY] = KINDS[chosen.kind]
    # Where nothing was saved, the tab says how: it is drawn all the same.
    tabs = st.tabs(titles, key=KIND_KEY, on_change="rerun")
    for tab, kind in zip(tabs, KINDS, strict=True):
        recipes = [*RECIPES.values(), *own.recipes.values()]
        with tab:
            _cards((r for r in recipes if r.kind == kind), chosen, advice)
            if kind == "saved":
                _saved_notes(project, own)
    return chosen


def put_recipe(name: str) -> None:
    """Choose a recipe from the next rerun on, and turn to the tab it is in."""
    st.session_state[RECIPE_KEY] = name
    st.session_state.pop(KIND_KEY, None)


def open_with(project_name: str, name: str) -> None:
    """Let the Train page open its form for a new run, with this recipe chosen."""
    _settle(project_name)
    put_recipe(name)
    st.session_state[OPEN_KEY] = True


def _settle(project_name: str) -> None:
    """Forget what was chosen and typed for another project."""
    before = st.session_state.get(PROJECT_KEY)
    st.session_state[PROJECT_KEY] = project_name
    if before not in (None, project_name):
        st.session_state.pop(RECIPE_KEY, None)
        st.session_state.pop(KIND_KEY, None)
        forget_forms()


def _chosen(own: OwnRecipes, advice: Advice, runs: Sequence[Run]) -> Recipe:
    known = {**RECIPES, **own.recipes}
    used = [run.recipe for run in runs]
    wishes = [st.session_state.get(RECIPE_KEY), *used[:1], advice.recipe]
    return next(
        (known[name] for name in wishes if name in known), RECIPES[DEFAULT_RECIPE]
    )


def _show_advice(advice: Advice) -> None:
    plain = escape(RECIPES[advice.recipe].plain)
    st.markdown(
        f":primary[:material/lightbulb:] **{plain}** fits best here. "
        f"{escape(advice.sentence)}"
    )


def _cards(recipes: Iterable[Recipe], chosen: Recipe, advice: Advice) -> None:
    with st.grid(min_column_width=280, gap="small"):
        for recipe in recipes:
            _card(recipe, recipe.name == chosen.name, recipe.name == advice.recipe)


def _card(recipe: Recipe, is_chosen: bool, is_advised: bool) -> None:
    with st.container(
        border=True,
        height="stretch",
        gap="xsmall",
        key=f"train_recipe_card_{_key(recipe)}",
    ):
        _card_head(recipe, is_chosen)
        if recipe.description:
            st.markdown(escape(recipe.description))
        facts = f":small[:gray[{_card_facts(recipe)}]]"
        st.markdown(f":primary-badge[recommended] {facts}" if is_advised else facts)


def _card_head(recipe: Recipe, is_chosen: bool) -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        mark = " :primary[:material/check_circle:]" if is_chosen else ""
        st.markdown(f"**{escape(recipe.plain)}**{mark}", width="content")
        with st.container(horizontal=True, gap="xsmall", width="content"):
            st.button(
                "Chosen" if is_chosen else "Use this",
                key=f"train_choose_{_key(recipe)}",
                disabled=is_chosen,
                on_click=put_recipe,
                args=(recipe.name,),
            )
            if recipe.kind == "saved":
                _delete_button(recipe.name)


def _delete_button(name: str) -> None:
    st.button(
        "Delete",
        icon=":material/delete:",
        type="tertiary",
        key=f"train_forget_own:{name}",
        on_click=_delete,
        args=(session.current_project_name(), name),
    )


def _card_facts(recipe: Recipe) -> str:
    config = recipe.config
    facts = [escape(recipe.title), f"{config.image_size_px} px"]
    if config.network != "features":
        facts += [counted(config.epochs, "epoch"), f"batch {config.batch_size}"]
    if recipe.kind != "saved":
        facts.append(f"“{recipe.name}” in commands")
    return " · ".join(facts)


def _key(recipe: Recipe) -> str:
    return f"own:{recipe.name}" if recipe.kind == "saved" else recipe.name


def _saved_notes(project: Project, own: OwnRecipes) -> None:
    """Say what cannot be read, how recipes get here, and what was deleted last."""
    for name, problem in own.problems.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            layout.finding("warn", escape(problem))
            _delete_button(name)
    if not own.recipes:
        st.caption(
            "Nothing saved yet. Choose a recipe, change its settings below and press "
            "“Save as a recipe”: it is kept here, for you and others."
        )
    deleted_from, deleted = st.session_state.get(DELETED) or ("", "")
    if not deleted or deleted_from != project.name:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f"“{escape(deleted)}” is deleted.", width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            type="tertiary",
            key="train_restore_recipe",
            on_click=_restore,
            args=(project.name, deleted),
        )


def _delete(project_name: str, name: str) -> None:
    state: Any = st.session_state
    try:
        with open_project(project_name) as project:
            delete_recipe(project, name)
    except StorageError as error:
        session.flash(escape(str(error)), ":material/error:")
        return
    state[DELETED] = (project_name, name)


def _restore(project_name: str, name: str) -> None:
    st.session_state[DELETED] = None
    try:
        with open_project(project_name) as project:
            restore_recipe(project, name)
    except StorageError as error:
        session.flash(escape(str(error)), ":material/error:")
