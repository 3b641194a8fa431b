"""“Again”: a run repeated with other seeds, or its settings taken into the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.config import TrainConfig
from mlcore.errors import ConfigError, MLError
from mlcore.own_recipes import find_any_recipe
from mlcore.recipes import RECIPES, Recipe
from mlcore.run_series import repeat_run, seeds_used
from pages.parts import session
from pages.parts.run_scroll import go_to_top
from pages.parts.text import counted, escape
from pages.parts.train_fields import set_fields
from pages.parts.train_recipes import put_recipe
from storage.errors import StorageError
from storage.projects import open_project

if TYPE_CHECKING:
    from storage.projects import Project
    from storage.records import Run

# The expander with the form on the Train page.
FORM_KEY = "train_new_run"
SEEDS = 3
# For a recipe that is gone: the one whose form has the same settings.
RECIPE_OF_NETWORK = {"features": "quick", "vgg16": "vgg16", "convnet": "smallervggnet"}


def again_menu(project_name: str, run: Run) -> None:
    """Draw the popover of a run that is over."""
    with st.popover("Again", icon=":material/replay:"):
        if run.is_usable:
            _seed_buttons(project_name, run)
        st.button(
            "Use these settings",
            key=f"train_settings_of_{run.number}",
            icon=":material/tune:",
            width="stretch",
            help="Opens the form for a new run with the settings of this one.",
            on_click=_take_settings,
            args=(project_name, run.config),
        )


def _seed_buttons(project_name: str, run: Run) -> None:
    st.button(
        "Repeat with another seed",
        key=f"train_repeat_{run.number}",
        icon=":material/casino:",
        width="stretch",
        on_click=_repeat,
        args=(project_name, run.run_id, 1),
    )
    st.button(
        f"Repeat until {SEEDS} seeds",
        key=f"train_seeds_{run.number}",
        icon=":material/stacked_bar_chart:",
        width="stretch",
        help="Queues the repeats that are missing and shows mean and spread.",
        on_click=_repeat_until,
        args=(project_name, run.run_id, SEEDS),
    )
    st.caption(
        "The same settings and pictures; only chance differs: shuffles, "
        "augmentation and first weights."
    )


def _repeat(project_name: str, run_id: str, more: int) -> None:
    def queue() -> str:
        _, run_ids = repeat_run(project_name, run_id, more=more, who=session.who())
        go_to_top()
        return f"{counted(len(run_ids), 'run')} with other seeds in the queue."

    _try(queue)


def _repeat_until(project_name: str, run_id: str, count: int) -> None:
    with open_project(project_name) as project:
        have = len(seeds_used(project, run_id))
    if have >= count:
        session.flash(
            f"There are {have} seeds of this run already; another one can be added "
            "with “Repeat with another seed”.",
            ":material/info:",
        )
        return
    _repeat(project_name, run_id, count - have)


def _take_settings(project_name: str, settings: dict[str, object]) -> None:
    take_settings(project_name, settings)


def take_settings(project_name: str, settings: dict[str, object]) -> None:
    """Open the form for a new run with these settings, under their recipe."""

    def take() -> str:
        config = TrainConfig.from_json(settings)
        with open_project(project_name) as project:
            recipe = _recipe_for(project, config)
        put_recipe(recipe.name)
        set_fields(recipe, config.as_json())
        st.session_state[FORM_KEY] = True
        go_to_top()
        return "The form has these settings now."

    _try(take)


def _recipe_for(project: Project, config: TrainConfig) -> Recipe:
    try:
        return find_any_recipe(project, config.recipe)
    except ConfigError:
        return RECIPES[RECIPE_OF_NETWORK.get(config.network, "smallervggnet")]


def _try(act: Callable[[], str]) -> None:
    """Act and say so, or say why not: an error would take the whole page away."""
    try:
        session.flash(act())
    except (MLError, StorageError) as error:
        session.flash(escape(str(error)), ":material/error:")
