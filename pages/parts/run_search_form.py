"""“Several runs”: three seeds of what the form holds, or a small search around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.errors import ConfigError, MLError
from mlcore.run_compare import setting_title
from mlcore.run_search import (
    MOST_TRIES,
    STRENGTH,
    STRENGTHENED,
    Search,
    axes_for,
    plan_search,
    submit_search,
)
from mlcore.run_search_time import search_seconds
from mlcore.run_series import submit_seeds
from pages.parts import layout, session
from pages.parts.text import counted, escape
from pages.parts.train_form import rough_duration
from storage.errors import StorageError
from storage.images import progress

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from storage.projects import Project
    from storage.records import Run

MENU_KEY = "train_several"
SEEDS = 3
SIZES_PX = (32, 48, 64, 96, 128, 160, 192, 224)
RATE_STEPS = (0.1, 1 / 3, 1.0, 3.0, 10.0)
STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0)
PULLS = (0.0, 0.001, 0.01, 0.1, 1.0)


def several_runs(
    project: Project, config: TrainConfig, runs: Sequence[Run]
) -> Callable[[], None] | None:
    """Draw the popover; the act that was asked for, to be done by the page."""
    menu = st.popover(
        "Several runs",
        icon=":material/library_add:",
        key=MENU_KEY,
        on_change="rerun",
    )
    if not menu.open:
        return None
    with menu:
        return _seeds_part(project, config) or _search_part(project, config, runs)


def _seeds_part(project: Project, config: TrainConfig) -> Callable[[], None] | None:
    st.markdown("**The same with other seeds**")
    st.caption("Says how much of a figure is chance: mean and spread.")
    if not st.button(f"Train {SEEDS} seeds", key="train_submit_seeds"):
        return None

    def submit() -> None:
        submit_seeds(project.name, config, SEEDS, who=session.who())

    return _said(submit, f"{SEEDS} runs are in the queue.")


def _search_part(
    project: Project, config: TrainConfig, runs: Sequence[Run]
) -> Callable[[], None] | None:
    st.markdown("**A small search**")
    st.caption("Choose values to try; every combination is a run in the queue.")
    axes = {name: _values(config, name) for name in axes_for(config)}
    most = st.number_input(
        "Runs at most", 2, MOST_TRIES, 6, key="train_search_most", width=140
    )
    search: Search | None = None
    try:
        search = plan_search(config, axes, most)
    except ConfigError as error:
        layout.finding("info", escape(str(error)))
    if search:
        seconds = search_seconds(project, search, progress(project).labelled, runs)
        st.caption(f"{plan_words(search)} About {rough_duration(seconds)}.")
    clicked = st.button(
        "Queue the search", key="train_submit_search", disabled=search is None
    )
    if not (clicked and search):
        return None
    chosen = search

    def submit() -> None:
        submit_search(project.name, chosen, who=session.who())

    return _said(submit, f"{counted(len(chosen.tries), 'run')} are in the queue.")


def _values(config: TrainConfig, name: str) -> list[Any]:
    """Draw the values of one setting to choose from."""
    now, choices = _choices(config, name)
    title = "Augmentation strength" if name == STRENGTH else setting_title(name)
    if name == STRENGTH and not any(getattr(config, one) for one in STRENGTHENED):
        return []
    return st.multiselect(
        title,
        choices,
        default=_tried_at_first(config, name, choices),
        # other choices for another recipe or size: another widget
        key=f"train_search_{config.recipe}_{name}_{now:g}",
        format_func=lambda value: _value_words(name, value, now),
        select_all=False,
    )


def _choices(config: TrainConfig, name: str) -> tuple[Any, list[Any]]:
    if name == STRENGTH:
        return 1.0, list(STRENGTHS)
    now = getattr(config, name)
    if name == "image_size_px":
        return now, sorted({*SIZES_PX, now})
    if name == "learning_rate":
        steps = {float(f"{now * step:.2g}") for step in RATE_STEPS if step != 1.0}
        return now, sorted({*(rate for rate in steps if rate <= 1.0), now})
    return now, sorted({*PULLS, now})


def _tried_at_first(config: TrainConfig, name: str, choices: list[Any]) -> list[Any]:
    """Return the value of the form; of what matters most, its neighbours too."""
    is_quick = config.network == "features"
    if name == STRENGTH:
        return [1.0]
    at = choices.index(getattr(config, name))
    if name == ("image_size_px" if is_quick else "learning_rate"):
        return choices[max(0, at - 1) : at + 2]
    return [choices[at]]


def _value_words(name: str, value: float, now: float) -> str:
    if name == STRENGTH:
        return "none" if not value else f"{value:g} ×"
    if name == "regularisation" and not value:
        return "chosen by itself"
    return f"{value:g}"


def plan_words(search: Search) -> str:
    """Return how many runs of which length this search is."""
    tries = counted(len(search.tries), "run")
    if not search.short_epochs:
        return f"{tries}."
    return (
        f"{tries} of {counted(search.short_epochs, 'epoch')}; the best "
        f"{search.whole} then with all {search.config.epochs}."
    )


def _said(submit: Callable[[], None], words: str) -> Callable[[], None]:
    """Queue and say so, or say why not."""

    def act() -> None:
        try:
            submit()
            session.flash(words)
        except (MLError, StorageError) as error:
            session.flash(escape(str(error)), ":material/error:")

    return act
