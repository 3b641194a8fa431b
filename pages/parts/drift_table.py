"""What arrives in use that training lacks, in one sentence and a table."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.drift import drift_of
from mlcore.left_out_like import WIDE
from mlcore.model_json import MODEL_NAME
from pages.parts.coverage_likeness import in_100, range_words
from pages.parts.review_table import Column, Measure, count, measure_table, name
from pages.parts.text import counted, number
from storage.classified import classified_mark
from storage.runs import list_runs, run_dir

if TYPE_CHECKING:
    from mlcore.drift import Arrival, Drift
    from storage.projects import Project
    from storage.records import Run

KEPT_KEY = "drift_kept"
ROWS_AT_MOST = 60
COLUMNS = (
    Column("Combination", "As people labelled it, else as it was surely read.", "name"),
    Column("7 days", "Pictures classified in the last 7 days."),
    Column("30 days", "Pictures classified in the last 30 days."),
    Column("All", "Pictures classified and remembered."),
    Column("Trained on", "Images the run learned this combination from."),
    Column(
        "Training",
        "Of its pictures: 0 never · 1 to 4 trace · below 30 thin, else many.",
        "mark",
    ),
    Column(
        "Estimated right",
        "“62 of 66”: all labels right, of its own held-out pictures. “Overall”: it has "
        "none, so on those of all seen combinations. Else: from leaving combinations "
        "out of training.",
        "words",
    ),
)
CHECK = ":green[:material/check_circle:]"
# How many there were is no promise that they are read right.
TIERS = {"missing": "never", "trace": "trace", "thin": "thin", "fine": "many"}


def show(project: Project, *, where: str = "coverage", run_id: str = "") -> None:
    """Draw what arrives; nothing where nothing is remembered.

    `where` is the page that asks; it becomes part of the widget keys. What training
    lacks is that of the run named, else of the newest.
    """
    found = _read(project, run_id)
    if found is None or not (found.shown or found.doubtful):
        return
    st.markdown("## Arriving in use")
    with st.container(border=True, key=f"{where}_drift", gap="small"):
        st.markdown(sentence(found))
        rows = [_row(arrival) for arrival in found.arrivals[:ROWS_AT_MOST]]
        if rows:
            measure_table("Arriving in use", COLUMNS, rows, key=f"{where}_drift_table")
            st.caption(_note(found, run_id))


def _read(project: Project, run_id: str) -> Drift | None:
    """Read what arrives once for each change: pages draw themselves often."""
    mark = classified_mark(project)
    if not mark[0]:
        return None
    runs = [
        (run.run_id, run.state, _written(project, run)) for run in list_runs(project)
    ]
    now = (project.name, mark, runs, run_id, date.today())
    kept = st.session_state.get(KEPT_KEY)
    if kept is None or kept[0] != now:
        kept = st.session_state[KEPT_KEY] = (now, drift_of(project, run_id=run_id))
    found: Drift = kept[1]
    return found


def _written(project: Project, run: Run) -> int:
    """Other thresholds, which decide what is right, are written with the model."""
    path = run_dir(project, run.run_id) / MODEL_NAME
    return path.stat().st_mtime_ns if path.exists() else 0


def sentence(found: Drift) -> str:
    """Return "3 of the 9 combinations that arrived were never in training: …"."""
    if not found.shown:
        return ":gray[:material/help:] " + _doubt_words(found).strip()
    total = counted(found.shown, "combination")
    if not found.unseen:
        icon = ":gray[:material/help:]" if found.doubtful else CHECK
        pictures = counted(found.images, "picture")
        words = (
            f"{icon} {pictures} surely read or labelled: **{total}**, all of them "
            "known from training."
        )
    else:
        verb = "was" if found.unseen == 1 else "were"
        pictures = f"{number(found.unseen_images)} of {number(found.images)} pictures"
        words = (
            f":orange[:material/warning:] **{number(found.unseen)} of the {total}** "
            f"that arrived {verb} never in training: **{pictures}**."
        )
    return words + _doubt_words(found)


def _doubt_words(found: Drift) -> str:
    """A model that cannot know reads something it does know."""
    if not found.doubtful:
        return ""
    verb = "is" if found.doubtful == 1 else "are"
    which = "it" if found.doubtful == 1 else "any of them"
    noun = "picture" if found.doubtful == 1 else "pictures"
    more = "more " if found.shown else ""
    return (
        f" {number(found.doubtful)} {more}{noun} {verb} doubtful and unchecked: "
        f"{which} may show what training lacks."
    )


def _note(found: Drift, wanted: str) -> str:
    words = (
        "Each picture counts once, as people labelled it, else as it was surely read."
    )
    if found.run:
        words += f" Training is that of run {found.run.number}."
        if wanted and wanted != found.run.run_id:
            words += " That of the run chosen cannot be read."
    new = [arrival for arrival in found.arrivals if arrival.tier == "missing"]
    if not any(one.estimate or one.untried for one in new or found.arrivals):
        words += " How right it is on what it never saw was not measured for its data."
    more = len(found.arrivals) - ROWS_AT_MOST
    return words + f" {number(more)} more are not listed." * (more > 0)


def _row(arrival: Arrival) -> list[Measure]:
    is_new = arrival.tier == "missing"
    return [
        name(" ".join(arrival.names)),
        count(arrival.days_7),
        count(arrival.days_30),
        count(arrival.ever),
        _trained(arrival),
        Measure(TIERS[arrival.tier], arrival.trained, "warn" if is_new else ""),
        _estimate(arrival),
    ]


def _trained(arrival: Arrival) -> Measure:
    """What no run has learned may have labels by now."""
    if arrival.trained or not arrival.labelled:
        return count(arrival.trained)
    return Measure(f"0 · {number(arrival.labelled)} labelled since", 0)


def _estimate(arrival: Arrival) -> Measure:
    found = arrival.estimate
    if found is None:
        untried = " and ".join(arrival.untried)
        words = f"nobody can tell, none with {untried} was tried"
        return Measure(words if untried else "–")
    if found.images:
        own = f"{number(found.right)} of {number(found.images)}"
        low, high = in_100(found.low), in_100(found.high)
        words = f"{in_100(found.right / found.images)} in 100 ({low}–{high}), {own}"
        return Measure(words, found.share)
    if found.high - found.low > WIDE:
        return Measure(range_words(found.low, found.high), found.low)
    low, high = in_100(found.low), in_100(found.high)
    if found.share is None:
        return Measure(f"{low}–{high} in 100", found.low)
    words = f"{in_100(found.share)} in 100 ({low}–{high})"
    return Measure(words + ", overall" * found.is_overall, found.share)
