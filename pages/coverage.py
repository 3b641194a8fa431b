"""Coverage: which label combinations the pictures show, and which they never do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from mlcore import coverage
from mlcore.left_out import newest_studies
from pages.parts import (
    coverage_board,
    coverage_cell,
    coverage_choice,
    coverage_companions,
    coverage_left_out,
    coverage_likeness,
    coverage_map,
    coverage_over_time,
    coverage_rows,
    coverage_splits,
    coverage_tools,
    coverage_watch,
    drift_table,
    group_offer,
    layout,
    session,
    shopping_list,
    tour,
)
from pages.parts import coverage_headline as head
from pages.parts import coverage_sections as sections
from pages.parts.text import escape
from storage import images, labels
from storage.projects import Project
from storage.records import Group

MAP_KEY = "coverage_map"
STRENGTH_KEY = "coverage_strength"
ROW_KEYS = ("coverage_missing", "coverage_thin", "coverage_impossible")
WIDE_FROM = 9


def show_page(project: Project) -> None:
    """Draw the page, or the one empty state that fits."""
    groups = labels.list_groups(project)
    if show_empty_state(project):
        return
    found = coverage.coverage_of(project, choose_strength(groups))
    opened = obey_clicks(project, found)
    pairs = coverage.pair_map_of(project)
    gaps = head.list_gaps(found, pairs)
    head.show_headline(found, gaps)
    is_told = tour.show_why(project.name)
    group_offer.show(project)
    show_map(project, found, pairs, gaps)
    if found.possible:
        show_lists(project, found, gaps)
    if groups:
        counts = labels.label_counts(project)
        sections.show_groups(groups, len(labels.free_labels(project)), counts)
    sections.show_impossible(project, found)
    if opened:
        coverage_cell.show_dialog(project.name, opened)
    elif not is_told:
        # drawn anew, the page would close the dialog
        coverage_watch.watch(project)


def show_lists(
    project: Project,
    found: coverage.Coverage,
    gaps: Sequence[coverage.Combination],
) -> None:
    """Draw everything below the map: what to collect, to expect, where it lacks."""
    studies = newest_studies(project)
    study = coverage_likeness.main_study(studies)
    # it is of pairs also where triples are looked at, as its files are
    of_pairs = found if found.strength == 2 else coverage.coverage_of(project)
    shopping_list.show_shopping_list(project, of_pairs, study)
    coverage_left_out.show_left_out(project, studies)
    sections.show_missing(project, found, gaps, study)
    sections.show_thin(project, found)
    coverage_companions.show_companions(project, found)
    drift_table.show(project)
    coverage_splits.show_splits(project, found)
    coverage_over_time.show_over_time(project, found)


def show_empty_state(project: Project) -> bool:
    """Say what is still needed before anything can be counted; False when nothing."""
    progress = images.progress(project)
    if not progress.total:
        layout.empty_state(
            ":material/grid_view:",
            "No pictures yet",
            "Bring pictures in; this page then shows which combinations they lack.",
            action="Add pictures",
            page="data.py",
            key="coverage_no_images",
        )
    elif not progress.labelled or len(labels.list_labels(project)) < 2:
        has_one = len(labels.list_labels(project)) == 1
        layout.empty_state(
            ":material/sell:",
            "Combinations need two labels" if has_one else "Nothing to compare yet",
            "Label some pictures with at least two labels each, then come back.",
            action="Label pictures",
            page="label.py",
            key="coverage_no_labels",
        )
    else:
        return False
    return True


def choose_strength(groups: list[Group]) -> int:
    """Return 2, or what a person chose where three groups make triples possible."""
    if sum(group.rule != "any" for group in groups) < 3:
        return 2
    words = {2: "Pairs", 3: "Triples"}
    chosen = st.segmented_control(
        "Labels in a combination",
        list(words),
        default=2,
        format_func=words.__getitem__,
        key=STRENGTH_KEY,
        required=True,
    )
    return int(chosen or 2)


def obey_clicks(
    project: Project, found: coverage.Coverage
) -> coverage_cell.Cell | None:
    """Do what was clicked on the map or in a list, before anything is drawn.

    Returns a combination that a list asks to show; it opens over the page.
    """
    picked = coverage_map.take_pick(MAP_KEY)
    if picked is not None:
        st.session_state[coverage_choice.CHOSEN_KEY] = (project.name, picked)
    for do, label_ids in take_acts(project):
        cell = found.find(label_ids)
        if cell:
            return obey(project, do, coverage_choice.as_cell(cell, found))
    return None


def take_acts(project: Project) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what was clicked in the lists; the shopping list's numbers are obeyed."""
    act = shopping_list.take_list_act()
    if act and act["do"] == "show":
        yield "show", coverage_rows.parse_key(str(act["key"]))
    elif act:
        shopping_list.obey_list(project, act)
    for key in ROW_KEYS:
        clicked = coverage_rows.take_act(key)
        if clicked:
            yield clicked


def obey(
    project: Project, do: str, cell: coverage_cell.Cell
) -> coverage_cell.Cell | None:
    """Carry out one act of a row: show, add, impossible or possible."""
    if do == "show":
        return cell
    if do == "add":
        st.switch_page("data.py")
    coverage_cell.set_impossible(project, cell, impossible=do == "impossible")
    return None


def show_map(
    project: Project,
    found: coverage.Coverage,
    pairs: coverage.PairMap,
    gaps: Sequence[coverage.Combination],
) -> None:
    """Draw the map with its panel: beside it, or below it when the map is wide."""
    st.markdown("## Map")
    splits = coverage_splits.filled_splits(project)
    wish = coverage_tools.choose_wish(found.groups, len(pairs.labels), splits)
    data = coverage_board.read_board(project, wish)
    data["selected"] = coverage_choice.chosen_key(project, data, gaps)
    cell = coverage_choice.find_cell(found, pairs, data["selected"])
    is_wide = len(data["columns"]) >= WIDE_FROM
    left, right = (st, st) if is_wide else st.columns([3, 2])
    with left.container():
        coverage_map.coverage_map(data, key=MAP_KEY)
        if data["left_out"]:
            st.caption(escape(data["left_out"]))
    with right.container():
        # the taller one holds all that is said about a gap beside the map
        height_px = 520 if found.possible and not is_wide else 320
        coverage_cell.show_panel(project, cell, height_px=height_px)


layout.page_title(
    "Coverage",
    "Which combinations of labels your pictures show, and which they never do.",
)
with session.open_current() as current:
    show_page(current)
