"""What one cell of the coverage map holds: its images, or what to collect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.left_out import newest_studies
from pages.parts.coverage_board import SPLITS
from pages.parts.coverage_likeness import model_words
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.session import flash, who
from pages.parts.shopping_list import add_button
from pages.parts.text import counted, escape, number
from storage.images import count_images
from storage.label_sets import images_of_combination, mark_impossible
from storage.projects import open_project
from storage.records import Filter

if TYPE_CHECKING:
    from storage.projects import Project

IMAGES_AT_ONCE = 24
MORE_KEY = "coverage_more"
# On a telephone what is said about a gap is longer than on a screen. Streamlit gives
# the height to the element around the container.
PHONE_HEIGHT = (
    "<style>@media (max-width: 640px) {div:has(> .st-key-coverage_panel) "
    "{height: 470px !important; flex-basis: 470px !important}}</style>"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A chosen combination (or a single label) with its numbers."""

    label_ids: tuple[int, ...]
    names: tuple[str, ...]
    count: int
    expected: float
    impossible: bool
    aim: int
    groups: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Label ids ascending, joined by commas."""
        return ",".join(str(label_id) for label_id in sorted(self.label_ids))

    @property
    def title(self) -> str:
        """The names as safe Markdown: "black dress"."""
        return escape(" ".join(self.names))

    @property
    def mixed(self) -> str:
        """What would have to be mixed evenly, as safe Markdown."""
        if len(self.groups) < 2:
            return "labels"
        *most, last = [f"*{escape(name)}*" for name in self.groups]
        return f"{', '.join(most)} and {last}"


def show_panel(project: Project, cell: Cell | None, *, height_px: int) -> None:
    """Draw the panel beside the map; None asks for a click.

    Its height is fixed, so that choosing another cell moves nothing below it.
    """
    st.html(PHONE_HEIGHT)
    with st.container(border=True, key="coverage_panel", height=height_px):
        if cell is None:
            _show_hint()
        else:
            st.markdown(f"### {cell.title}")
            _show_cell(project, cell, "coverage_panel")


def show_dialog(project_name: str, cell: Cell) -> None:
    """Show a combination over the page, for lists far from the map."""

    @st.dialog(cell.title, width="medium")
    def show() -> None:
        # a dialog reruns alone, when the page's own connection is long closed
        with open_project(project_name) as project:
            _show_cell(project, cell, "coverage_dialog")

    show()


def _show_cell(project: Project, cell: Cell, where: str) -> None:
    if cell.impossible:
        _show_impossible(project, cell, where)
    elif cell.count == 0:
        _show_gap(project, cell, where)
    else:
        _show_images(project, cell, where)


def set_impossible(project: Project, cell: Cell, *, impossible: bool) -> None:
    """Record whether a combination can exist, then run the page again."""
    mark_impossible(project, tuple(sorted(cell.label_ids)), impossible, who=who())
    if impossible:
        words = f"**{cell.title}** is left out of every count. Its cell takes it back."
    else:
        words = f"**{cell.title}** counts again."
    flash(words)
    st.rerun()


def _show_hint() -> None:
    st.markdown("**Choose a cell**")
    st.caption(
        "A number shows its pictures. An empty, dashed cell says what to collect. "
        "Arrow keys walk the map."
    )


def _show_images(project: Project, cell: Cell, where: str) -> None:
    st.caption(" · ".join([_count_words(cell), *_split_words(project, cell)]))
    limit = st.session_state.get(MORE_KEY, {}).get(cell.key, IMAGES_AT_ONCE)
    images = images_of_combination(project, cell.label_ids, limit=limit)
    items = [GalleryItem(image_url(project.name, image.sha256)) for image in images]
    gallery(project.name, items, key=f"{where}_images", size_px=88)
    if cell.count > len(images):
        st.button(
            f"Show more of {number(cell.count)}",
            key=f"{where}_more",
            icon=":material/expand_more:",
            on_click=_show_more,
            args=(cell.key, limit + 4 * IMAGES_AT_ONCE),
        )


def _count_words(cell: Cell) -> str:
    words = counted(cell.count, "picture")
    missing = cell.aim - cell.count
    if len(cell.label_ids) > 1 and missing > 0:
        words += f" · {number(missing)} more and it is no longer thin"
    return words


def _split_words(project: Project, cell: Cell) -> list[str]:
    """Return "training 10", "test 2" for the parts that hold such pictures."""
    counts = {
        split: count_images(project, Filter(label_ids=cell.label_ids, split=split))
        for split in SPLITS
    }
    return [f"{SPLITS[s].lower()} {number(n)}" for s, n in counts.items() if n]


def _show_more(key: str, limit: int) -> None:
    st.session_state[MORE_KEY] = {key: limit}


def _show_gap(project: Project, cell: Cell, where: str) -> None:
    st.markdown(":orange[:material/warning: **No picture shows this.**]")
    st.markdown(_expectation(cell))
    said = escape(model_words(newest_studies(project), cell.label_ids, cell.names))
    words = f"**Collect {number(cell.aim)}** to count as fine; even five help a lot."
    st.markdown(f"{words} {said}")
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Add pictures",
            type="primary",
            icon=":material/add_photo_alternate:",
            key=f"{where}_add",
        ):
            st.switch_page("data.py")
        add_button(project, cell.label_ids, cell.aim, key=f"{where}_list")
        if st.button(
            "This cannot exist", icon=":material/block:", key=f"{where}_impossible"
        ):
            set_impossible(project, cell, impossible=True)


def _expectation(cell: Cell) -> str:
    mixed = f"If {cell.mixed} were mixed evenly,"
    if cell.expected < 1:
        return f"{mixed} no picture would show it either: its labels are rare."
    return (
        f"{mixed} about **{counted(round(cell.expected), 'picture')}** would show it: "
        "a gap in the pictures."
    )


def _show_impossible(project: Project, cell: Cell, where: str) -> None:
    st.caption("Marked as impossible, so it is left out of every count.")
    if st.button("It can exist after all", key=f"{where}_possible"):
        set_impossible(project, cell, impossible=False)
