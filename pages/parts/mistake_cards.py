"""Mistakes as cards: what was said, what is labelled, why, and a click that mends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from mlcore.mistakes import IN_VAIN, MISSED
from pages.parts import fix_offers, label_fixes
from pages.parts.fix_offers import NOTHING, Rules, join_names
from pages.parts.gallery import image_url
from pages.parts.judge_cards import KEEP, UNDO, WHY, JudgeCard, judge_cards
from pages.parts.text import counted, percent
from pages.parts.why_dialog import Asked, why_dialog
from storage.images import get_images
from storage.labels import list_labels
from storage.suspects import confirmed_cells

if TYPE_CHECKING:
    from mlcore.evaluation import HeldOut
    from mlcore.mistakes import Mistake
    from pages.parts.label_fixes import Fix
    from pages.parts.review_mistakes import Judged
    from storage.projects import Project
    from storage.records import Image, Run

# About what a pill on the smallest card holds.
BADGE_LETTERS = 30
CARDS_KEY = "review_mistakes"
WHY_KEY = "review_why_image"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the cards of one page are made of.

    `now` are the labels each picture has today, `names_now` all those there are.
    """

    images: Mapping[int, Image]
    now: Mapping[int, frozenset[int]]
    names: Mapping[int, str]
    shares: Mapping[int, Mapping[int, float]]
    settled: Collection[tuple[int, int, bool]] = ()
    names_now: Mapping[int, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)


def draw_cards(
    project: Project,
    run: Run,
    held_out: HeldOut,
    judged: Sequence[Judged],
    names: Mapping[int, str],
) -> None:
    """Draw a page of mistakes, and the explanation of the one that was asked for."""
    ids = [one.mistake.image_id for one in judged]
    shown = Shown(
        {image.image_id: image for image in get_images(project, ids)},
        label_fixes.labels_of(project, ids),
        names,
        _shares(held_out, ids),
        confirmed_cells(project),
        {label.label_id: label.name for label in list_labels(project)},
        Rules.of(project),
    )
    there = [one for one in judged if one.mistake.image_id in shown.images]
    mistakes = {one.mistake.image_id: one.mistake for one in there}
    judge_cards(
        [_card(project, one, shown) for one in there],
        key=CARDS_KEY,
        label="Wrong and unsure pictures",
        on_act=partial(_act, project.name, mistakes),
    )
    gone = len(judged) - len(there)
    if gone:
        st.caption(f"{counted(gone, 'picture')} of these went from the project since.")
    asked = st.session_state.pop(WHY_KEY, None)
    if asked in mistakes:
        one = mistakes[asked]
        why_dialog(
            project.name,
            run.run_id,
            shown.images[asked],
            Asked(one.said, one.labelled, names, shown.shares[asked]),
        )


def _act(
    project_name: str,
    mistakes: Mapping[int, Mistake],
    image_id: int,
    act: str,
) -> None:
    """Carry out a click, before the page is drawn again."""
    if act == WHY:
        st.session_state[WHY_KEY] = image_id
    elif act == UNDO:
        label_fixes.take_back(project_name, image_id)
    elif act == KEEP:
        faulty = [label_id for label_id, _ in mistakes[image_id].faults]
        label_fixes.keep(project_name, image_id, faulty)
    elif answers := fix_offers.read_answers(act, answers_of_fix(mistakes[image_id])):
        label_fixes.mend(project_name, image_id, answers)


def answers_of_fix(mistake: Mistake) -> dict[int, bool]:
    """Return what a picture is to be labelled when the run is right about it."""
    return {label_id: kind == IN_VAIN for label_id, kind in mistake.faults}


def _card(project: Project, judged: Judged, shown: Shown) -> JudgeCard:
    one = judged.mistake
    image = shown.images[one.image_id]
    first, *others = judged.causes
    fix = label_fixes.fix_of(project.name, one.image_id)
    return JudgeCard(
        key=one.image_id,
        url=image_url(project.name, image.sha256),
        href=label_address(project, image),
        name=image.name,
        badge=_badge(one, shown.names),
        caption=f"Said: {_with_shares(one, shown)}",
        detail=f"Labelled: {join_names(one.labelled, shown.names)}",
        reason=first.sentence,
        more=_more(one, shown, [cause.sentence for cause in others]),
        buttons=tuple(_buttons(one, shown, fix)),
        done=fix.words if fix else "",
    )


def _buttons(one: Mistake, shown: Shown, fix: Fix | None) -> list[tuple[str, str]]:
    """What can still be done about a picture, each change by itself."""
    now = shown.now.get(one.image_id, frozenset())
    left = fix_offers.open_answers(answers_of_fix(one), now, shown.names_now)
    if not left or (fix and fix.is_kept):
        return []
    offers = fix_offers.list_offers(left, now, shown.rules, shown.names_now)
    if _is_settled(one, shown):
        return offers
    return fix_offers.add_keep(offers, is_mended=fix is not None)


def _with_shares(mistake: Mistake, shown: Shown) -> str:
    """What was said, each label with its probability."""
    shares = shown.shares[mistake.image_id]
    words = [f"{shown.names[i]} {percent(shares[i])}" for i in mistake.said]
    return " + ".join(words) or NOTHING


def _more(mistake: Mistake, shown: Shown, others: Sequence[str]) -> str:
    """The other causes, and what it is labelled by now where that differs."""
    now = shown.now.get(mistake.image_id, frozenset()) & set(shown.names)
    changed = ""
    if now != set(mistake.labelled):
        changed = f"Labelled {join_names(sorted(now), shown.names)} by now."
    kept = "Called right as labelled." if _is_settled(mistake, shown) else ""
    return " ".join(filter(None, [changed, kept, *others]))


def _is_settled(mistake: Mistake, shown: Shown) -> bool:
    """Whether a person called right all that the run takes for wrong."""
    cells = {(mistake.image_id, i, kind == MISSED) for i, kind in mistake.faults}
    return bool(cells) and all(cell in shown.settled for cell in cells)


def _badge(mistake: Mistake, names: Mapping[int, str]) -> str:
    """Name what is wrong, as long as it fits on the picture."""
    if not mistake.is_wrong:
        return "unsure"
    named = ", ".join(
        f"{names[label_id]} {'missed' if kind == MISSED else 'wrong'}"
        for label_id, kind in mistake.faults
    )
    count = len(mistake.faults)
    return named if count == 1 or len(named) <= BADGE_LETTERS else f"{count} errors"


def _shares(held_out: HeldOut, ids: Collection[int]) -> dict[int, dict[int, float]]:
    wanted = set(ids)
    columns = [label.label_id for label in held_out.labels]
    return {
        int(image_id): dict(zip(columns, map(float, row), strict=True))
        for image_id, row in zip(
            held_out.image_ids, held_out.probabilities, strict=True
        )
        if int(image_id) in wanted
    }


def label_address(project: Project, image: Image) -> str:
    """Return where Label shows this picture: by its name, however it is labelled."""
    query = {
        "project": project.name,
        "view": "one",
        "state": "all",
        "q": image.name,
    }
    return f"/label?{urlencode(query)}"
