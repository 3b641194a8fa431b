"""What is wrong or risky before a run starts, each with what mends it in one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mlcore import preflight
from mlcore.backbones import BACKBONES
from mlcore.preflight_mending import mend
from mlcore.recipes import RECIPES
from pages.parts import layout, schema_acts, session
from pages.parts.text import counted, escape
from pages.parts.train_fields import set_fields
from pages.parts.train_recipes import put_recipe
from storage.images import progress

if TYPE_CHECKING:
    from mlcore.config import TrainConfig
    from mlcore.findings import Finding, Remedy
    from mlcore.recipes import Recipe
    from storage.projects import Project

SHOWN_AT_ONCE = 4


def find_all(project: Project, config: TrainConfig) -> list[Finding]:
    """Return what is to be known before the start, reasons to stop first."""
    # The page's coverage notice says it already.
    found = preflight.check(project, config)
    return [finding for finding in found if finding.topic != "coverage"]


def show_findings(project: Project, recipe: Recipe, found: list[Finding]) -> None:
    """List the findings with their remedies; the tail of a long list is folded."""
    if not found:
        ready = counted(progress(project).labelled, "labelled picture")
        layout.finding("info", f"Ready: {ready}, nothing in the way.")
    for at, finding in enumerate(found[:SHOWN_AT_ONCE]):
        _show(finding, recipe, at)
    rest = found[SHOWN_AT_ONCE:]
    if rest:
        with st.expander(f"{len(rest)} more to know", icon=":material/more_horiz:"):
            for at, finding in enumerate(rest, SHOWN_AT_ONCE):
                _show(finding, recipe, at)


def _show(finding: Finding, recipe: Recipe, at: int) -> None:
    text = in_card_names(finding.text)
    hint = escape(in_card_names(finding.hint)) if finding.hint else None
    if finding.remedy is None:
        with st.container(gap="xxsmall"):
            layout.finding(finding.level, escape(text), hint)
        return
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"train_finding_{at}"
    ):
        # Where both do not fit, the button goes below the words.
        with st.container(gap="xxsmall", width="stretch"):
            layout.finding(finding.level, escape(text), hint)
        _remedy_button(finding.remedy, recipe, at)


def in_card_names(words: str) -> str:
    """Return a sentence of the engine with recipes called as on their cards."""
    for name, recipe in RECIPES.items():
        words = words.replace(f"the recipe {name},", f"“{recipe.plain}”,")
    return words


def _remedy_button(remedy: Remedy, recipe: Recipe, at: int) -> None:
    # A click must not count for another remedy that takes this one's place.
    key = f"train_remedy_{at}_{remedy.title.replace(' ', '_')}"
    title = _remedy_title(remedy)
    if not remedy.page:
        st.button(title, key=key, on_click=_apply, args=(remedy, recipe))
    elif st.button(title, key=key):
        _go(remedy)


def _remedy_title(remedy: Remedy) -> str:
    """Return what the button does; a recipe is called as on its card."""
    if remedy.recipe in RECIPES:
        return f"Use “{RECIPES[remedy.recipe].plain}”"
    backbone = str(dict(remedy.settings).get("backbone"))
    if backbone in BACKBONES:
        return f"Use {BACKBONES[backbone].title}"
    return remedy.title


def _go(remedy: Remedy) -> None:
    address = dict(remedy.address)
    if "half" in address:
        st.session_state["data_half"] = address.pop("half")
    project = session.current_project_name() or ""
    st.switch_page(remedy.page, query_params={"project": project, **address})


def _apply(remedy: Remedy, recipe: Recipe) -> None:
    if remedy.settings:
        set_fields(recipe, dict(remedy.settings))
    elif remedy.recipe:
        put_recipe(remedy.recipe)
    else:
        _mend_answers(remedy)


def _mend_answers(remedy: Remedy) -> None:
    # Kept among the steps that Undo in “Labels and groups” takes back.
    schema_acts.do_in_callback(
        escape(remedy.title), lambda project: mend(project, remedy, who=session.who())
    )
    session.flash("Done. Undo in “Labels and groups” takes it back.")
