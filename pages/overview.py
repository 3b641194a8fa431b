"""Where the project stands and the one next step."""

from __future__ import annotations

import streamlit as st

from mlcore.coverage_live import live_coverage
from pages.parts import layout, restoring, sample_start, session, tour, welcome
from pages.parts.best_run import best_words, find_best_run
from pages.parts.coverage_notice import coverage_notice
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.latest_run import show_latest_run
from pages.parts.next_step import NextStep, next_step
from pages.parts.text import escape, number, percent
from storage.doubted import count_unlearned
from storage.home import home_dir
from storage.images import list_images, progress
from storage.labels import list_labels
from storage.projects import Project
from storage.records import Progress
from storage.runs import list_runs

SOME = 8
SHORT_BELOW = 100


def show() -> None:
    """Show the open project, or the way to the first one."""
    if restoring.is_open():
        restoring.show()
        return
    # A sample project being made is listed before it is filled.
    if session.current_project_name() is None or sample_start.is_making():
        welcome.show()
        return
    with session.open_current() as project:
        show_project(project)


def show_project(project: Project) -> None:
    """Show tiles, the next step, what is missing, and the latest run."""
    standing = progress(project)
    labels = list_labels(project)
    runs = list_runs(project)
    layout.page_title(escape(project.name), standing_line(standing))
    layout.stat_row(
        [
            ("Pictures", number(standing.total), None),
            ("Labelled", labelled_share(standing), None),
            ("Labels", number(len(labels)), None),
            combinations_tile(project),
            ("Runs", number(len(runs)), None),
        ]
    )
    unlearned = count_unlearned(project)
    show_next_step(next_step(standing, len(labels), runs, unlearned=unlearned))
    coverage_notice(project, where="overview")
    tour.show_card(project)
    if runs:
        best = find_best_run(project, runs)
        words = best_words(project, runs, best) if best else ""
        show_latest_run(project, runs[0], best, words)
    show_some_pictures(project, standing.total)
    st.caption(f"Data of this project: `{home_dir() / project.name}`")


def standing_line(standing: Progress) -> str:
    """Return "412 of 2,160 labelled · 30 with open questions"."""
    if not standing.total:
        return "An empty project."
    line = f"{number(standing.labelled)} of {number(standing.total)} labelled"
    open_questions = standing.labelled - standing.complete
    if open_questions:
        line += f" · {number(open_questions)} with open questions"
    return line


def labelled_share(standing: Progress) -> str:
    """Return the share of labelled pictures; never 100 % before it is true."""
    if not standing.total:
        return "–"
    share = standing.labelled / standing.total
    return percent(min(share, 0.99) if standing.labelled < standing.total else 1.0)


def combinations_tile(project: Project) -> tuple[str, str, str | None]:
    """Return the tile "6 of 9" combinations present."""
    found = live_coverage(project)
    of_groups, of_all = found.grouped, (found.present, found.possible)
    present, possible = of_groups if of_groups[1] else of_all
    # "74 of 136" is cut off in a narrow tile
    joint = " of " if possible < SHORT_BELOW else "/"
    value = f"{present}{joint}{possible}" if possible else "–"
    return ("Combinations", value, "Pairs of labels that at least one picture shows.")


def show_some_pictures(project: Project, total: int) -> None:
    """Show pictures from all over the project, so that it has a face."""
    if not total:
        return
    # Steps of the golden ratio: evenly spread, and not in step with an import order
    # that repeats its classes.
    places = sorted({int(total * (0.618034 * step % 1)) for step in range(SOME)})
    images = [
        image
        for place in places
        for image in list_images(project, offset=place, limit=1)
    ]
    items = [GalleryItem(image_url(project.name, image.sha256)) for image in images]
    st.caption("A few of the pictures")
    gallery(project.name, items, key="overview_gallery", size_px=84)


def show_next_step(step: NextStep) -> None:
    """Show the next step as the page's one prominent card."""
    with st.container(
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        key="overview_next_step",
    ):
        with st.container(width=520, gap="xxsmall"):
            st.caption("Next step")
            st.markdown(f"### :primary[{step.icon}] {step.title}")
            st.markdown(step.text)
        if st.button(step.action, type="primary", key="overview_next"):
            st.switch_page(step.page)


show()
