"""Three steps that explain unseen combinations: the gap, the answer, what to do.

On Overview they lie open as long as a sample project has no run and nobody closed
them; elsewhere they come over the page when asked for.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mlcore.recipes import RECIPES
from mlcore.samples import sample_pictures
from pages.parts import tour_story
from pages.parts.component_source import join_sources
from pages.parts.train_recipes import open_with
from storage.project_settings import read_setting, write_setting
from storage.projects import open_project
from storage.runs import list_runs

if TYPE_CHECKING:
    from storage.projects import Project

CLOSED = "tour_closed"
TURN_KEY = "tour_scroll_turn"
RECIPE = "compositional"
# As it is called on the Train page.
CARD = RECIPES[RECIPE].plain

_component = st.components.v2.component(
    "unseen_tour",
    # a lone line would be read as a path to a file
    html='<div class="tour">\n</div>',
    css=join_sources("tour.css"),
    js=join_sources("dom.js", "tour_pictures.js", "tour.js"),
)
_scroller = st.components.v2.component(
    "unseen_tour_scroll", html="<span></span>", js=join_sources("tour_scroll.js")
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a sentence beside a picture, and the places it leads to."""

    picture: str
    title: str
    text: str
    places: tuple[tuple[str, str], ...]


GAP = Step(
    "gap",
    "Some combinations are in no picture",
    "These sample pictures show each colour and each garment, but black only on "
    "jeans: three of nine combinations are in no picture at all.",
    (("coverage", "See it on Coverage"),),
)
DO = Step(
    "collect",
    "Show it a few, or train for it",
    "Collect what the shopping list names, where even five pictures help a lot, or "
    f"train the recipe “{CARD}”, made to answer what no picture shows.",
    (("list", "Open the shopping list"), ("train", f"Train “{CARD}”")),
)


def answer_step(*, has_model: bool) -> Step:
    """Return the second step: it leads to Classify once there is a model."""
    place = ("classify", "Try it on Classify")
    return Step(
        "answer",
        "A model answers all the same",
        "Asked about a black dress, it may pick the nearest it knows, a blue dress or "
        "black jeans; so Classify says at each answer what no picture taught it.",
        (place if has_model else ("first", "Train a first model"),),
    )


def show_card(project: Project) -> None:
    """Lay the steps open in a fresh sample project; else draw nothing."""
    if not is_unasked(project):
        return
    with st.container(border=True, key="tour_card"):
        act = _draw(project, key="tour_open", is_card=True)
    if act == "close":
        write_setting(project, CLOSED, True)
        st.rerun()


def is_unasked(project: Project) -> bool:
    """Return whether the steps are shown without a click."""
    if read_setting(project, CLOSED, False) or list_runs(project):
        return False
    return bool(sample_pictures(project))


def show_button(project_name: str, label: str, *, where: str) -> bool:
    """Draw the button that shows the steps over the page; return whether it did.

    `where` is the page that asks; it becomes part of the widget key.
    """
    asked = st.button(
        label, key=f"{where}_tour", icon=":material/slideshow:", type="tertiary"
    )
    if asked:
        _show_dialog(project_name)
    return asked


@st.dialog("Combinations a model never saw", width="medium")
def _show_dialog(project_name: str) -> None:
    # a dialog reruns alone, when the page's own connection is long closed
    with open_project(project_name) as project:
        act = _draw(project, key="tour_asked", is_card=False)
    if act == "close":
        st.rerun()


def _draw(project: Project, *, key: str, is_card: bool) -> str:
    """Draw the steps; go where a click leads, or return "close"."""
    has_model = any(run.is_usable for run in list_runs(project))
    steps = [GAP, answer_step(has_model=has_model), DO]
    result: Any = _component(
        data={"steps": [asdict(step) for step in steps], "is_card": is_card},
        key=key,
        on_act_change=lambda: None,
    )
    act = str(result.act or "")
    if act and act != "close":
        go(act, project.name)
    return act


def show_why(project_name: str) -> bool:
    """Draw the ways to an explanation on Coverage; return whether one lies over it.

    Scrolls to the shopping list where a step led to it.
    """
    words = "Why this matters, in three steps"
    with st.container(horizontal=True, key="coverage_why"):
        is_open = show_button(project_name, words, where="coverage")
        is_open = tour_story.show_button(where="coverage") or is_open
        if turn := st.session_state.get(TURN_KEY):
            _scroller(data={"turn": turn}, key="tour_scroll")
    return is_open


def go(place: str, project_name: str) -> None:
    """Open the page a step leads to."""
    if place == "train":
        open_with(project_name, RECIPE)
    if place == "list":
        st.session_state[TURN_KEY] = uuid.uuid4().hex
    pages = {"classify": "classify.py", "train": "train.py", "first": "train.py"}
    st.switch_page(pages.get(place, "coverage.py"))
