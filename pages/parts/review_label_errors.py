"""Label errors: search for labels that are probably wrong, settle what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from mlcore.label_search import LabelReport, last_report
from mlcore.label_suspicions import order_suspected
from mlcore.label_words import (
    FIRST,
    found_words,
    points,
    worth_figures,
    worth_verdict,
)
from mlcore.queue_reasons import suspect_words
from pages.parts import fix_offers, label_fixes
from pages.parts.fix_offers import Rules
from pages.parts.gallery import image_url
from pages.parts.judge_cards import KEEP, UNDO, WHY, JudgeCard, judge_cards
from pages.parts.mistake_cards import label_address
from pages.parts.review_label_search import explain, show_search
from pages.parts.text import counted, escape, number
from pages.parts.why_dialog import Asked, why_dialog
from storage.images import get_images
from storage.labels import list_labels
from storage.suspects import (
    count_suspected_images,
    list_suspected_images,
    suspects_of,
)

if TYPE_CHECKING:
    from pages.parts.label_fixes import Fix
    from storage.projects import Project
    from storage.records import Image, Run
    from storage.suspects import Suspect

PER_PAGE = 24
PAGE_KEY = "label_errors_page"
# The pictures of the last search in their order: those settled stay in sight.
ORDER_KEY = "label_errors_order"
CARDS_KEY = "label_errors_cards"
WHY_KEY = "label_errors_why"
ALL_KEY = "label_errors_all"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the cards of one page are made of; `now` are the labels of today."""

    names: Mapping[int, str]
    now: Mapping[int, frozenset[int]]
    rules: Rules


def show(project: Project, run: Run) -> None:
    """Draw the search, what it found and what that is worth, and the pictures."""
    found = last_report(project)
    st.markdown(f"## {title_of(found[1] if found else None)}")
    explain()
    show_search(project)
    if found is None:
        return
    at, report = found
    st.markdown(escape(found_words(report)))
    if report.worth:
        with st.container(border=True, key="label_errors_worth", gap="small"):
            st.markdown("**What mending them is worth**")
            is_probable = report.probable_count > 0
            verdict = worth_verdict(report.worth, is_probable=is_probable)
            st.markdown(escape(verdict))
            figures = escape(worth_figures(report.worth))
            if figures:
                st.caption(figures, help=worth_note(report))
    show_cards(project, run, choose_first(order_of(project, at), report))


def title_of(report: LabelReport | None) -> str:
    """Return the heading: a search that errs itself does not call labels wrong."""
    if report is None or not report.suspected or report.probable_count:
        return "Labels that are probably wrong"
    return "Labels the model disagrees with"


def choose_first(order: Sequence[int], report: LabelReport) -> Sequence[int]:
    """Return the most suspicious pictures only, where more are hardly worth a look."""
    if report.probable_count or len(order) <= FIRST:
        return order
    words = f"Show all {number(len(order))}"
    return order if st.toggle(words, key=ALL_KEY) else order[:FIRST]


def show_short(project: Project) -> None:
    """Draw the search and how many pictures are suspected, for Data, Health."""
    found = last_report(project)
    st.subheader(title_of(found[1] if found else None), anchor=False)
    show_search(project)
    if found is None:
        explain()
        return
    left = count_suspected_images(project)
    st.markdown(escape(found_words(found[1])))
    if left and st.button(
        f"Go through {counted(left, 'picture')} in Label",
        icon=":material/label:",
        key="label_errors_health",
    ):
        _open_queue(project.name)


def worth_note(report: LabelReport) -> str:
    """Return how the worth was measured, and what leaving them out would do."""
    assert report.worth is not None
    left_out = points(report.worth.left_out.difference)
    return (
        "Measured by fitting again without each asked picture, once with the labels as "
        "they are and once as the model reads them; judged only on pictures nobody "
        f"suspects. Leaving the suspected ones out instead: {left_out} points."
    )


def order_of(project: Project, at: str) -> list[int]:
    """Return the pictures of this search, the worst first, also those settled since."""
    kept_of, kept = st.session_state.get(ORDER_KEY, (None, []))
    if kept_of != (project.name, at):
        kept = order_suspected(project)[0]
        st.session_state[ORDER_KEY] = ((project.name, at), kept)
        st.session_state.pop(PAGE_KEY, None)
    order: list[int] = kept
    return order


def show_cards(project: Project, run: Run, order: Sequence[int]) -> None:
    """Draw a page of the suspected pictures, and the way to them in Label."""
    if not order:
        return
    left = set(list_suspected_images(project))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{counted(len(left.intersection(order)), 'picture')} left. A picture "
            "stays in sight until you move on.",
            width="stretch",
        )
        if st.button(
            "Go through them in Label",
            icon=":material/label:",
            key="label_errors_open",
            disabled=not left,
        ):
            _open_queue(project.name)
    pages = -(-len(order) // PER_PAGE)
    page = min(st.session_state.get(PAGE_KEY) or 1, pages)
    _draw_page(project, run, order[(page - 1) * PER_PAGE : page * PER_PAGE])
    if pages > 1:
        with st.container(horizontal_alignment="center"):
            st.pagination(pages, key=PAGE_KEY)


def _open_queue(project_name: str) -> None:
    address = {"project": project_name, "view": "one", "state": "all"}
    st.switch_page("label.py", query_params=address | {"queue": "label-errors"})


def _draw_page(project: Project, run: Run, ids: Sequence[int]) -> None:
    suspects = suspects_of(project, ids)
    shown = Shown(
        {label.label_id: label.name for label in list_labels(project)},
        label_fixes.labels_of(project, ids),
        Rules.of(project),
    )
    images = {image.image_id: image for image in get_images(project, ids)}
    kept = st.session_state.setdefault(f"{ORDER_KEY}_cards", {})
    cards = []
    for image_id in ids:
        # What was settled is suspected no more: its card stays as it was.
        fix = label_fixes.fix_of(project.name, image_id)
        if image_id in suspects and (fix is None or image_id not in kept):
            kept[image_id] = suspects[image_id]
        if image_id in images and image_id in kept:
            cards.append(_card(project, images[image_id], kept[image_id], shown))
    judge_cards(
        cards,
        key=CARDS_KEY,
        label="Pictures whose labels the search doubts",
        on_act=partial(_act, project.name, {i: kept.get(i, []) for i in ids}),
    )
    asked = st.session_state.pop(WHY_KEY, None)
    if asked in images and asked in kept:
        why_dialog(
            project.name, run.run_id, images[asked], _asked(kept[asked], shown.names)
        )


def _asked(suspects: Sequence[Suspect], names: Mapping[int, str]) -> Asked:
    return Asked(
        said=tuple(x.label_id for x in suspects if not x.value),
        labelled=tuple(x.label_id for x in suspects if x.value),
        names=names,
        probabilities={x.label_id: x.probability for x in suspects},
    )


def _card(
    project: Project, image: Image, suspects: Sequence[Suspect], shown: Shown
) -> JudgeCard:
    said = suspect_words(dict(shown.names), suspects)
    fix = label_fixes.fix_of(project.name, image.image_id)
    now = shown.now.get(image.image_id, frozenset())
    return JudgeCard(
        key=image.image_id,
        url=image_url(project.name, image.sha256),
        href=label_address(project, image),
        name=image.name,
        caption=said[:1].upper() + said[1:],
        detail=image.name,
        buttons=tuple(_buttons(suspects, now, shown, fix)),
        done=fix.words if fix else "",
    )


def _buttons(
    suspects: Sequence[Suspect], now: frozenset[int], shown: Shown, fix: Fix | None
) -> list[tuple[str, str]]:
    """What can still be done about a picture, each change by itself."""
    if fix and fix.is_kept:
        return []
    left = fix_offers.open_answers(answers_of_fix(suspects), now, shown.names)
    if fix and not left:
        return []
    offers = fix_offers.list_offers(left, now, shown.rules, shown.names)
    return fix_offers.add_keep(offers, is_mended=fix is not None)


def answers_of_fix(suspects: Sequence[Suspect]) -> dict[int, bool]:
    """Return the answers of a picture as the model reads it."""
    return {x.label_id: not x.value for x in suspects}


def _act(
    project_name: str,
    suspects: Mapping[int, Sequence[Suspect]],
    image_id: int,
    act: str,
) -> None:
    """Carry out a click, before the page is drawn again."""
    if act == UNDO:
        label_fixes.take_back(project_name, image_id)
    elif act == KEEP:
        label_fixes.keep(project_name, image_id)
    elif act == WHY:
        st.session_state[WHY_KEY] = image_id
    else:
        answers = fix_offers.read_answers(act, answers_of_fix(suspects[image_id]))
        label_fixes.mend(project_name, image_id, answers)
