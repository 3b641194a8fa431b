"""The run beside another one, on the pictures that both kept out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.errors import MLError
from mlcore.run_pairs import BETTER, SAME, WORSE, RunPair, Tally, compare_pair
from pages.parts.gallery import GalleryItem, gallery, image_url
from pages.parts.review_mistakes import label_address
from pages.parts.review_table import Column, Measure, count, measure_table, name, share
from pages.parts.run_status import run_title
from pages.parts.text import counted, escape, number
from storage.images import get_images
from storage.runs import list_runs

if TYPE_CHECKING:
    from mlcore.run_pairs import Flip
    from pages.parts.review_scene import Scene
    from storage.projects import Project

OTHER_KEY = "review_other"
SHOWN_AT_MOST = 24
TONES = {BETTER: "good", WORSE: "warn", SAME: ""}
VERDICTS = {BETTER: "better", WORSE: "worse", SAME: "no clear difference"}
EXACT = {
    BETTER: ":green[**Better**], and more than chance explains",
    WORSE: ":red[**Worse**], and more than chance explains",
    SAME: "**No difference that these pictures can show**",
}
COLUMNS = (
    Column("Label", "The label.", "name"),
    Column("Verdict", "Whether chance explains the difference (95 %).", "mark"),
    Column(
        "Right before", "Share of its answers that are right with the other run.", "bar"
    ),
    Column("Right now", "Share of its answers that are right with this run.", "bar"),
    Column("Newly right", "Pictures on which only this run is right."),
    Column("No longer", "Pictures on which only the other run is right."),
    Column(
        "p",
        "McNemar's exact test: how likely such a difference is by chance alone, "
        "corrected for the number of labels (Holm).",
    ),
)


def show_pair(scene: Scene) -> None:
    """Choose another run; say what is better, worse, the same, and what flipped."""
    others = [
        run
        for run in list_runs(scene.project)
        if run.is_usable and run.run_id != scene.run.run_id
    ]
    if not others:
        st.caption("There is no other finished run to compare with yet.")
        return
    titles = {run.run_id: run_title(run) for run in others}
    chosen = st.selectbox(
        "Compare with", list(titles), format_func=titles.__getitem__, key=OTHER_KEY
    )
    try:
        pair = compare_pair(scene.project, chosen, scene.run.run_id)
    except MLError as error:
        st.markdown(f":orange[:material/warning:] {escape(str(error))}")
        return
    st.markdown(exact_sentence(pair.exact))
    left_out = pair.left_out.sentence()
    if left_out:
        stress = "**" if pair.left_out.are_far_apart else ""
        icon = ":violet[:material/visibility_off:]"
        st.markdown(f"{icon} {stress}{left_out}{stress}")
    for note in pair.notes:
        st.caption(f":orange[:material/info:] {escape(note)}")
    measure_table(
        "This run against another", COLUMNS, list_rows(pair), key="review_pair_labels"
    )
    _show_flips(scene.project, "Wrong before, right now", pair.mended, "mended")
    _show_flips(scene.project, "Right before, wrong now", pair.broken, "broken")


def exact_sentence(exact: Tally) -> str:
    """Return "402 → 408 of 414 pictures right on all labels: better, …" (Markdown)."""
    return (
        f"**{number(exact.old_right)} → {number(exact.new_right)}** of "
        f"{counted(exact.images, 'picture')} right on all labels: "
        f"{number(exact.gained)} newly right, {number(exact.lost)} no longer. "
        f"{EXACT[exact.verdict]} (p {p_words(exact.p)})."
    )


def p_words(p: float) -> str:
    """Return "= 0.03", or "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"= {p:.2f}" if p >= 0.1 else f"= {p:.3f}"


def list_rows(pair: RunPair) -> list[list[Measure]]:
    """Return a row a label: worse ones first, then better ones, then the rest."""
    order = {WORSE: 0, BETTER: 1, SAME: 2}
    ordered = sorted(
        pair.labels, key=lambda t: (order[t.verdict], -(t.gained + t.lost), t.name)
    )
    return [_row(tally) for tally in ordered]


def _row(tally: Tally) -> list[Measure]:
    shares = [
        share(
            right / tally.images if tally.images else None,
            likely=tally.interval(of_new=is_new),
            stands_on=f"{number(right)} of {number(tally.images)}",
        )
        for right, is_new in ((tally.old_right, False), (tally.new_right, True))
    ]
    return [
        name(tally.name),
        Measure(VERDICTS[tally.verdict], tally.verdict, TONES[tally.verdict]),
        *shares,
        count(tally.gained),
        count(tally.lost),
        Measure(p_words(tally.p).removeprefix("= "), tally.p),
    ]


def _show_flips(project: Project, title: str, flips: Sequence[Flip], key: str) -> None:
    if not flips:
        return
    st.markdown(f"**{title} ({number(len(flips))})**")
    shown = flips[:SHOWN_AT_MOST]
    found = get_images(project, [flip.image_id for flip in shown])
    images = {image.image_id: image for image in found}
    items = [
        GalleryItem(
            image_url(project.name, images[flip.image_id].sha256),
            caption=f"Before: {_join(flip.old_said)}",
            detail=f"Now: {_join(flip.new_said)}",
            href=label_address(project, images[flip.image_id]),
        )
        for flip in shown
        if flip.image_id in images
    ]
    gallery(project.name, items, key=f"review_pair_{key}", size_px=150)
    if len(flips) > len(shown):
        st.caption(f"The first {number(len(shown))} of {number(len(flips))}.")


def _join(names: Sequence[str]) -> str:
    return " + ".join(names) or "none of the labels"
